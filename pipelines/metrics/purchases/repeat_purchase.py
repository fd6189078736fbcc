"""Who bought again, and what returning customers order and spend.

Here is what is computed from numbers of buyers and from sums over customers. Times between purchases must stay
out: they are censored and need survival curves.
"""

from datetime import date

import numpy as np
import pandas as pd

from pipelines.metrics.inputs import require_columns, require_counts, require_part, require_unique
from pipelines.metrics.intervals import wilson_interval_of_error
from pipelines.metrics.marts import CELL_KEY, MATURED_REPEAT_COUNTS, REPEAT_PURCHASE_COUNTS
from pipelines.metrics.metric_row import Estimate, Metric, counts, metric_rows, share_estimate
from pipelines.settings import Definitions

REVENUE_NOT_POSITIVE = "revenue_not_positive"


def repeat_purchase(
    repeat_purchase_counts: pd.DataFrame,
    matured_repeat_counts: pd.DataFrame,
    as_of_date: date,
    definitions: Definitions,
) -> pd.DataFrame:
    """Repeat purchase rates, plain and matured, and the returning share of orders and revenue.

    Meaning: which share of those who bought within the period did so on more than one occasion; which share of
        those who first bought in it had a second occasion within `repeat_within_days`; which share of the period's
        orders and net revenue comes from customers who had bought on an earlier day.
    Formula: `repeat_purchase_rate` = customers with two or more purchase occasions / customers with one or
        more. `matured_repeat_purchase_rate` = second occasion within k days / customers whose first purchase is
        k or more days old. SE = sqrt(p (1 - p) / n), intervals Wilson. `returning_order_share`,
        `returning_revenue_share` r = sum x / sum y, with u = (x - r y) / sum y per customer, SE^2 = C / (C - 1)
        sum u^2 from sums of x^2, x y and y^2; interval Wilson with the n that gives SE.
    Input: `marts.repeat_purchase_counts`: period_grain, period_start_date, segment_name, segment_value,
        customer_count (C), buyer_count (>= 0), repeat_buyer_count (0 to buyer_count), orders and net amounts
        with their returning parts, squares and products; one row per complete period and segment.
        `marts.matured_repeat_counts`: the key, matured_count, matured_repeat_count; one row per complete period
        of the first purchase and segment.
    Output: tidy metric rows, up to four per cell; n is buyer_count, matured_count, and twice customer_count;
        definition_id names what an occasion is. The share of revenue is null (`revenue_not_positive`) where new
        or returning revenue is below 0, or both are 0.
    Left out: orders without a customer; orders fully refunded; incomplete periods, which are not in the mart.
    Known drawbacks: of the plain rate: who first bought late in the period had little time to come back, so the
        rate of a shop that grows is too low; short periods give low rates, and rates of two grains do not compare.
        Of the matured one: the latest periods have none, or that of their first days. Of the shares: early in a
        record everybody is new to it.
    Raises: ValueError for more repeat buyers than buyers, a count that is none, a repeated key.
    Source: catalogue 3.8, with the influences of section 2; interval Newcombe 1998, method 3.
    """
    _require_counts(repeat_purchase_counts, matured_repeat_counts)
    cells = repeat_purchase_counts.sort_values(list(CELL_KEY), ignore_index=True)
    matured = matured_repeat_counts.sort_values(list(CELL_KEY), ignore_index=True)
    occasion = f"occasion={definitions.purchase_collapse}"
    within = f"{occasion};within={definitions.repeat_within_days}_days"
    level = definitions.ci_level
    plain_rate = share_estimate(counts(cells, "repeat_buyer_count"), counts(cells, "buyer_count"), level)
    matured_rate = share_estimate(
        counts(matured, "matured_repeat_count"), counts(matured, "matured_count"), level
    )
    parts = [
        (cells, Metric("repeat_purchase_rate", "share", occasion, "wilson"), plain_rate),
        (matured, Metric("matured_repeat_purchase_rate", "share", within, "wilson"), matured_rate),
        (
            cells,
            Metric(
                "returning_order_share", "share", "returning=bought_on_an_earlier_day", "influence_wilson"
            ),
            _returning(cells, "order_count", "order_count", level),
        ),
        (
            cells,
            Metric(
                "returning_revenue_share", "share", "returning=bought_on_an_earlier_day", "influence_wilson"
            ),
            _returning(cells, "net_amount", "net_amount_sum", level),
        ),
    ]
    return pd.concat(
        [metric_rows(part, metric, estimate, as_of_date, definitions) for part, metric, estimate in parts],
        ignore_index=True,
    )


def _returning(cells: pd.DataFrame, what: str, total_column: str, ci_level: float) -> Estimate:
    """Share of orders or revenue that came on a later day than the customer's first purchase."""
    total, part, squares, part_squares, products = (
        cells[name].to_numpy(dtype=np.float64)
        for name in (
            total_column,
            f"returning_{total_column}",
            f"{what}_square_sum",
            f"returning_{what}_square_sum",
            f"returning_{what}_product_sum",
        )
    )
    customers = counts(cells, "customer_count")
    is_share = (total > 0) & (part >= 0) & (part <= total)
    base = np.where(is_share, total, np.nan)
    share = part / base
    square_sum = np.maximum(0.0, part_squares - 2 * share * products + share**2 * squares)
    freedom = np.where(customers > 1, customers - 1.0, np.nan)
    std_error = np.sqrt(customers / freedom * square_sum) / base
    interval = wilson_interval_of_error(share, std_error, base**2 / squares, customers, ci_level)
    reasons = np.full(len(cells), None, dtype=object)
    reasons[~is_share] = REVENUE_NOT_POSITIVE
    return Estimate(share, std_error, interval, customers, freedom, reasons)


def _require_counts(repeat_purchase_counts: pd.DataFrame, matured_repeat_counts: pd.DataFrame) -> None:
    require_columns(repeat_purchase_counts, REPEAT_PURCHASE_COUNTS.source, REPEAT_PURCHASE_COUNTS.columns)
    require_counts(
        repeat_purchase_counts,
        REPEAT_PURCHASE_COUNTS.source,
        ("customer_count", "buyer_count", "repeat_buyer_count", "order_count", "returning_order_count"),
    )
    require_part(repeat_purchase_counts, REPEAT_PURCHASE_COUNTS.source, "repeat_buyer_count", "buyer_count")
    require_unique(repeat_purchase_counts, REPEAT_PURCHASE_COUNTS.source, CELL_KEY)
    require_columns(matured_repeat_counts, MATURED_REPEAT_COUNTS.source, MATURED_REPEAT_COUNTS.columns)
    require_counts(matured_repeat_counts, MATURED_REPEAT_COUNTS.source, MATURED_REPEAT_COUNTS.figures)
    require_part(matured_repeat_counts, MATURED_REPEAT_COUNTS.source, "matured_repeat_count", "matured_count")
    require_unique(matured_repeat_counts, MATURED_REPEAT_COUNTS.source, CELL_KEY)
