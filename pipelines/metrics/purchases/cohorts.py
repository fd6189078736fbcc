"""The cohort triangle: who of those who first bought in a period bought again in each later one.

Here is the triangle of customers. Triangles of money, pooled curves and completion of the missing corner must
stay out: they are figures of their own.
"""

import numpy as np
import pandas as pd

from pipelines.metrics.inputs import refuse, require_columns, require_counts, require_part, require_unique
from pipelines.metrics.intervals import proportion, wilson_interval
from pipelines.metrics.marts import COHORT_COUNTS
from pipelines.metrics.metric_row import counts, suppression_reasons
from pipelines.metrics.result_tables import COHORT_RETENTION
from pipelines.settings import Definitions

NOT_YET_OBSERVED = "not_yet_observed"


def cohort_retention(cohort_counts: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Retention per cohort, age and segment.

    Meaning: which share of a cohort (the customers who first bought in one period) bought in the period that
        begins `age` periods later.
    Formula: `retention_rate` = retained_count / cohort_size, interval Wilson; 1 at age 0 by definition.
    Input: `marts.cohort_counts`: period_grain (month, quarter), cohort_start_date, age (>= 0), segment_name,
        segment_value, cohort_size (>= 0), retained_count (0 to cohort_size; null while the age's period is
        not complete; cohort_size at age 0); one row per grain, cohort, age and segment.
    Output: the table `cohort_retention`, one row per row of the mart. Where suppression_reason is set
        (`not_yet_observed`, `below_min_disclosed_n`, `no_observations`), rate, interval and retained_count
        are null.
    Left out: customers without a purchase; orders without a customer.
    Known drawbacks: ages are differences of the calendar, so age 1 of a month's cohort is 1 to 60 days after
        the first purchase. The mean of a column's rates is no retention rate: pool the counts instead.
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
    )[list(COHORT_RETENTION.column_names)]


def _require_triangle(cohort_counts: pd.DataFrame) -> None:
    require_columns(cohort_counts, COHORT_COUNTS.source, (*COHORT_COUNTS.key, "cohort_size"))
    require_unique(cohort_counts, COHORT_COUNTS.source, COHORT_RETENTION.key)
    require_counts(cohort_counts, COHORT_COUNTS.source, ("age", "cohort_size", "retained_count"))
    require_part(cohort_counts, COHORT_COUNTS.source, "retained_count", "cohort_size")
    is_start = cohort_counts["age"] == 0
    retained = cohort_counts["retained_count"]
    differs = is_start & retained.notna() & (retained != cohort_counts["cohort_size"])
    refuse(cohort_counts, differs, COHORT_COUNTS.source, "of age 0 do not hold the whole cohort")
