"""The package lifetimes on one row per customer, in an environment of its own: the yardstick of `purchase_models.py`.

What must stay out: any import of the project.
"""

import json
import sys
import time
import warnings

import numpy as np
from lifetimes import BetaGeoFitter, ParetoNBDFitter

FITTERS = {"bg_nbd": BetaGeoFitter, "pareto_nbd": ParetoNBDFitter}
WEEK, HORIZON = 7, 52

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    model, file, customers = sys.argv[1], sys.argv[2], int(sys.argv[3])
    rows = np.load(file)
    frequency, recency, age = (rows[name][:customers] for name in ("frequency", "recency", "age"))
    began, began_cpu = time.perf_counter(), time.process_time()
    fitter = FITTERS[model]()
    fitter.fit(frequency, recency / WEEK, age / WEEK)
    alive = fitter.conditional_probability_alive(frequency, recency / WEEK, age / WEEK)
    expected = fitter.conditional_expected_number_of_purchases_up_to_time(
        HORIZON, frequency, recency / WEEK, age / WEEK
    )
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - began_cpu
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu_seconds": cpu_seconds,
                "parameters": {name: float(value) for name, value in fitter.params_.items()},
                "alive": float(np.mean(alive)),
                "expected": float(np.mean(expected)),
            }
        )
    )
