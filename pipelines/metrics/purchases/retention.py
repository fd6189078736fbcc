"""Customer retention, its complement churn, and the numbers of customers who came and went.

Here is what is computed from the opening and closing states of customers. Revenue retention and models of
churn must stay out: they need money or a probability of being alive.
"""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.metrics.inputs import refuse, require_columns, require_counts, require_part, require_unique
from pipelines.metrics.marts import CELL_KEY, RETENTION_COUNTS
from pipelines.metrics.metric_row import (
    WINDOW_NOT_OBSERVED,
    Metric,
    count_estimate,
    counts,
    metric_rows,
    share_estimate,
)
from pipelines.settings import Definitions

CUSTOMER_COUNTS = {
    "customers_opening": "opening_active_count",
    "customers_retained": "retained_count",
    "customers_new": "new_count",
    "customers_reactivated": "reactivated_count",
    "customers_lost": "lost_count",
    "customers_new_and_lost": "new_and_lost_count",
    "customers_closing": "closing_active_count",
}


def retention(
    retention_counts: pd.DataFrame, observed_from: date | None, as_of_date: date, definitions: Definitions
) -> pd.DataFrame:
    """Customer retention rate, churn rate, and who came and went, per period and segment.

    Meaning: which share of the customers active at the period's start is active at its end, and how many were
        retained, lost, new, reactivated, or new and lost again within the period.
    Formula: `retention_rate` = |active at start and at end| / S, S active at start; `churn_rate` = 1 - that,
        on the same S. SE = sqrt(p (1 - p) / S), interval Wilson. opening = retained + lost; closing =
        retained + new + reactivated. Active is who bought within `active_window_days` before, or with
        `active_definition: contract` who has a subscription then.
    Input: `marts.retention_counts`: period_grain, period_start_date, segment_name, segment_value,
        opening_active_count (S >= 0), retained_count (0 to S), lost_count, new_count, reactivated_count,
        new_and_lost_count, closing_active_count; one row per complete period and segment.
        `observed_from`, the day of the first purchase on record, None without any.
    Output: tidy metric rows, nine per cell; n of the rates is S, that of the counts every customer whom one of
        them counts; definition_id names what being active is. Null with `window_not_observed` for periods that
        begin less than `active_window_days` after `observed_from`: whoever bought before the record began is
        missing from S or taken for new, and whoever is in S had no time to lapse. Contracts need no window.
    Left out: of the rates customers who joined, came back, or came and went within the period: they are not in
        S. Incomplete periods, which are not in the mart.
    Known drawbacks: without a contract, inactivity is a choice of the window: a customer who buys every 13
        months is lost and won back each time. A year's rate is not the product of monthly ones with refreshed
        bases, and with a window longer than the period most who will be found lost are decided before it
        begins.
    Raises: ValueError for more retained than opening customers, states that do not add up, a count that is none,
        a repeated key.
    Source: catalogue 3.6; interval Newcombe 1998, method 3.
    """
    _require_states(retention_counts)
    cells = retention_counts.sort_values(list(CELL_KEY), ignore_index=True)
    opening, retained = counts(cells, "opening_active_count"), counts(cells, "retained_count")
    reasons = _undefined_reasons(cells, observed_from, definitions)
    definition_id = _definition_id(definitions)
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
    everybody = sum(
        counts(cells, name)
        for name in ("opening_active_count", "new_count", "reactivated_count", "new_and_lost_count")
    )
    rows += [
        metric_rows(
            cells,
            Metric(name, "count", definition_id, "counted"),
            replace(count_estimate(counts(cells, column), np.asarray(everybody)), undefined_reason=reasons),
            as_of_date,
            definitions,
        )
        for name, column in CUSTOMER_COUNTS.items()
    ]
    return pd.concat(rows, ignore_index=True)


def _definition_id(definitions: Definitions) -> str:
    if definitions.active_definition == "contract":
        return "active=contract"
    return f"active=purchase_within_{definitions.active_window_days}_days"


def _require_states(retention_counts: pd.DataFrame) -> None:
    require_columns(retention_counts, RETENTION_COUNTS.source, RETENTION_COUNTS.columns)
    require_counts(retention_counts, RETENTION_COUNTS.source, RETENTION_COUNTS.figures)
    require_part(retention_counts, RETENTION_COUNTS.source, "retained_count", "opening_active_count")
    require_unique(retention_counts, RETENTION_COUNTS.source, CELL_KEY)
    for whole, parts in (
        ("opening_active_count", ["retained_count", "lost_count"]),
        ("closing_active_count", ["retained_count", "new_count", "reactivated_count"]),
    ):
        differs = retention_counts[parts].sum(axis=1) != retention_counts[whole]
        complaint = f"have a {whole} that is not {' + '.join(parts)}"
        refuse(retention_counts, differs, RETENTION_COUNTS.source, complaint)


def _undefined_reasons(
    cells: pd.DataFrame, observed_from: date | None, definitions: Definitions
) -> npt.NDArray[np.object_]:
    """Why a period has no rate although customers were active at its start; None where it has one."""
    reasons = np.full(len(cells), None, dtype=object)
    if observed_from is not None and definitions.active_definition == "purchase_window":
        first_complete = pd.Timestamp(observed_from + timedelta(days=definitions.active_window_days))
        reasons[(pd.to_datetime(cells["period_start_date"]) < first_complete).to_numpy()] = (
            WINDOW_NOT_OBSERVED
        )
    return reasons
