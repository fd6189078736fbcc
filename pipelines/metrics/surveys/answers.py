"""The counted answers of some constructs as arrays: scores, pairs of scores of one unit, numbers of units.

Here is the reading of the three marts of scores that every metric of single questions and of the index shares: they
are checked, turned so that high is good, and brought to one order of cells. What a score means for a metric must stay
out, and so must any variance (`score_figures.py`).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.metrics.inputs import refuse, require_columns, require_counts, require_unique
from pipelines.metrics.intervals import Counts, Floats
from pipelines.metrics.marts import (
    CELL_KEY,
    SURVEY_SCORE_COUNTS,
    SURVEY_SCORE_PAIRS,
    SURVEY_UNIT_COUNTS,
)

SCORE_COUNTS = SURVEY_SCORE_COUNTS.source
SCORE_PAIRS = SURVEY_SCORE_PAIRS.source
UNIT_COUNTS = SURVEY_UNIT_COUNTS.source

ANSWER_CELL = ("survey", "item", *CELL_KEY)
"""One metric cell: a question, or the index, in one period and segment."""

QUESTION_FIGURES = ("construct", "scale_low", "scale_high", "low_is_good", "version", "scale_name")
"""What holds for all scores of a cell."""

MONTHS_OF_GRAIN = {"month": 1, "quarter": 3, "year": 12}
# How far the period before lies back; the grain `all` has none.

Index = npt.NDArray[np.intp]

Turn = Callable[[Index, Floats], Floats]
"""What is done to scores, given the places of their cells."""


@dataclass(frozen=True)
class Scores:
    """Some scores, each with the place of its cell; `weight` is the sum of the weights of the answers."""

    cell: Index
    score: Floats
    answer_count: Floats
    weight: Floats


@dataclass(frozen=True)
class Pairs:
    """Pairs of scores of one unit: the first in `cell`, the other in the same cell or in that of the period before."""

    cell: Index
    score: Floats
    other_cell: Index
    other_score: Floats
    weight_product: Floats


@dataclass(frozen=True)
class Answers:
    """The counted answers, one metric cell per row of `cells`, in the order of the key.

    `before` is the place of the cell of the period before, -1 where there is none; `unit_counts` and
    `overlap_counts` hold the distinct units of each base, and those that are in the period before too.
    """

    cells: pd.DataFrame
    before: Index
    scores: Scores
    same: Pairs
    earlier: Pairs
    unit_counts: dict[str, Counts]
    overlap_counts: dict[str, Counts]

    def figure(self, name: str) -> Floats:
        """A figure of the question, such as an end of its scale, one element per cell."""
        return self.cells[name].to_numpy(dtype=np.float64)


def answers_of(
    score_counts: pd.DataFrame,
    score_pairs: pd.DataFrame,
    unit_counts: pd.DataFrame,
    constructs: Collection[str],
    *,
    turned: bool = True,
) -> Answers:
    """The answers to questions of these constructs, scores reversed (low + high - score) where low is good.

    With `turned` false the scores stay as they were given.
    Raises ValueError for a missing column, a null, a score outside its scale, a count that is none, a repeated
    key, a cell without its number of units.
    """
    rows = _score_rows(score_counts, constructs)
    cells = rows.groupby(list(ANSWER_CELL), as_index=False, sort=True)[list(QUESTION_FIGURES)].first()
    index = pd.MultiIndex.from_frame(cells[list(ANSWER_CELL)])
    turn = _turning(cells) if turned else _as_given
    cell = _places(index, rows)
    scores = Scores(
        cell, turn(cell, _floats(rows, "score")), _floats(rows, "answer_count"), _floats(rows, "weight_sum")
    )
    before = _cells_before(cells, index)
    require_columns(score_pairs, SCORE_PAIRS, SURVEY_SCORE_PAIRS.columns)
    pair_cell = _places(index, score_pairs)
    lag = score_pairs["lag"].to_numpy()
    same = np.flatnonzero((pair_cell >= 0) & (lag == "same"))
    earlier = np.flatnonzero((pair_cell >= 0) & (lag == "before"))
    units, overlaps = _units(unit_counts, index)
    return Answers(
        cells,
        before,
        scores,
        _pairs(score_pairs.iloc[same], pair_cell[same], pair_cell[same], turn),
        _pairs(score_pairs.iloc[earlier], pair_cell[earlier], before[pair_cell[earlier]], turn),
        units,
        overlaps,
    )


def _score_rows(score_counts: pd.DataFrame, constructs: Collection[str]) -> pd.DataFrame:
    require_columns(score_counts, SCORE_COUNTS, ("construct",))
    rows = score_counts.loc[score_counts["construct"].isin(constructs)].reset_index(drop=True)
    require_columns(rows, SCORE_COUNTS, SURVEY_SCORE_COUNTS.columns)
    require_counts(rows, SCORE_COUNTS, ("answer_count",))
    require_unique(rows, SCORE_COUNTS, SURVEY_SCORE_COUNTS.key)
    refuse(rows, rows["weight_sum"] < 0, SCORE_COUNTS, "have a weight_sum below 0")
    outside = (rows["score"] < rows["scale_low"]) | (rows["score"] > rows["scale_high"])
    refuse(rows, outside, SCORE_COUNTS, "have a score outside their scale")
    return rows


def _turning(cells: pd.DataFrame) -> Turn:
    """Reverses the scores of the cells where low is good."""
    is_reversed = cells["low_is_good"].to_numpy(dtype=bool)
    sum_of_ends = _floats(cells, "scale_low") + _floats(cells, "scale_high")
    return lambda cell, score: np.where(is_reversed[cell], sum_of_ends[cell] - score, score)


def _as_given(_cell: Index, score: Floats) -> Floats:
    return score


def _pairs(rows: pd.DataFrame, cell: Index, other_cell: Index, turn: Turn) -> Pairs:
    return Pairs(
        cell,
        turn(cell, _floats(rows, "score")),
        other_cell,
        # Both periods ask the same question, so the scale is that of the cell.
        turn(cell, _floats(rows, "other_score")),
        _floats(rows, "weight_product_sum"),
    )


def _cells_before(cells: pd.DataFrame, index: pd.MultiIndex) -> Index:
    """The place of each cell's period before, -1 where it has none."""
    months = cells["period_grain"].map(MONTHS_OF_GRAIN)
    starts = cells["period_start_date"].to_numpy().astype("datetime64[M]")
    earlier = starts - months.fillna(0).to_numpy().astype("timedelta64[M]")
    earlier_keys = cells.assign(period_start_date=earlier.astype(cells["period_start_date"].dtype))
    return np.where(months.isna(), -1, _places(index, earlier_keys))


def _units(unit_counts: pd.DataFrame, index: pd.MultiIndex) -> tuple[dict[str, Counts], dict[str, Counts]]:
    """Distinct units of every base and of its overlap with the period before, one element per cell."""
    require_columns(unit_counts, UNIT_COUNTS, SURVEY_UNIT_COUNTS.columns)
    require_counts(unit_counts, UNIT_COUNTS, ("unit_count", "overlap_count"))
    require_unique(unit_counts, UNIT_COUNTS, SURVEY_UNIT_COUNTS.key)
    units: dict[str, Counts] = {}
    overlaps: dict[str, Counts] = {}
    for base, rows in unit_counts.groupby("base", sort=True):
        place = _places(index, rows)
        for figures, name in ((units, "unit_count"), (overlaps, "overlap_count")):
            figures[str(base)] = np.zeros(len(index), dtype=np.int64)
            figures[str(base)][place[place >= 0]] = rows[name].to_numpy(dtype=np.int64)[place >= 0]
    counted = units.setdefault("answered", np.zeros(len(index), dtype=np.int64))
    overlaps.setdefault("answered", np.zeros(len(index), dtype=np.int64))
    if (counted == 0).any():
        first = ", ".join(map(str, index[int(np.argmin(counted))]))
        raise ValueError(
            f"{int((counted == 0).sum())} of {len(index)} cells of {SCORE_COUNTS} have no units in "
            f"{UNIT_COUNTS}, first at {first}"
        )
    return units, overlaps


def _places(index: pd.MultiIndex, rows: pd.DataFrame) -> Index:
    """Which cell each row belongs to, -1 for none."""
    return index.get_indexer(pd.MultiIndex.from_frame(rows[list(ANSWER_CELL)]))


def _floats(rows: pd.DataFrame, name: str) -> Floats:
    return rows[name].to_numpy(dtype=np.float64)
