"""One purchase model over all customers: to distinct histories, fit, predictions for each customer.

What must stay out: drawing the customers, and what it is compared with (`purchase_models.py`).
"""

import json
import sys
import time

import numpy as np

from pipelines.metrics.purchase_models import bg_nbd, mbg_nbd, pareto_nbd
from pipelines.metrics.purchase_models.fitting import fit
from pipelines.metrics.purchase_models.histories import Histories

MODELS = {model.NAME: model for model in (bg_nbd, mbg_nbd, pareto_nbd)}
HORIZON_DAYS = 7 * 52

if __name__ == "__main__":
    model, file, customers = MODELS[sys.argv[1]], sys.argv[2], int(sys.argv[3])
    rows = np.load(file)
    frequency, recency, age = (
        rows[name][:customers].astype(np.int64) for name in ("frequency", "recency", "age")
    )
    began, began_cpu = time.perf_counter(), time.process_time()
    days = age.max() + 1
    keys, codes, counts = np.unique(
        (frequency * days + recency) * days + age, return_inverse=True, return_counts=True
    )
    histories = Histories(keys // days**2, keys // days % days, keys % days, counts)
    found = fit(model, histories)
    alive = model.probability_alive(found.parameters, histories)[codes]
    expected = model.expected_purchases(found.parameters, histories, HORIZON_DAYS)[codes]
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - began_cpu
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu_seconds": cpu_seconds,
                "log_likelihood": found.log_likelihood,
                "is_converged": found.is_converged,
                "histories": len(keys),
                "alive": float(alive.mean()),
                "expected": float(expected.mean()),
            }
        )
    )
