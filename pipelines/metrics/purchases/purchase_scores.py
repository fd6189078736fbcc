"""What the chosen purchase model says of each distinct history, and whether its customers count as churned.

Here are scores per history; they are joined back to customers in `customer_scores.sql`. Money must stay out: it differs
between customers of one history.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.metrics.inputs import require_columns, require_counts, require_unique
from pipelines.metrics.intervals import Floats
from pipelines.metrics.marts import HISTORY_KEY, HOLDOUT_PURCHASES, PURCHASE_HISTORIES
from pipelines.metrics.purchase_models.histories import Histories
from pipelines.metrics.purchase_models.model import Parameters
from pipelines.metrics.purchases.churn_flags import Cut, cuts, idle_days
from pipelines.metrics.purchases.customer_models import (
    FULL,
    PURCHASE_MODELS,
    PurchaseModel,
    chosen_of,
    fitted_parameters,
    histories_of,
)
from pipelines.metrics.value_tables import PURCHASE_SCORES
from pipelines.settings import Definitions

HORIZON_DAYS = 365
# A whole year, so that no season is in it twice or not at all.

DISCOUNT_STEPS = 4
# Purchases of a quarter are discounted from its middle: against day by day that errs by 2 in 100,000 at 10 %.


def purchase_scores(
    models: pd.DataFrame,
    purchase_histories: pd.DataFrame,
    holdout_purchases: pd.DataFrame,
    definitions: Definitions,
) -> pd.DataFrame:
    """P(alive), expected purchases of the next year and flags of churn, per distinct history.

    Meaning: what a customer with such purchases so far will do next.
    Formula: P(alive) and E[Y(365)] of the chosen model at its parameters as of the run; discounted: the purchases of
        each quarter of the year times (1 + d)^-(years to its middle), d = `discount_rate`. Flags: more days without a
        purchase than the threshold, P(alive) below the cut-off (`churn_flags.cuts`).
    Input: rows of `clv_models`; `marts.purchase_histories` and `marts.holdout_purchases`, one row per history.
    Output: rows of `purchase_scores`, one per history of fit full. Without a chosen model its columns are null,
        without a threshold its flag is.
    Left out: nothing.
    Known drawbacks: those of the model; the expectation is that of the model alone, its error is not in it.
    Raises: ValueError for a missing column, a count that is none, a repeated key.
    Source: catalogue 3.11 and 3.13.
    """
    require_columns(purchase_histories, PURCHASE_HISTORIES.source, PURCHASE_HISTORIES.columns)
    require_unique(purchase_histories, PURCHASE_HISTORIES.source, PURCHASE_HISTORIES.key)
    require_counts(purchase_histories, PURCHASE_HISTORIES.source, PURCHASE_HISTORIES.columns[1:])
    require_columns(holdout_purchases, HOLDOUT_PURCHASES.source, HOLDOUT_PURCHASES.columns)
    rows = purchase_histories.loc[purchase_histories["fit"] == FULL, [*HISTORY_KEY, "customer_count"]]
    chosen, unknown = chosen_of(models), np.full(len(rows), np.nan)
    alive, orders, discounted = unknown, unknown, unknown
    if chosen is not None:
        model, parameters = PURCHASE_MODELS[chosen], fitted_parameters(models)[chosen, FULL]
        histories = histories_of(rows)
        alive = model.probability_alive(parameters, histories)
        orders, discounted = expected_orders(model, parameters, histories, definitions.discount_rate)
    found = cuts(models, holdout_purchases)
    return rows.assign(
        model=pd.Series(chosen, index=rows.index, dtype=object),
        probability_alive=alive,
        expected_orders_365=orders,
        discounted_orders_365=discounted,
        is_churned_by_inactivity=_flags(idle_days(rows).astype(float), found.inactivity),
        is_churned_by_model=_flags(-alive, found.probability_alive),
    )[list(PURCHASE_SCORES.column_names)].reset_index(drop=True)


def expected_orders(
    model: PurchaseModel, parameters: Parameters, histories: Histories, discount_rate: float
) -> tuple[Floats, Floats]:
    """Purchases of the next year, as they are and discounted."""
    sooner, discounted = np.zeros(len(histories.frequency)), np.zeros(len(histories.frequency))
    for step in range(1, DISCOUNT_STEPS + 1):
        by_then = model.expected_purchases(parameters, histories, HORIZON_DAYS * step / DISCOUNT_STEPS)
        discounted += (by_then - sooner) * (1 + discount_rate) ** (-(step - 0.5) / DISCOUNT_STEPS)
        sooner = by_then
    return sooner, discounted


def _flags(signal: Floats, cut: Cut | None) -> npt.NDArray[np.object_]:
    """Whether the signal lies above the threshold; None for everybody without one."""
    if cut is None:
        return np.full(len(signal), None, dtype=object)
    return (signal > cut.threshold).astype(object)
