"""All tidy rows in one table, with the columns for changes between periods.

Here is the union and what must hold for it. Formulas must stay out, and so must any row that no part has.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipelines.metrics.columns import CHANGE_COLUMNS, METRIC_KEY, METRIC_VALUES
from pipelines.metrics.inputs import require_columns, require_unique
from pipelines.metrics.metric_row import METRIC_COLUMNS


def metric_values(parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The union of the metric tables, in the order of their key.

    Meaning: every figure of the run in one shape, so that a new metric is new rows and no new column.
    Formula: none; rows pass unchanged. The change columns are null: not computed. A change is right only with
        the joint table of the customers' answers or states in both periods, since most customers are in both;
        the marts hold each period on its own, and the formula for independent samples errs where they
        overlap.
    Input: `parts`, tidy metric rows by the name of the table they come from; key and figure columns.
    Output: the columns of `metric_values`; as many rows as the parts have together, one per key.
    Left out: nothing.
    Known drawbacks: no change, no p-value; whether two periods differ cannot be read from two intervals
        either.
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
    return rows.assign(**{column.name: np.nan for column in CHANGE_COLUMNS})[list(METRIC_VALUES.column_names)]
