"""The tidy metric row: its columns, its thresholds, and what stands there when a value must not be said.

Here is the one place where n is held against the thresholds. Add a column in `columns.py`, a formula in the
metric's module; neither belongs here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.metrics.columns import CHANGE_COLUMNS, FIGURE_COLUMNS, KEY_COLUMNS, METRIC_KEY, OVERLAP_COLUMN
from pipelines.metrics.intervals import (
    Counts,
    Floats,
    Interval,
    proportion,
    proportion_std_error,
    wilson_interval,
)
from pipelines.settings import Definitions

METRIC_COLUMNS = [column.name for column in (*KEY_COLUMNS, *FIGURE_COLUMNS, *CHANGE_COLUMNS, OVERLAP_COLUMN)]

ALL = "all"
# What a text key holds where it does not apply.

UNWEIGHTED = "unweighted"

NO_OBSERVATIONS = "no_observations"
BELOW_MIN_DISCLOSED_N = "below_min_disclosed_n"
WINDOW_NOT_OBSERVED = "window_not_observed"
NO_VARIANCE = "no_variance"


@dataclass(frozen=True)
class Metric:
    """What the rows of one metric have in common; the definition may differ from cell to cell."""

    name: str
    unit: str
    definition_id: "str | pd.Series[str]"
    ci_method: str
    weighting: str = ALL
    definition_version: str = "1"


@dataclass(frozen=True)
class Change:
    """The change of one metric against the period before, one element per cell; nan where there is none."""

    value: Floats
    interval: Interval
    p_value: Floats
    n_overlap: Floats


@dataclass(frozen=True)
class Estimate:
    """The figures of one metric, one element per cell.

    `undefined_reason` says why a cell with enough observations still has no value; None where it has one. Without
    a `change` none is said.
    """

    value: Floats
    std_error: Floats
    interval: Interval
    n: Counts
    n_effective: Floats
    undefined_reason: npt.NDArray[np.object_] | None = None
    change: Change | None = None


def share_estimate(
    success_count: Counts, total_count: Counts, ci_level: float, interval: Interval | None = None
) -> Estimate:
    """A proportion of independent, unweighted units, with Wilson's interval unless another is given."""
    return Estimate(
        value=proportion(success_count, total_count),
        std_error=proportion_std_error(success_count, total_count),
        interval=interval or wilson_interval(success_count, total_count, ci_level),
        n=total_count,
        n_effective=total_count.astype(float),
    )


def count_estimate(counted: Counts, unit_count: Counts) -> Estimate:
    """A number of customers out of those looked at: counted, so without error or interval."""
    unknown = np.full(len(counted), np.nan)
    return Estimate(
        value=counted.astype(float),
        std_error=unknown,
        interval=Interval(unknown, unknown),
        n=unit_count,
        n_effective=unknown,
    )


def suppression_reasons(n: Counts, definitions: Definitions) -> npt.NDArray[np.object_]:
    """Why n alone forbids a value: nothing observed, or too few to disclose; None where it does not."""
    reasons = np.full(len(n), None, dtype=object)
    reasons[n < definitions.min_disclosed_n] = BELOW_MIN_DISCLOSED_N
    reasons[n == 0] = NO_OBSERVATIONS
    return reasons


def metric_rows(
    cells: pd.DataFrame, metric: Metric, estimate: Estimate, as_of_date: date, definitions: Definitions
) -> pd.DataFrame:
    """Rows of `metric_values` (without the adjusted p) from one metric's estimates.

    Input: `cells`, one row per cell, with those columns of the key that apply; a text key that it lacks is
        `all`.
    Output: the columns of the catalogue's section 2, one row per cell, in the cells' order. Below
    `min_disclosed_n` value, standard error, interval and change are null and `suppression_reason` says why; n
    stays.
    """
    reasons = suppression_reasons(estimate.n, definitions)
    if estimate.undefined_reason is not None:
        reasons = np.where(pd.isna(reasons), estimate.undefined_reason, reasons)
    said = pd.isna(reasons)
    rows = pd.DataFrame({name: cells.get(name, ALL) for name in METRIC_KEY}, index=cells.index)
    rows = rows.assign(
        metric=metric.name,
        weighting=metric.weighting,
        as_of_date=pd.Timestamp(as_of_date),
        value=np.where(said, estimate.value, np.nan),
        unit=metric.unit,
        n=estimate.n,
        n_effective=estimate.n_effective,
        # With unit weights (sum w)^2 / sum w^2 is n.
        n_kish=estimate.n.astype(float) if metric.weighting == UNWEIGHTED else np.nan,
        std_error=np.where(said, estimate.std_error, np.nan),
        ci_low=np.where(said, estimate.interval.low, np.nan),
        ci_high=np.where(said, estimate.interval.high, np.nan),
        ci_level=definitions.ci_level,
        ci_method=metric.ci_method,
        is_publishable=said & (estimate.n >= definitions.min_publishable_n),
        suppression_reason=reasons,
        definition_id=metric.definition_id,
        definition_version=metric.definition_version,
    )
    return _with_change(rows, estimate, said)[METRIC_COLUMNS].reset_index(drop=True)


def metric_table(
    cells: pd.DataFrame,
    figures: Iterable[tuple[Metric, Estimate]],
    as_of_date: date,
    definitions: Definitions,
) -> pd.DataFrame:
    """The rows of several metrics on the same cells, one metric after the other."""
    parts = [metric_rows(cells, metric, estimate, as_of_date, definitions) for metric, estimate in figures]
    return pd.concat(parts, ignore_index=True)


def _with_change(rows: pd.DataFrame, estimate: Estimate, said: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """The rows with the change of what is said; n_overlap as whole numbers with nulls."""
    nothing = np.full(len(said), np.nan)
    change = estimate.change or Change(nothing, Interval(nothing, nothing), nothing, nothing)
    said = said & ~np.isnan(change.value)
    return rows.assign(
        change_value=np.where(said, change.value, np.nan),
        change_ci_low=np.where(said, change.interval.low, np.nan),
        change_ci_high=np.where(said, change.interval.high, np.nan),
        change_p_value=np.where(said, change.p_value, np.nan),
        n_overlap=pd.array(np.where(said, change.n_overlap, np.nan), dtype="Int64"),
    )


def counts(cells: pd.DataFrame, column: str) -> Counts:
    """A column of counts as whole numbers."""
    return cells[column].to_numpy(dtype=np.int64)
