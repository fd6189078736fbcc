"""Revenue retention and churn, and the bridge from a period's opening to its closing revenue.

Here is what is computed from exact sums over customers' revenue before and now, of subscriptions and of orders.
Numbers of customers must stay out (`retention`), and so must margins and what revenue will be.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.metrics.inputs import refuse, require_columns, require_counts, require_part, require_unique
from pipelines.metrics.intervals import Counts, Floats, influence_interval, wilson_interval_of_error
from pipelines.metrics.marts import REVENUE_BRIDGE_COUNTS, REVENUE_LINES
from pipelines.metrics.metric_row import (
    WINDOW_NOT_OBSERVED,
    Estimate,
    Metric,
    count_estimate,
    counts,
    metric_rows,
)
from pipelines.settings import Definitions

MONTHS_OF_GRAIN = {"month": 1, "quarter": 3, "year": 12}
IDENTITIES = {
    "closing": {
        "opening": 1, "new": 1, "reactivated": 1, "expansion": 1, "contraction": -1, "lost": -1, "given_back": -1,
    },
    "kept": {"opening": 1, "contraction": -1, "lost": -1},
}  # fmt: skip
CENT = 0.005
# Sums of cents are exact in the mart; as doubles they may differ in the last digit, by far less than this.


def revenue_retention(
    bridge_counts: pd.DataFrame, observed_from: date | None, as_of_date: date, definitions: Definitions
) -> pd.DataFrame:
    """Gross and net revenue retention, revenue churn and the bridge, per source of revenue, period and segment.

    Meaning: what became of the revenue of the customers who had any before; and from which customers the
        difference between opening and closing revenue comes.
    Formula: with b a customer's revenue before, e now, over customers with b > 0, B = sum b:
        `gross_revenue_retention_rate` = sum min(max(e, 0), b) / B; `net_revenue_retention_ratio` = sum e / B;
        `revenue_churn_rate` = sum of b where e <= 0, over B; `gross_revenue_churn_rate` = 1 - gross retention.
        Influences u = (e - m b) / B, SE^2 = C / (C - 1) sum u^2 over C customers, from sums of e^2, e b and b^2.
        The net ratio's interval is m -+ q SE, q of t(C - 1) below 50 customers, else normal; those of the shares
        are Wilson's with the n that gives SE. Bridge: `revenue_closing` = opening + new + reactivated + expansion
        - contraction - lost - given_back; SE^2 of a line over n customers = n / (n - 1) (sum x^2 - (sum x)^2 / n).
    Input: `marts.revenue_bridge_counts`: revenue_source (subscriptions: monthly amount at the end of the period
        before and of this one; orders: net amount of the period before and of this one), the cell's key,
        currency, customer_count, opening_customer_count (C), and per line its sum and sum of squares; one row per
        source, complete month, quarter or year, segment and currency. `observed_from`, the day of the first
        purchase on record, None without any.
    Output: tidy metric rows, 13 per cell, item names the source; n is C for retention and churn, customer_count
        for the bridge; n_effective n - 1. Of orders null with `window_not_observed` where the period before
        begins before `observed_from`.
    Left out: of the rates customers without revenue above 0 before, counted in `customers_without_revenue_before`.
        Orders of guests, amounts in a currency without a rate, subscriptions without an amount.
    Known drawbacks: of orders this is no recurring revenue: who buys every other period is lost and reactivated
        again and again, so the rates of short periods are low. Subscriptions are valued at the run's rate of
        exchange throughout. A line may rest on few of its n customers.
    Raises: ValueError for a missing column, a count that is none, lines that do not add up, a repeated key.
    Source: catalogue 3.7, with the influences of section 2.
    """
    _require_bridges(bridge_counts)
    cells = bridge_counts.sort_values(list(REVENUE_BRIDGE_COUNTS.key), ignore_index=True)
    cells = cells.assign(item=cells["revenue_source"])
    reasons = _undefined_reasons(cells, observed_from)
    shares = cells.drop(columns="currency")
    customers = counts(cells, "customer_count")
    without_before = count_estimate(customers - counts(cells, "opening_customer_count"), customers)
    rows = [
        *(
            (shares, Metric(name, unit, "before=above_0", method), estimate)
            for name, unit, method, estimate in _rates(cells, definitions.ci_level)
        ),
        *(
            (cells, Metric(f"revenue_{line}", "currency", "net_amount", "influence"), estimate)
            for line in REVENUE_LINES
            for estimate in [_total(cells, line, customers, definitions.ci_level)]
        ),
        (
            shares,
            Metric("customers_without_revenue_before", "count", "before=above_0", "counted"),
            without_before,
        ),
    ]
    return pd.concat(
        [
            metric_rows(part, metric, replace(estimate, undefined_reason=reasons), as_of_date, definitions)
            for part, metric, estimate in rows
        ],
        ignore_index=True,
    )


def _rates(cells: pd.DataFrame, ci_level: float) -> list[tuple[str, str, str, Estimate]]:
    """Name, unit, method and estimate of each figure of the customers with revenue before."""
    number = {name: cells[name].to_numpy(dtype=np.float64) for name in REVENUE_BRIDGE_COUNTS.figures}
    customers = counts(cells, "opening_customer_count")
    base = np.where(number["opening_sum"] > 0, number["opening_sum"], np.nan)
    squares = number["opening_square_sum"]
    least_error_n = base**2 / np.where(squares > 0, squares, np.nan)

    def ratio(part: str, product_sum: Floats) -> tuple[Floats, Floats]:
        value = number[f"{part}_sum"] / base
        square_sum = number[f"{part}_square_sum"] - 2 * value * product_sum + value**2 * squares
        correction = np.where(customers > 1, customers / np.maximum(customers - 1, 1), np.nan)
        return value, np.sqrt(correction * np.maximum(0.0, square_sum)) / base

    def share(value: Floats, std_error: Floats) -> Estimate:
        interval = wilson_interval_of_error(value, std_error, least_error_n, customers, ci_level)
        return Estimate(value, std_error, interval, customers, _freedom(customers))

    kept, kept_error = ratio("kept", number["kept_opening_product_sum"])
    # Who is lost is lost with all of the revenue before: lost times before is lost squared.
    lost, lost_error = ratio("lost", number["lost_square_sum"])
    net, net_error = ratio("returned", number["returned_opening_product_sum"])
    net_interval = influence_interval(net, net_error, customers, ci_level)
    return [
        ("gross_revenue_retention_rate", "share", "influence_wilson", share(kept, kept_error)),
        ("gross_revenue_churn_rate", "share", "influence_wilson", share(1 - kept, kept_error)),
        ("revenue_churn_rate", "share", "influence_wilson", share(lost, lost_error)),
        (
            "net_revenue_retention_ratio",
            "mean",
            "influence",
            Estimate(net, net_error, net_interval, customers, _freedom(customers)),
        ),
    ]


def _total(cells: pd.DataFrame, line: str, customers: Counts, ci_level: float) -> Estimate:
    """A line of the bridge: a sum over customers, each with a part of it that may be 0."""
    total = cells[f"{line}_sum"].to_numpy(dtype=np.float64)
    squares = cells[f"{line}_square_sum"].to_numpy(dtype=np.float64)
    freedom = _freedom(customers)
    variance = np.maximum(0.0, squares - total**2 / np.maximum(customers, 1)) * customers / freedom
    std_error = np.sqrt(variance)
    interval = influence_interval(total, std_error, customers, ci_level)
    return Estimate(total, std_error, interval, customers, freedom)


def _freedom(customers: Counts) -> Floats:
    return np.where(customers > 1, customers - 1.0, np.nan)


def _undefined_reasons(cells: pd.DataFrame, observed_from: date | None) -> npt.NDArray[np.object_]:
    """Why a period of orders has no figures: the one before is not, or not wholly, on record."""
    reasons = np.full(len(cells), None, dtype=object)
    if observed_from is not None:
        starts = pd.to_datetime(cells["period_start_date"])
        before = starts
        for grain, months in MONTHS_OF_GRAIN.items():
            before = before.mask(cells["period_grain"] == grain, starts - pd.DateOffset(months=months))
        is_early = (before < pd.Timestamp(observed_from)) & (cells["revenue_source"] == "orders")
        reasons[is_early.to_numpy()] = WINDOW_NOT_OBSERVED
    return reasons


def _require_bridges(bridge_counts: pd.DataFrame) -> None:
    source = REVENUE_BRIDGE_COUNTS.source
    require_columns(bridge_counts, source, REVENUE_BRIDGE_COUNTS.columns)
    require_counts(bridge_counts, source, ("customer_count", "opening_customer_count"))
    require_part(bridge_counts, source, "opening_customer_count", "customer_count")
    require_unique(bridge_counts, source, REVENUE_BRIDGE_COUNTS.key)
    for whole, parts in IDENTITIES.items():
        expected = sum(sign * bridge_counts[f"{part}_sum"] for part, sign in parts.items())
        differs = (bridge_counts[f"{whole}_sum"] - expected).abs() > CENT
        refuse(bridge_counts, differs, source, f"have a {whole}_sum that is not what its lines come to")
