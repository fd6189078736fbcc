"""Who counts as churned where nobody says goodbye: by days without a purchase, and by P(alive), side by side.

Here are the thresholds, chosen on the days that were held out, and how often they were wrong there. The models must
stay out, and flags of single customers: they are made of `purchase_scores`.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.metrics.intervals import Counts, Floats, Interval
from pipelines.metrics.metric_row import ALL, Estimate, Metric, counts, metric_rows, share_estimate
from pipelines.metrics.purchases.backtest import NOT_CONVERGED, require_holdout
from pipelines.metrics.purchases.customer_models import (
    CALIBRATION,
    PURCHASE_MODELS,
    chosen_of,
    fitted_parameters,
    histories_of,
)
from pipelines.settings import Definitions

NO_THRESHOLD = "no_threshold"
INACTIVITY, PROBABILITY_ALIVE = "inactivity", "probability_alive"
METHODS = dict.fromkeys(("churn_inactivity_days", "churn_probability_alive_cutoff"), "chosen_on_holdout")


@dataclass(frozen=True)
class Cut:
    """Customers with a signal above the threshold are flagged; of them `false_count` bought in the holdout."""

    threshold: float
    flagged_count: int
    false_count: int


class Cuts(NamedTuple):
    """One per rule; None where the holdout tells of no threshold."""

    inactivity: Cut | None
    probability_alive: Cut | None


def best_cut(signal: Floats, customer_count: Counts, buyer_count: Counts) -> Cut | None:
    """The threshold on one of the signal's values that tells buyers of the holdout from others best.

    Best is Youden's J: share of those who did not buy that is flagged, less share of buyers that is. Of equals the one
    that flags fewest. None where nobody or everybody bought, or no threshold does better than chance.
    Source: Youden 1950, Cancer 3, 32-35.
    """
    values, codes = np.unique(signal, return_inverse=True)
    buyers = np.bincount(codes, weights=buyer_count, minlength=len(values))
    others = np.bincount(codes, weights=customer_count - buyer_count, minlength=len(values))
    if not (buyers.sum() and others.sum()):
        return None
    buyers_above, others_above = buyers.sum() - np.cumsum(buyers), others.sum() - np.cumsum(others)
    index = others_above / others.sum() - buyers_above / buyers.sum()
    best = len(values) - 1 - int(np.argmax(index[::-1]))
    if not index[best] > 0:
        return None
    return Cut(float(values[best]), int(buyers_above[best] + others_above[best]), int(buyers_above[best]))


def cuts(models: pd.DataFrame, holdout_purchases: pd.DataFrame) -> Cuts:
    """Both thresholds: of days since the last purchase, and of -P(alive) by the chosen model."""
    customers = counts(holdout_purchases, "customer_count")
    buyers = np.where(counts(holdout_purchases, "holdout_occasion_count") > 0, customers, 0)
    idle = idle_days(holdout_purchases).astype(float)
    by_days = best_cut(idle, customers, buyers)
    chosen, fitted = chosen_of(models), fitted_parameters(models)
    if chosen is None or (chosen, CALIBRATION) not in fitted:
        return Cuts(by_days, None)
    histories = histories_of(holdout_purchases)
    alive = PURCHASE_MODELS[chosen].probability_alive(fitted[chosen, CALIBRATION], histories)
    return Cuts(by_days, best_cut(-alive, customers, buyers))


def idle_days(histories: pd.DataFrame) -> Counts:
    """Days from the last purchase to the end of the history."""
    return counts(histories, "age_days") - counts(histories, "recency_days")


def churn(
    models: pd.DataFrame,
    purchase_scores: pd.DataFrame,
    holdout_purchases: pd.DataFrame,
    history_start: date,
    as_of_date: date,
    definitions: Definitions,
) -> pd.DataFrame:
    """Thresholds of churn, how many customers they flag, and how many of those flagged came back.

    Meaning: from when on a customer who has not said goodbye should be taken as gone, and how wrong that is.
    Formula: `churn_inactivity_days`: flagged is who has not bought for more days; `churn_probability_alive_cutoff`:
        flagged is whose P(alive) by the chosen model is lower. Both are chosen on the holdout, at its beginning, by
        Youden's J (`best_cut`), the second at the parameters fitted without it. `false_churn_rate`: of those
        flagged then, the share that bought in the holdout. `churned_customer_share`: share flagged as of the run.
        Shares with Wilson's interval; thresholds without one.
    Input: rows of `clv_models` and of `purchase_scores`; `marts.holdout_purchases`, one row per history and numbers
        of purchases.
    Output: tidy metric rows of grain all; `item` is the rule, inactivity or probability_alive. n is customers of the
        calibration; of false_churn_rate those flagged; of churned_customer_share all customers with a purchase.
        Null: `no_threshold` where the holdout tells of none, `not_converged` where no model does.
    Left out: who first bought in the holdout, of all but churned_customer_share.
    Known drawbacks: the rate is that of the days on which the threshold was chosen, so it flatters a little, and that
        of a holdout: given more time, more of those flagged come back. Youden's J weighs both errors by
        their shares, whatever either costs.
    Raises: ValueError for a missing column, a count that is none, a repeated key.
    Source: catalogue 3.11.
    """
    require_holdout(holdout_purchases)
    found, chosen = cuts(models, holdout_purchases), chosen_of(models)
    cells = pd.DataFrame({"item": [INACTIVITY, PROBABILITY_ALIVE], "period_grain": ALL})
    cells = cells.assign(period_start_date=pd.Timestamp(history_start))
    reasons = np.array([None if cut else NO_THRESHOLD for cut in found], dtype=object)
    if (chosen, CALIBRATION) not in fitted_parameters(models):
        reasons[1] = NOT_CONVERGED
    customers = counts(holdout_purchases, "customer_count").sum()
    by_days, by_model = cells[:1], cells[1:]
    rows = (
        ("churn_inactivity_days", "days", by_days, _threshold(found[0], 1, customers, reasons[:1])),
        (
            "churn_probability_alive_cutoff",
            "share",
            by_model,
            _threshold(found[1], -1, customers, reasons[1:]),
        ),
        ("false_churn_rate", "share", cells, _false_churn(found, reasons, definitions)),
        ("churned_customer_share", "share", cells, _flagged(purchase_scores, reasons, definitions)),
    )
    definition = f"holdout={definitions.holdout_days}_days;rule=youden;model={chosen or 'none'}"
    frames = []
    for name, unit, part, estimate in rows:
        metric = Metric(name, unit, definition, METHODS.get(name, "wilson"))
        frames.append(metric_rows(part, metric, estimate, as_of_date, definitions))
    return pd.concat(frames, ignore_index=True)


Reasons = npt.NDArray[np.object_]


def _threshold(cut: Cut | None, sign: int, customers: int, reasons: Reasons) -> Estimate:
    unknown = np.full(1, np.nan)
    value = unknown if cut is None else np.array([sign * cut.threshold])
    return Estimate(value, unknown, Interval(unknown, unknown), np.array([customers]), unknown, reasons)


def _false_churn(found: Cuts, reasons: Reasons, definitions: Definitions) -> Estimate:
    flagged = np.array([cut.flagged_count if cut else 0 for cut in found], dtype=np.int64)
    wrongly = np.array([cut.false_count if cut else 0 for cut in found], dtype=np.int64)
    share = share_estimate(wrongly, flagged, definitions.ci_level)
    return Estimate(share.value, share.std_error, share.interval, flagged, share.n_effective, reasons)


def _flagged(purchase_scores: pd.DataFrame, reasons: Reasons, definitions: Definitions) -> Estimate:
    customers = counts(purchase_scores, "customer_count")
    flags = [
        purchase_scores[name].astype("boolean").fillna(value=False).to_numpy(dtype=bool)
        for name in ("is_churned_by_inactivity", "is_churned_by_model")
    ]
    flagged = np.array([int(customers[flag].sum()) for flag in flags], dtype=np.int64)
    total = np.full(2, int(customers.sum()), dtype=np.int64)
    share = share_estimate(flagged, total, definitions.ci_level)
    return Estimate(share.value, share.std_error, share.interval, total, share.n_effective, reasons)
