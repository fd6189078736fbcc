"""Customer retention and its complement, churn.

Here is what is computed from the opening and closing states of customers. Revenue retention and models of
churn must stay out: they need money or a probability of being alive.
"""

from datetime import date

import pandas as pd

from pipelines.metrics.inputs import CELL_KEY, require_columns, require_counts, require_part, require_unique
from pipelines.metrics.metric_row import Metric, counts, metric_rows, share_estimate
from pipelines.settings import Definitions

RETENTION_COUNTS = "marts.retention_counts"
RETENTION_COLUMNS = (*CELL_KEY, "opening_active_count", "retained_count")


def retention(retention_counts: pd.DataFrame, as_of_date: date, definitions: Definitions) -> pd.DataFrame:
    """Customer retention rate and churn rate per period and segment.

    Meaning: which share of the customers active at the period's start is active at its end.
    Formula: `retention_rate` = |active at start and at end| / S, S active at start; `churn_rate` = 1 - that,
        on the same S. SE = sqrt(p (1 - p) / S), interval Wilson. Active is who bought within
        `active_window_days` before.
    Input: `marts.retention_counts`: period_grain, period_start_date, segment_name, segment_value,
        opening_active_count (S >= 0), retained_count (0 to S); one row per complete period and segment.
    Output: tidy metric rows, two per cell; n is S; definition_id names the window of being active.
    Left out: customers who joined, came back, or came and went within the period: they are not in S.
        Incomplete periods, which are not in the mart.
    Known drawbacks: without a contract, inactivity is a choice of the window: a customer who buys every 13
        months is lost and won back each time. A year's rate is not the product of monthly ones with refreshed
        bases, and with a window longer than the period most who will be found lost are decided before it
        begins.
    Raises: ValueError for more retained than opening customers, a count that is none, a repeated key.
    Source: catalogue 3.6; interval Newcombe 1998, method 3.
    """
    require_columns(retention_counts, RETENTION_COUNTS, RETENTION_COLUMNS)
    require_counts(retention_counts, RETENTION_COUNTS, ("opening_active_count", "retained_count"))
    require_part(retention_counts, RETENTION_COUNTS, "retained_count", "opening_active_count")
    require_unique(retention_counts, RETENTION_COUNTS, CELL_KEY)
    cells = retention_counts.sort_values(list(CELL_KEY), ignore_index=True)
    opening, retained = counts(cells, "opening_active_count"), counts(cells, "retained_count")
    definition_id = f"active=purchase_within_{definitions.active_window_days}_days"
    rows = [
        metric_rows(
            cells,
            Metric(name, "share", definition_id, "wilson"),
            share_estimate(customer_count, opening, definitions.ci_level),
            as_of_date,
            definitions,
        )
        for name, customer_count in (("retention_rate", retained), ("churn_rate", opening - retained))
    ]
    return pd.concat(rows, ignore_index=True)
