"""Customer retention and its complement, churn.

Here is what is computed from the opening and closing states of customers. Revenue retention and models of
churn must stay out: they need money or a probability of being alive.
"""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.metrics.inputs import require_columns, require_counts, require_part, require_unique
from pipelines.metrics.marts import CELL_KEY, RETENTION_COUNTS
from pipelines.metrics.metric_row import WINDOW_NOT_OBSERVED, Metric, counts, metric_rows, share_estimate
from pipelines.settings import Definitions


def retention(
    retention_counts: pd.DataFrame, observed_from: date | None, as_of_date: date, definitions: Definitions
) -> pd.DataFrame:
    """Customer retention rate and churn rate per period and segment.

    Meaning: which share of the customers active at the period's start is active at its end.
    Formula: `retention_rate` = |active at start and at end| / S, S active at start; `churn_rate` = 1 - that,
        on the same S. SE = sqrt(p (1 - p) / S), interval Wilson. Active is who bought within
        `active_window_days` before.
    Input: `marts.retention_counts`: period_grain, period_start_date, segment_name, segment_value,
        opening_active_count (S >= 0), retained_count (0 to S); one row per complete period and segment.
        `observed_from`, the day of the first purchase on record, None without any.
    Output: tidy metric rows, two per cell; n is S; definition_id names the window of being active. Null with
        `window_not_observed` for periods that begin less than `active_window_days` after `observed_from`: whoever
        bought before the record began is missing from S, and whoever is in it had no time to lapse.
    Left out: customers who joined, came back, or came and went within the period: they are not in S.
        Incomplete periods, which are not in the mart.
    Known drawbacks: without a contract, inactivity is a choice of the window: a customer who buys every 13
        months is lost and won back each time. A year's rate is not the product of monthly ones with refreshed
        bases, and with a window longer than the period most who will be found lost are decided before it
        begins.
    Raises: ValueError for more retained than opening customers, a count that is none, a repeated key.
    Source: catalogue 3.6; interval Newcombe 1998, method 3.
    """
    require_columns(retention_counts, RETENTION_COUNTS.source, RETENTION_COUNTS.columns)
    require_counts(retention_counts, RETENTION_COUNTS.source, ("opening_active_count", "retained_count"))
    require_part(retention_counts, RETENTION_COUNTS.source, "retained_count", "opening_active_count")
    require_unique(retention_counts, RETENTION_COUNTS.source, CELL_KEY)
    cells = retention_counts.sort_values(list(CELL_KEY), ignore_index=True)
    opening, retained = counts(cells, "opening_active_count"), counts(cells, "retained_count")
    reasons = _undefined_reasons(cells, observed_from, definitions.active_window_days)
    definition_id = f"active=purchase_within_{definitions.active_window_days}_days"
    rows = [
        metric_rows(
            cells,
            Metric(name, "share", definition_id, "wilson"),
            replace(share_estimate(customer_count, opening, definitions.ci_level), undefined_reason=reasons),
            as_of_date,
            definitions,
        )
        for name, customer_count in (("retention_rate", retained), ("churn_rate", opening - retained))
    ]
    return pd.concat(rows, ignore_index=True)


def _undefined_reasons(
    cells: pd.DataFrame, observed_from: date | None, active_window_days: int
) -> npt.NDArray[np.object_]:
    """Why a period has no rate although customers were active at its start; None where it has one."""
    reasons = np.full(len(cells), None, dtype=object)
    if observed_from is not None:
        first_complete = pd.Timestamp(observed_from + timedelta(days=active_window_days))
        reasons[(pd.to_datetime(cells["period_start_date"]) < first_complete).to_numpy()] = (
            WINDOW_NOT_OBSERVED
        )
    return reasons
