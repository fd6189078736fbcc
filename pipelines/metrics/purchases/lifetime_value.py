"""Simple customer lifetime revenue, with an interval from exact sums.

Here is the undiscounted revenue figure of simple arithmetic. Margins, discounting and purchase models must
stay out: they are other metrics with names of their own.
"""

from datetime import date

import numpy as np
import pandas as pd

from pipelines.metrics.inputs import (
    refuse,
    require_columns,
    require_counts,
    require_part,
    require_unique,
)
from pipelines.metrics.intervals import Floats, influence_interval
from pipelines.metrics.marts import VALUE_MOMENTS
from pipelines.metrics.metric_row import WINDOW_NOT_OBSERVED, Estimate, Metric, counts, metric_rows
from pipelines.settings import Definitions

WINDOW_DAYS = 365
# Counted over whole years, no season enters, and L / S is a loss per year.

CUSTOMER_COUNTS, NET_AMOUNT_SUMS = VALUE_MOMENTS.figures[:5], VALUE_MOMENTS.figures[5:]


MONTHS_OF_GRAIN = {"month": 1, "quarter": 3, "year": 12}


def lifetime_value(
    value_moments: pd.DataFrame, observed_from: date | None, as_of_date: date, definitions: Definitions
) -> pd.DataFrame:
    """Simple lifetime revenue of a customer per period end, segment and currency.

    Meaning: net revenue that a customer brings in a lifetime, if spending and losses go on as in the last
        year.
    Formula: `clv_simple_revenue` = average order value x orders per buyer and year x lifespan in years
        = (R / orders) (orders / A) (S / L) = R S / (A L), the number of orders cancelling out. R net revenue
        and A buyers of the trailing 365 days, S buyers of the 365 days before, L those of S who did not buy
        again. Interval by the delta method over C customers, with r, a, s, l one customer's parts of R, A, S,
        L: u = CLV (r/R + s/S - a/A - l/L), SE^2 = C/(C - 1) sum u^2, t(C - 1) below 50 customers, else
        normal. The sum follows from the mart's sums of products, since a, s, l are 0 or 1, sl = l and al = 0.
    Input: `marts.value_moments`: period_grain, period_start_date, segment_name, segment_value, currency,
        customer_count (C: customers with r other than 0, a or s), buyer_count (A), opening_count (S),
        retained_count (sum of as), lost_count (L), net_amount_sum (R), net_amount_square_sum,
        net_amount_buyer_sum (sum of ra), net_amount_opening_sum (rs), net_amount_lost_sum (rl); one row per
        complete period, segment and currency. `observed_from`, the day of the first purchase on record, None
        without any.
    Output: tidy metric rows, one per cell, unit currency; n is C; n_effective is C - 1, which is what the
        variance of u over the squared standard error comes to. Without losses the value is null
        (`no_churn_observed`), as it is without buyers (`no_buyers`) or opening customers
        (`no_opening_customers`), and where the two years before the period's end reach back before
        `observed_from` (`window_not_observed`).
    Left out: orders without a customer and orders in another currency than the company's.
    Known drawbacks: revenue, not profit, and not discounted. 1 / churn is a lifespan only if every customer
        is equally likely to leave every year; unlike customers make it too short. Revenue per buyer of a year
        with many new customers is too low, as they had less than the year. With few losses the figure is
        skewed and the symmetric interval too short at its upper end.
    Raises: ValueError for a missing column, a count that is none, retained and lost customers that do not add
        up to the opening ones, a repeated key.
    Source: catalogue 3.12, with the influences of section 2.
    """
    _require_moments(value_moments)
    cells = value_moments.sort_values(list(VALUE_MOMENTS.key), ignore_index=True)
    clv, std_error = _clv_with_error(cells)
    customers = counts(cells, "customer_count")
    estimate = Estimate(
        value=clv,
        std_error=std_error,
        interval=influence_interval(clv, std_error, customers, definitions.ci_level),
        n=customers,
        n_effective=np.where(customers > 1, customers - 1.0, np.nan),
        undefined_reason=_undefined_reasons(cells, observed_from, as_of_date),
    )
    metric = Metric("clv_simple_revenue", "currency", f"net_amount;window={WINDOW_DAYS}_days", "delta")
    return metric_rows(cells, metric, estimate, as_of_date, definitions)


def _clv_with_error(cells: pd.DataFrame) -> tuple[Floats, Floats]:
    """CLV = R S / (A L) and its standard error; nan where a denominator is 0.

    With k = S / (A L), u = k r + CLV (s/S - a/A - l/L), which needs no division by R. Squared and summed, the
    products of a, s and l are counts: sum (s/S - a/A - l/L)^2 = 1/A + 1/L - 1/S - 2 sum(as) / (S A).
    """
    number = {name: cells[name].to_numpy(dtype=np.float64) for name in (*CUSTOMER_COUNTS, *NET_AMOUNT_SUMS)}
    customers = number["customer_count"]
    buyers, opening, lost = (
        np.where(number[name] > 0, number[name], np.nan)
        for name in ("buyer_count", "opening_count", "lost_count")
    )
    per_revenue = opening / (buyers * lost)
    clv = number["net_amount_sum"] * per_revenue
    square_of_counts = 1 / buyers + 1 / lost - 1 / opening - 2 * number["retained_count"] / (opening * buyers)
    revenue_with_counts = (
        number["net_amount_opening_sum"] / opening
        - number["net_amount_buyer_sum"] / buyers
        - number["net_amount_lost_sum"] / lost
    )
    square_sum = (
        per_revenue**2 * number["net_amount_square_sum"]
        + 2 * per_revenue * clv * revenue_with_counts
        + clv**2 * square_of_counts
    )
    correction = np.divide(customers, customers - 1, out=np.full(len(customers), np.nan), where=customers > 1)
    return clv, np.sqrt(correction * np.maximum(0.0, square_sum))


def _period_ends(cells: pd.DataFrame, as_of_date: date) -> "pd.Series[pd.Timestamp]":
    """The first day after each period; that of grain `all` is the day after the run's."""
    starts = pd.to_datetime(cells["period_start_date"])
    ends = pd.Series(pd.Timestamp(as_of_date) + pd.Timedelta(days=1), index=cells.index)
    for grain, months in MONTHS_OF_GRAIN.items():
        ends = ends.mask(cells["period_grain"] == grain, starts + pd.DateOffset(months=months))
    return ends


def _undefined_reasons(
    cells: pd.DataFrame, observed_from: date | None, as_of_date: date
) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    reasons = np.full(len(cells), None, dtype=object)
    if observed_from is not None:
        # A year in which S bought and one in which it may come back, before the period's last day is over.
        needed = _period_ends(cells, as_of_date) - pd.Timedelta(days=2 * WINDOW_DAYS)
        reasons[(needed < pd.Timestamp(observed_from)).to_numpy()] = WINDOW_NOT_OBSERVED
    reasons[cells["lost_count"].to_numpy() == 0] = "no_churn_observed"
    reasons[cells["opening_count"].to_numpy() == 0] = "no_opening_customers"
    reasons[cells["buyer_count"].to_numpy() == 0] = "no_buyers"
    return reasons


def _require_moments(value_moments: pd.DataFrame) -> None:
    require_columns(value_moments, VALUE_MOMENTS.source, VALUE_MOMENTS.columns)
    require_counts(value_moments, VALUE_MOMENTS.source, CUSTOMER_COUNTS)
    require_unique(value_moments, VALUE_MOMENTS.source, VALUE_MOMENTS.key)
    for part in ("buyer_count", "opening_count"):
        require_part(value_moments, VALUE_MOMENTS.source, part, "customer_count")
    split = value_moments["retained_count"] + value_moments["lost_count"]
    differs = split != value_moments["opening_count"]
    refuse(
        value_moments,
        differs,
        VALUE_MOMENTS.source,
        "have an opening_count that is not retained_count + lost_count",
    )
