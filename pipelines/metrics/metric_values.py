"""All tidy rows in one table, with the p-values of changes adjusted for how many of them there are.

Here is the union and what must hold for it. Formulas must stay out, and so must any row that no part has.
"""

from collections.abc import Mapping

import pandas as pd

from pipelines.metrics.columns import ADJUSTED_P_COLUMN, METRIC_KEY, METRIC_VALUES
from pipelines.metrics.inputs import require_columns, require_unique
from pipelines.metrics.metric_row import METRIC_COLUMNS
from pipelines.metrics.multiplicity import adjusted_p_values

FAMILY = ("metric", "period_grain", "period_start_date")
"""The tests of one metric in one period are read side by side: they are judged together."""


def metric_values(parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The union of the metric tables, in the order of their key.

    Meaning: every figure of the run in one shape, so that a new metric is new rows and no new column.
    Formula: rows pass unchanged. `change_p_adjusted` is `change_p_value` adjusted for all cells (surveys, items,
        segments) of the metric in that period: Holm, above 20 cells Benjamini-Hochberg.
    Input: `parts`, tidy metric rows by the name of the table they come from.
    Output: the columns of `metric_values`; as many rows as the parts have together, one per key.
    Left out: nothing.
    Known drawbacks: a family holds the cells of one period; who watches every month gets a false alarm in one of
        twenty months all the same. Changes of overlapping segments are not independent, which Holm allows and
        Benjamini-Hochberg allows where they go together.
    Raises: ValueError for a part that lacks a column, a null in the key, or a key that occurs twice.
    Source: catalogue section 2.
    """
    for name, part in parts.items():
        require_columns(part, f"metrics.{name}", METRIC_KEY)
        if list(part.columns) != METRIC_COLUMNS:
            raise ValueError(
                f"metrics.{name} has the columns {list(part.columns)}, not those of a metric row"
            )
    rows = pd.concat(parts.values(), ignore_index=True).sort_values(list(METRIC_KEY), ignore_index=True)
    require_unique(rows, "the union of " + ", ".join(parts), METRIC_KEY)
    expected = sum(len(part) for part in parts.values())
    if len(rows) != expected:
        raise ValueError(f"the union has {len(rows)} rows, its parts {expected}")
    adjusted = adjusted_p_values(rows["change_p_value"], [rows[name] for name in FAMILY])
    return rows.assign(**{ADJUSTED_P_COLUMN.name: adjusted})[list(METRIC_VALUES.column_names)]
