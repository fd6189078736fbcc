"""What purchase models expected of the days that were held out, against what was bought.

Here are the backtest's figures. Fitting and choosing must stay out, and drawing.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipelines.metrics.inputs import require_columns, require_counts, require_unique
from pipelines.metrics.intervals import Floats, wilson_interval
from pipelines.metrics.marts import HOLDOUT_PURCHASES
from pipelines.metrics.metric_row import ALL, counts, suppression_reasons
from pipelines.metrics.purchases.customer_models import (
    CALIBRATION,
    LAST_BUCKET,
    PURCHASE_MODELS,
    bucket_numbers,
    fitted_parameters,
    histories_of,
)
from pipelines.metrics.value_tables import CLV_BACKTEST
from pipelines.settings import Definitions

NOT_CONVERGED = "not_converged"
FIGURES = (
    "expected_purchases",
    "actual_purchases",
    "bias",
    "mean_absolute_error",
    "probability_alive",
    "bought_share",
    "bought_ci_low",
    "bought_ci_high",
)


def clv_backtest(
    models: pd.DataFrame, holdout_purchases: pd.DataFrame, definitions: Definitions
) -> pd.DataFrame:
    """Expected and actual purchases of the holdout per model and number of purchases before it.

    Meaning: whether the models would have told what customers bought next, and better than counting.
    Formula: expected: sum of E[Y(holdout)] at the parameters fitted without it; bias = expected / actual - 1; mean
        absolute error over customers. naive_same_rate: x / T times the holdout's days, 0 for who has no days
        yet; naive_last_window: as many repeat purchases as in the last window of as many days.
        probability_alive: mean before the holdout, beside the share that bought in it, with Wilson's interval.
    Input: rows of `clv_models`; `marts.holdout_purchases`, one row per history and numbers of purchases.
    Output: rows of `clv_backtest`, one per model and frequency bucket, and one for all; no figures of a model that
        did not converge (`not_converged`) or of fewer than `min_disclosed_n` customers (`below_min_disclosed_n`).
    Left out: customers who first bought in the holdout.
    Known drawbacks: one holdout, so one season. Who is alive may buy nothing in it, so probability_alive is at or
        above the share that bought where the model is right; the wider apart, the shorter the holdout. A mean absolute
        error favours forecasts near the median, which is 0 for most customers.
    Raises: ValueError for a missing column, a count that is none, a repeated key.
    Source: catalogue 3.13, fit hygiene; Fader, Hardie & Lee 2005, Marketing Science 24(2), 275-284.
    """
    require_holdout(holdout_purchases)
    rows = pd.concat(
        [
            _buckets(holdout_purchases, expected, alive, definitions).assign(model=name)
            for name, expected, alive in _forecasts(models, holdout_purchases, definitions.holdout_days)
        ],
        ignore_index=True,
    )
    return rows.assign(fit=CALIBRATION, holdout_days=definitions.holdout_days, ci_level=definitions.ci_level)[
        list(CLV_BACKTEST.column_names)
    ]


def require_holdout(holdout_purchases: pd.DataFrame) -> None:
    """Refuse a mart of the holdout that does not keep its own rules."""
    require_columns(holdout_purchases, HOLDOUT_PURCHASES.source, HOLDOUT_PURCHASES.columns)
    require_counts(holdout_purchases, HOLDOUT_PURCHASES.source, HOLDOUT_PURCHASES.columns)
    require_unique(holdout_purchases, HOLDOUT_PURCHASES.source, HOLDOUT_PURCHASES.key)


def _forecasts(
    models: pd.DataFrame, holdout_purchases: pd.DataFrame, holdout_days: int
) -> Iterator[tuple[str, Floats, Floats]]:
    """Each model's and naive forecast's name, expected purchases and P(alive) per row."""
    fitted, histories = fitted_parameters(models), histories_of(holdout_purchases)
    unknown = np.full(len(holdout_purchases), np.nan)
    for name, model in PURCHASE_MODELS.items():
        parameters = fitted.get((name, CALIBRATION))
        if parameters is None:
            yield name, unknown, unknown
        else:
            expected = model.expected_purchases(parameters, histories, holdout_days)
            yield name, expected, model.probability_alive(parameters, histories)
    ages = np.where(histories.age > 0, histories.age, np.inf)
    yield "naive_same_rate", histories.frequency / ages * holdout_days, unknown
    yield "naive_last_window", counts(holdout_purchases, "window_occasion_count").astype(float), unknown


def _buckets(
    holdout_purchases: pd.DataFrame, expected: Floats, alive: Floats, definitions: Definitions
) -> pd.DataFrame:
    customers = counts(holdout_purchases, "customer_count")
    actual = counts(holdout_purchases, "holdout_occasion_count")
    sums = pd.DataFrame(
        {
            "customer_count": customers,
            "expected_purchases": customers * expected,
            "actual_purchases": customers * actual,
            "absolute_error": customers * np.abs(expected - actual),
            "alive": customers * alive,
            "bought": np.where(actual > 0, customers, 0),
        }
    )
    per_bucket = sums.groupby(bucket_numbers(holdout_purchases)).sum(min_count=1)
    names = [f"{LAST_BUCKET}+" if number == LAST_BUCKET else str(number) for number in per_bucket.index]
    whole = sums.sum(min_count=1).to_frame().T
    found = pd.concat([whole, per_bucket], ignore_index=True)
    found.insert(0, "frequency_bucket", [ALL, *names])
    return _told(found.fillna({"customer_count": 0, "actual_purchases": 0, "bought": 0}), definitions)


def _told(found: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """The buckets' figures, where there are enough customers and a forecast."""
    customers, bought = counts(found, "customer_count"), counts(found, "bought")
    interval = wilson_interval(bought, customers, definitions.ci_level)
    size = np.where(customers > 0, customers, np.nan)
    actual = found["actual_purchases"].to_numpy(dtype=float)
    reasons = suppression_reasons(customers, definitions)
    unknown = found["expected_purchases"].isna().to_numpy() & pd.isna(reasons)
    reasons[unknown] = NOT_CONVERGED
    rows = found.assign(
        customer_count=customers,
        bias=found["expected_purchases"] / np.where(actual > 0, actual, np.nan) - 1,
        mean_absolute_error=found["absolute_error"] / size,
        probability_alive=found["alive"] / size,
        bought_share=bought / size,
        bought_ci_low=interval.low,
        bought_ci_high=interval.high,
        suppression_reason=reasons,
    )
    rows.loc[pd.notna(reasons), list(FIGURES)] = np.nan
    return rows.drop(columns=["absolute_error", "alive", "bought"])
