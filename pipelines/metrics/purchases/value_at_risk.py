"""What unhappy customers are worth, and what one point of retention would be.

Here are sums over customers by their class in the relationship survey. Classes, revenue and residual value of single
customers must stay out: they stand in `customers`.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.metrics.inputs import require_columns, require_counts, require_unique
from pipelines.metrics.intervals import Counts, Floats, influence_interval, wilson_interval_of_error
from pipelines.metrics.metric_row import (
    ALL,
    BELOW_MIN_DISCLOSED_N,
    METRIC_COLUMNS,
    Estimate,
    Metric,
    counts,
    metric_rows,
    share_estimate,
)
from pipelines.metrics.purchases.backtest import NOT_CONVERGED
from pipelines.metrics.purchases.repeat_purchase import REVENUE_NOT_POSITIVE
from pipelines.settings import Definitions

AT_RISK, OTHER, UNCLASSIFIED = "at_risk", "other", "unclassified"
STANDINGS = (AT_RISK, OTHER, UNCLASSIFIED)
FIGURES = (
    "customer_count",
    "valued_count",
    "revenue_sum",
    "revenue_square_sum",
    "residual_sum",
    "residual_square_sum",
)
ACTIVE_FIGURES = (
    "customer_count",
    "valued_count",
    "alive_sum",
    "alive_square_sum",
    "residual_sum",
    "residual_square_sum",
    "residual_alive_sum",
)
SOURCE, ACTIVE_SOURCE = "metrics.customer_scores by class", "metrics.customer_scores of active customers"
POINT = 0.01
# One percentage point.


class Context(NamedTuple):
    """What all rows of a run have in common."""

    survey: str
    currency: str
    history_start: date
    as_of_date: date


def value_at_risk(
    class_values: pd.DataFrame, active_values: pd.DataFrame, context: Context, definitions: Definitions
) -> pd.DataFrame:
    """Revenue and residual value of customers who say that they are unhappy, and of one point of retention.

    Meaning: how much money stands behind bad answers, how much of the base has answered, and what it would bring
        to keep one active customer in a hundred more.
    Formula: at risk are detractors (`item` nps), vulnerable and at-risk customers (sci), or either, each customer once
        (nps_or_sci). `value_at_risk_revenue`: sum of their net revenue of the last 365 days;
        `value_at_risk_residual_value`: of their expected_revenue_365; `..._upper_bound`: the same, were all who
        are not classified at risk too; were none, it is the value itself. `classified_customer_share` and
        `classified_revenue_share`: classified over all. `what_if_retention_point_revenue` = 0.01 S R / A: of the S
        active customers one in a hundred more stays, each worth what an active customer is who is alive, R the sum of
        their residual values and A of their P(alive). Squared errors of sums over C customers: C/(C - 1)
        (sum y^2 - (sum y)^2 / C); of the ratio by its influences 0.01 S (R_c - R/A P_c) / A.
    Input: `class_values`: item, standing (at_risk, other, unclassified), customer_count, valued_count (with a residual
        value), sums and sums of squares of revenue and residual value; one row per item and standing that occurs.
        `active_values`: customer_count, valued_count and the sums of alive and residual; one row.
    Output: tidy metric rows of grain all. n: classified customers; of bounds and shares all customers with a purchase;
        of the last active customers. Null: fewer than `min_disclosed_n` at risk (`below_min_disclosed_n`), no
        residual value (`not_converged`), revenue not above 0 (`revenue_not_positive`).
    Left out: customers without a purchase; revenue of guests.
    Known drawbacks: nobody says that the unhappy leave, or that they would otherwise stay: it is what stands
        behind them, not what will be lost. Those who answer are not like the others. What-if takes the customers kept
        as like the others, and says nothing of what keeping them costs. The errors of the models' parameters are in no
        interval.
    Raises: ValueError for a missing column, a count that is none, a repeated key, an unknown standing.
    Source: catalogue 3.21 and 3.13.
    """
    require_columns(class_values, SOURCE, ("item", "standing", *FIGURES))
    require_counts(class_values, SOURCE, ("customer_count", "valued_count"))
    require_unique(class_values, SOURCE, ("item", "standing"))
    require_columns(active_values, ACTIVE_SOURCE, ACTIVE_FIGURES)
    require_counts(active_values, ACTIVE_SOURCE, ("customer_count", "valued_count"))
    unknown = set(class_values["standing"]) - set(STANDINGS)
    if unknown:
        raise ValueError(f"{SOURCE} has the standings {sorted(unknown)}; allowed: {', '.join(STANDINGS)}")
    rows = [*_class_rows(class_values, context, definitions), _what_if(active_values, context, definitions)]
    return pd.concat(rows, ignore_index=True)[METRIC_COLUMNS]


def _class_rows(class_values: pd.DataFrame, context: Context, definitions: Definitions) -> list[pd.DataFrame]:
    if class_values.empty:
        return []
    part = {
        standing: class_values.loc[class_values["standing"] == standing]
        .set_index("item")[list(FIGURES)]
        .astype(float)
        for standing in STANDINGS
    }
    items = sorted(set(class_values["item"]))
    risk, other, unknown = (part[standing].reindex(items, fill_value=0.0) for standing in STANDINGS)
    classified, every = risk + other, risk + other + unknown
    few = counts(risk, "customer_count")
    is_told = (few == 0) | (few >= definitions.min_disclosed_n)
    cells = _cells(context, item=items)
    money = cells.assign(currency=context.currency)
    rows = []
    for name, what in (("revenue", "revenue"), ("residual_value", "residual")):
        for suffix, at_risk, base in (("", risk, classified), ("_upper_bound", risk + unknown, every)):
            reasons = np.full(len(items), None, dtype=object)
            reasons[~is_told] = BELOW_MIN_DISCLOSED_N
            if what == "residual":
                has_all = (at_risk["valued_count"] == at_risk["customer_count"]).to_numpy()
                reasons[~has_all] = NOT_CONVERGED
            estimate = _total(at_risk, what, counts(base, "customer_count"), definitions.ci_level, reasons)
            metric = Metric(
                f"value_at_risk_{name}{suffix}", "currency", _definition(what, definitions), "influence"
            )
            rows.append(metric_rows(money, metric, estimate, context.as_of_date, definitions))
    share = share_estimate(
        counts(classified, "customer_count"), counts(every, "customer_count"), definitions.ci_level
    )
    of_customers = Metric("classified_customer_share", "share", "base=purchased", "wilson")
    rows.append(metric_rows(cells, of_customers, share, context.as_of_date, definitions))
    of_revenue = Metric(
        "classified_revenue_share", "share", _definition("revenue", definitions), "influence_wilson"
    )
    covered = _revenue_share(classified, every, definitions.ci_level)
    rows.append(metric_rows(cells, of_revenue, covered, context.as_of_date, definitions))
    return rows


def _definition(what: str, definitions: Definitions) -> str:
    if what == "revenue":
        return "net_amount;window=365_days"
    return f"residual_value;horizon=365_days;discount={definitions.discount_rate:g}"


def _cells(context: Context, item: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "survey": context.survey,
            "item": item,
            "period_grain": ALL,
            "period_start_date": pd.Timestamp(context.history_start),
        }
    )


def _freedom(customers: Counts) -> Floats:
    return np.where(customers > 1, customers - 1.0, np.nan)


def _total(
    part: pd.DataFrame, what: str, customers: Counts, ci_level: float, reasons: npt.NDArray[np.object_]
) -> Estimate:
    """A sum over customers of whom only those of the part bring anything."""
    total, squares = part[f"{what}_sum"].to_numpy(), part[f"{what}_square_sum"].to_numpy()
    freedom = _freedom(customers)
    spread = np.maximum(0.0, squares - total**2 / np.maximum(customers, 1))
    std_error = np.sqrt(spread * customers / freedom)
    interval = influence_interval(total, std_error, customers, ci_level)
    return Estimate(total, std_error, interval, customers, freedom, reasons)


def _revenue_share(classified: pd.DataFrame, every: pd.DataFrame, ci_level: float) -> Estimate:
    """Revenue of classified customers over that of all, with influences (y 1{classified} - share y) / total."""
    total, part = every["revenue_sum"].to_numpy(), classified["revenue_sum"].to_numpy()
    squares, part_squares = (
        every["revenue_square_sum"].to_numpy(),
        classified["revenue_square_sum"].to_numpy(),
    )
    customers = counts(every, "customer_count")
    is_share = (total > 0) & (part >= 0) & (part <= total)
    reasons = np.full(len(every), None, dtype=object)
    reasons[~is_share] = REVENUE_NOT_POSITIVE
    base = np.where(total > 0, total, np.nan)
    share = np.where(is_share, part / base, np.nan)
    spread = np.maximum(0.0, (1 - 2 * share) * part_squares + share**2 * squares)
    std_error = np.sqrt(spread * customers / _freedom(customers)) / base
    least_error_n = base**2 / np.where(squares > 0, squares, np.nan)
    interval = wilson_interval_of_error(share, std_error, least_error_n, customers, ci_level)
    return Estimate(share, std_error, interval, customers, _freedom(customers), reasons)


def _what_if(active_values: pd.DataFrame, context: Context, definitions: Definitions) -> pd.DataFrame:
    cells = _cells(context, item=[ALL]).assign(survey=ALL, currency=context.currency)
    customers, valued = counts(active_values, "customer_count"), counts(active_values, "valued_count")
    number = {name: active_values[name].to_numpy(dtype=np.float64) for name in ACTIVE_FIGURES}
    alive = np.where(number["alive_sum"] > 0, number["alive_sum"], np.nan)
    worth, scale = number["residual_sum"] / alive, POINT * customers
    squares = (
        number["residual_square_sum"]
        - 2 * worth * number["residual_alive_sum"]
        + worth**2 * number["alive_square_sum"]
    )
    freedom = _freedom(customers)
    std_error = scale / alive * np.sqrt(np.maximum(0.0, squares) * customers / freedom)
    has_value = (valued == customers) & ~np.isnan(alive)
    reasons = np.full(len(active_values), None, dtype=object)
    reasons[~has_value] = NOT_CONVERGED
    interval = influence_interval(scale * worth, std_error, customers, definitions.ci_level)
    estimate = Estimate(scale * worth, std_error, interval, customers, freedom, reasons)
    metric = Metric(
        "what_if_retention_point_revenue", "currency", _definition("residual", definitions), "delta"
    )
    return metric_rows(cells, metric, estimate, context.as_of_date, definitions)
