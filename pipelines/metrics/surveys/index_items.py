"""The three items of the Secure Customer Index beside each other: which are top together, and which one is missing.

Here is what is computed from the levels of the items. The classes of the index stand in `secure_customer_index.py`.
"""

from collections.abc import Iterator
from datetime import date
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.metrics.inputs import refuse, require_columns, require_counts, require_unique
from pipelines.metrics.intervals import Counts, Floats, Interval, goodman_interval, wilson_interval
from pipelines.metrics.marts import CELL_KEY, SCI_LEVEL_COUNTS, SURVEY_UNIT_COUNTS
from pipelines.metrics.metric_row import ALL, UNWEIGHTED, Estimate, Metric, metric_table
from pipelines.settings import Definitions

LEVEL_COUNTS = SCI_LEVEL_COUNTS.source

ITEMS = ("satisfaction", "repurchase", "recommend")
ITEM_LEVELS = tuple(f"{item}_level" for item in ITEMS)

MISSING, TOP = 0, 4
# Levels of an item: 0 missing, 1 below, 2 middle, 3 second best, 4 top.

OVERLAP_COUNT = 8


def index_items(
    level_counts: pd.DataFrame, unit_counts: pd.DataFrame, as_of_date: date, definitions: Definitions
) -> pd.DataFrame:
    """Overlap table of the three items and customers one item short of secure, per survey, period and segment.

    Meaning: which of the three items customers are most positive on, together; and whom one item keeps from being
        secure: the list for action.
    Formula: of the respondents with all three items, `sci_overlap_<items>` = share of those whose answer is top on
        exactly the named items (none, one, two, `all`); the eight add up to 1. `sci_short_of_<item>` = number of
        those with the other two top and this one not. Goodman's interval for the eight shares, Wilson's times n for
        the counts; SE = sqrt(p (1 - p) / n).
    Input: `marts.sci_level_counts`: survey, period_grain, period_start_date, segment_name, segment_value,
        satisfaction_level, repurchase_level, recommend_level (4 top, 3 second, 2 middle, 1 below, 0 missing),
        unit_count (>= 0), weight_sum; one row per survey, period, segment and triple of levels.
        `marts.survey_unit_counts`: customers of the item all and the base complete.
    Output: tidy metric rows, eleven per cell; item is all.
    Left out: respondents with a missing item. Changes: the levels of both periods are not known together.
    Known drawbacks: where a customer has several counted responses (policy all), the errors take the customers as
        that many independent answers, and a count is one of responses.
    Raises: ValueError for a level outside 0 to 4, a row without any item, a count that is none, a repeated key.
    Source: catalogue 3.2; Goodman 1965.
    """
    _require_levels(level_counts)
    cells, kinds = _cells(level_counts, unit_counts)
    return metric_table(cells, _figures(cells, kinds, definitions), as_of_date, definitions)


def _figures(
    cells: pd.DataFrame, kinds: list[tuple[bool, ...]], definitions: Definitions
) -> Iterator[tuple[Metric, Estimate]]:
    n = cells["unit_count"].to_numpy(dtype=np.int64)
    weight = cells[[_column(kind) for kind in kinds]].to_numpy(dtype=np.float64).sum(axis=1)
    definition_id = f"box=top;responses={definitions.multiple_responses_policy}"
    level = definitions.ci_level
    for kind in kinds:
        share = _share(cells, kind, weight)
        interval = goodman_interval(np.nan_to_num(share * n), n, OVERLAP_COUNT, level)
        names = [item for item, is_top in zip(ITEMS, kind, strict=True) if is_top]
        name = {0: "none", len(ITEMS): "all"}.get(len(names), "_".join(names))
        metric = Metric(f"sci_overlap_{name}", "share", definition_id, "goodman", UNWEIGHTED)
        yield metric, _estimate(share, n, np.ones(len(n)), interval)
    for item in ITEMS:
        share = _share(cells, tuple(other != item for other in ITEMS), weight)
        interval = wilson_interval(np.nan_to_num(share * n), n, level)
        metric = Metric(f"sci_short_of_{item}", "count", definition_id, "wilson", UNWEIGHTED)
        yield metric, _estimate(share, n, weight, interval)


def _estimate(share: Floats, n: Counts, factor: Floats, interval: Interval) -> Estimate:
    """A share, or the number that it is of `factor` answers."""
    return Estimate(
        value=share * factor,
        std_error=factor * np.sqrt(share * (1 - share) / np.where(n > 0, n, 1)),
        interval=Interval(factor * interval.low, factor * interval.high),
        n=n,
        n_effective=n.astype(float),
    )


def _share(cells: pd.DataFrame, kind: tuple[bool, ...], weight: Floats) -> Floats:
    of_kind = cells[_column(kind)].to_numpy(dtype=np.float64)
    share: Floats = np.divide(of_kind, weight, out=np.full(len(weight), np.nan), where=weight > 0)
    return share


def _cells(
    level_counts: pd.DataFrame, unit_counts: pd.DataFrame
) -> tuple[pd.DataFrame, list[tuple[bool, ...]]]:
    """The weight of every combination of top items among complete answers, one row per survey, period and segment."""
    key = ["survey", *CELL_KEY]
    levels = level_counts[list(ITEM_LEVELS)].to_numpy()
    is_complete = (levels != MISSING).all(axis=1)
    is_top: npt.NDArray[np.bool_] = levels == TOP
    kinds = list(product((False, True), repeat=len(ITEMS)))
    weights = {
        _column(kind): level_counts["weight_sum"].where(is_complete & (is_top == kind).all(axis=1), 0.0)
        for kind in kinds
    }
    cells = level_counts.assign(**weights).groupby(key, as_index=False, sort=True)[list(weights)].sum()
    of_index = (unit_counts["item"] == ALL) & (unit_counts["base"] == "complete")
    units = unit_counts.loc[of_index, [*key, "unit_count"]]
    require_unique(units, SURVEY_UNIT_COUNTS.source, key)
    found = cells.merge(units, on=key, how="left", validate="one_to_one")
    return found.assign(unit_count=found["unit_count"].fillna(0).astype("int64"), item=ALL), kinds


def _column(kind: tuple[bool, ...]) -> str:
    return "top_" + "".join("1" if is_top else "0" for is_top in kind)


def _require_levels(level_counts: pd.DataFrame) -> None:
    require_columns(level_counts, LEVEL_COUNTS, SCI_LEVEL_COUNTS.columns)
    require_counts(level_counts, LEVEL_COUNTS, ("unit_count",))
    require_unique(level_counts, LEVEL_COUNTS, SCI_LEVEL_COUNTS.key)
    for item in ITEM_LEVELS:
        is_level = level_counts[item].isin(range(MISSING, TOP + 1))
        refuse(level_counts, ~is_level, LEVEL_COUNTS, f"have a {item} outside {MISSING} to {TOP}")
    answered_nothing = (level_counts[list(ITEM_LEVELS)] == MISSING).all(axis=1)
    refuse(level_counts, answered_nothing, LEVEL_COUNTS, "answer none of the three items")
