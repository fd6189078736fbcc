"""Cohorts: who of those who first bought in a period bought again in each later one, and what they brought in.

Here are the triangle and the rates of all mature cohorts together. Completion of the missing corner must stay out:
it is a forecast.
"""

from datetime import date

import numpy as np
import pandas as pd

from pipelines.metrics.inputs import refuse, require_columns, require_counts, require_part, require_unique
from pipelines.metrics.intervals import proportion, wilson_interval
from pipelines.metrics.marts import COHORT_COUNTS
from pipelines.metrics.metric_row import Metric, counts, metric_rows, share_estimate, suppression_reasons
from pipelines.metrics.purchase_tables import COHORT_RETENTION
from pipelines.settings import Definitions

NOT_YET_OBSERVED = "not_yet_observed"


def cohort_retention(cohort_counts: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Retention, orders and net revenue per cohort, age and segment.

    Meaning: which share of a cohort (the customers who first bought in one period) bought in the period that
        begins `age` periods later, and what the cohort ordered and spent in it.
    Formula: `retention_rate` = retained_count / cohort_size, interval Wilson; 1 at age 0 by definition.
    Input: `marts.cohort_counts`: period_grain (month, quarter), cohort_start_date, age (>= 0), segment_name,
        segment_value, currency, cohort_size (>= 0), retained_count (0 to cohort_size; null while the age's
        period is not complete; cohort_size at age 0), order_count and net_amount (null while the age's period is
        not complete, at age 0 too); one row per grain, cohort, age and segment.
    Output: the table `cohort_retention`, one row per row of the mart. Where suppression_reason is set
        (`not_yet_observed`, `below_min_disclosed_n`, `no_observations`), rate, interval, retained_count,
        order_count and net_revenue are null.
    Left out: customers without a purchase; orders without a customer.
    Known drawbacks: ages are differences of the calendar, so age 1 of a month's cohort is 1 to 60 days after
        the first purchase. The mean of a column's rates is no retention rate: pool the counts instead. A refund
        lowers the revenue of the age of its order.
    Raises: ValueError for more retained than the cohort holds, an age 0 that is not the whole cohort, a count
        that is none, a repeated key.
    Source: catalogue 3.9; interval Newcombe 1998, method 3.
    """
    _require_triangle(cohort_counts)
    cells = cohort_counts.sort_values(list(COHORT_RETENTION.key), ignore_index=True)
    size = counts(cells, "cohort_size")
    is_observed = cells["retained_count"].notna().to_numpy()
    retained = cells["retained_count"].fillna(0).to_numpy(dtype=np.int64)
    reasons = suppression_reasons(size, definitions)
    reasons = np.where(pd.isna(reasons) & ~is_observed, NOT_YET_OBSERVED, reasons)
    said = pd.isna(reasons)
    is_start = cells["age"].to_numpy() == 0
    low, high = wilson_interval(retained, size, definitions.ci_level)
    return cells.assign(
        retained_count=cells["retained_count"].astype("Int64").where(said),
        retention_rate=np.where(said, proportion(retained, size), np.nan),
        ci_low=np.where(said, np.where(is_start, 1.0, low), np.nan),
        ci_high=np.where(said, high, np.nan),
        ci_level=definitions.ci_level,
        ci_method=np.where(is_start, "by_definition", "wilson"),
        suppression_reason=reasons,
        order_count=cells["order_count"].astype("Int64").where(said),
        net_revenue=np.where(said, cells["net_amount"].astype(float), np.nan),
    )[list(COHORT_RETENTION.column_names)]


def pooled_retention(
    cohort_counts: pd.DataFrame, history_start: date, as_of_date: date, definitions: Definitions
) -> pd.DataFrame:
    """Retention by age over all cohorts that have reached it.

    Meaning: which share of customers buys in the period that begins `age` periods after that of the first purchase.
    Formula: `pooled_month_retention_rate`, `pooled_quarter_retention_rate` = sum of retained_count / sum of
        cohort_size over the cohorts whose period of that age is complete, those that nobody came back of among
        them. SE = sqrt(p (1 - p) / n), interval Wilson: each customer is in one cohort, so once in n.
    Input: `marts.cohort_counts`, as for the triangle; `history_start`, with which the period `all` begins.
    Output: tidy metric rows of grain all, one per grain of the cohorts, age from 1 on and segment; item names the
        age (`age_3`); n is the size of the mature cohorts together.
    Left out: ages that no cohort has reached; customers whose first purchase lies before the history.
    Known drawbacks: the old cohorts alone have reached the high ages, so the curve mixes age with what the shop was
        like then; where cohorts differ compare them in the triangle.
    Raises: ValueError as the triangle does.
    Source: catalogue 3.9; interval Newcombe 1998, method 3.
    """
    _require_triangle(cohort_counts)
    is_mature = cohort_counts["retained_count"].notna() & (cohort_counts["age"] > 0)
    key = ["period_grain", "age", "segment_name", "segment_value"]
    sums = cohort_counts[is_mature].groupby(key, as_index=False)[["cohort_size", "retained_count"]].sum()
    rows = []
    for grain in ("month", "quarter"):
        cells = sums[sums["period_grain"] == grain].reset_index(drop=True)
        estimate = share_estimate(
            counts(cells, "retained_count"), counts(cells, "cohort_size"), definitions.ci_level
        )
        cells = cells.assign(
            item="age_" + cells["age"].astype(str),
            period_grain="all",
            period_start_date=pd.Timestamp(history_start),
        )
        metric = Metric(f"pooled_{grain}_retention_rate", "share", "ages=calendar", "wilson")
        rows.append(metric_rows(cells, metric, estimate, as_of_date, definitions))
    return pd.concat(rows, ignore_index=True)


def _require_triangle(cohort_counts: pd.DataFrame) -> None:
    require_columns(cohort_counts, COHORT_COUNTS.source, (*COHORT_COUNTS.key, "currency", "cohort_size"))
    require_unique(cohort_counts, COHORT_COUNTS.source, COHORT_RETENTION.key)
    require_counts(
        cohort_counts, COHORT_COUNTS.source, ("age", "cohort_size", "retained_count", "order_count")
    )
    require_part(cohort_counts, COHORT_COUNTS.source, "retained_count", "cohort_size")
    is_start = cohort_counts["age"] == 0
    retained = cohort_counts["retained_count"]
    differs = is_start & retained.notna() & (retained != cohort_counts["cohort_size"])
    refuse(cohort_counts, differs, COHORT_COUNTS.source, "of age 0 do not hold the whole cohort")
