"""The share of buyers who bought again within a period.

Here is what is computed from the numbers of buyers and repeat buyers. Times between purchases must stay out:
they are censored and need survival curves.
"""

from datetime import date

import pandas as pd

from pipelines.metrics.inputs import require_columns, require_counts, require_part, require_unique
from pipelines.metrics.marts import CELL_KEY, REPEAT_PURCHASE_COUNTS
from pipelines.metrics.metric_row import Metric, counts, metric_rows, share_estimate
from pipelines.settings import Definitions


def repeat_purchase(
    repeat_purchase_counts: pd.DataFrame, as_of_date: date, definitions: Definitions
) -> pd.DataFrame:
    """Repeat purchase rate per period and segment.

    Meaning: which share of those who bought within the period did so on more than one occasion.
    Formula: `repeat_purchase_rate` = customers with two or more purchase occasions / customers with one or
        more. SE = sqrt(p (1 - p) / n), interval Wilson.
    Input: `marts.repeat_purchase_counts`: period_grain, period_start_date, segment_name, segment_value,
        buyer_count (>= 0), repeat_buyer_count (0 to buyer_count); one row per complete period and segment.
    Output: tidy metric rows, one per cell; n is buyer_count; definition_id names what an occasion is.
    Left out: orders without a customer; orders fully refunded; incomplete periods, which are not in the mart.
    Known drawbacks: who first bought late in the period had little time to come back, so the rate of a shop
        that grows is too low; short periods give low rates, and rates of two grains do not compare.
    Raises: ValueError for more repeat buyers than buyers, a count that is none, a repeated key.
    Source: catalogue 3.8; interval Newcombe 1998, method 3.
    """
    require_columns(repeat_purchase_counts, REPEAT_PURCHASE_COUNTS.source, REPEAT_PURCHASE_COUNTS.columns)
    require_counts(
        repeat_purchase_counts, REPEAT_PURCHASE_COUNTS.source, ("buyer_count", "repeat_buyer_count")
    )
    require_part(repeat_purchase_counts, REPEAT_PURCHASE_COUNTS.source, "repeat_buyer_count", "buyer_count")
    require_unique(repeat_purchase_counts, REPEAT_PURCHASE_COUNTS.source, CELL_KEY)
    cells = repeat_purchase_counts.sort_values(list(CELL_KEY), ignore_index=True)
    metric = Metric("repeat_purchase_rate", "share", f"occasion={definitions.purchase_collapse}", "wilson")
    estimate = share_estimate(
        counts(cells, "repeat_buyer_count"), counts(cells, "buyer_count"), definitions.ci_level
    )
    return metric_rows(cells, metric, estimate, as_of_date, definitions)
