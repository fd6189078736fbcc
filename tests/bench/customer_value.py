"""What the purchase models of a night cost: fits with and without the holdout, and a score for every history."""

import time

import numpy as np
import pandas as pd

from pipelines.metrics.purchase_models import gamma_gamma
from pipelines.metrics.purchases.customer_models import clv_models
from pipelines.metrics.purchases.purchase_scores import purchase_scores
from pipelines.settings import Definitions
from tests.simulated_customers import draw_purchases, draw_spends

CUSTOMERS = 1_000_000
DAYS, HOLDOUT = 1095, 180
PARAMETERS = {"r": 0.8, "alpha": 12.0, "a": 0.9, "b": 2.5}


def report_customer_value() -> str:
    """Seconds of the stage's functions on a million customers of three years."""
    random = np.random.default_rng(20251231)
    drawn = draw_purchases(
        "mbg_nbd", PARAMETERS, random.integers(HOLDOUT + 1, DAYS, CUSTOMERS).astype(float), random
    )
    frame = pd.DataFrame({"frequency": drawn.frequency, "recency_days": drawn.recency, "age_days": drawn.age})
    frame = frame.astype("int64").groupby(list(frame.columns), as_index=False).size()
    histories = frame.rename(columns={"size": "customer_count"})
    # The times between are not kept: who was seen before the holdout stands for the calibration.
    before = histories.loc[histories["recency_days"] <= histories["age_days"] - HOLDOUT]
    before = before.assign(age_days=before["age_days"] - HOLDOUT)
    both = pd.concat([histories.assign(fit="full"), before.assign(fit="calibration")], ignore_index=True)
    spends = draw_spends(
        dict(zip(gamma_gamma.PARAMETERS, (6.0, 4.0, 15.0), strict=True)), CUSTOMERS // 2, seed=1
    )
    spent = pd.DataFrame({"frequency": spends.frequency, "spend_sum": spends.frequency * spends.mean_spend})
    spent = spent.round(2).groupby(list(spent.columns), as_index=False).size()
    spent = spent.rename(columns={"size": "customer_count"})
    money = pd.concat([spent.assign(fit=fit) for fit in ("full", "calibration")], ignore_index=True)
    holdout = before.assign(window_occasion_count=0, holdout_occasion_count=0)
    began = time.perf_counter()
    models = clv_models(both, money, holdout, Definitions())
    fitted = time.perf_counter()
    scores = purchase_scores(models, both, holdout, Definitions())
    scored = time.perf_counter()
    ended = models.drop_duplicates(["model", "fit"])
    return (
        f"Purchase models of {CUSTOMERS:,} customers ({len(histories):,} distinct histories, {len(spent):,} of spend): "
        f"fits {fitted - began:.1f} s, scores of {len(scores):,} histories {scored - fitted:.1f} s; "
        f"{int(ended['is_converged'].sum())} of {len(ended)} fits converged."
    )
