"""Items on agreement and rating scales: mean, median, boxes and distribution of each.

Here is what is computed from single questions of the constructs `likert` and `driver`. Scales of several items
(`reliability.py`) and what drives satisfaction must stay out.
"""

from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.metrics.intervals import Floats, Interval, median_ranks
from pipelines.metrics.metric_row import UNWEIGHTED, Estimate, Metric, metric_rows, metric_table
from pipelines.metrics.surveys.answers import Answers, Index, answers_of
from pipelines.metrics.surveys.ratios import ScoreFunction, ratio
from pipelines.metrics.surveys.score_figures import (
    interval_method,
    mean_figure,
    net_figure,
    share_figure,
    the_score,
)
from pipelines.settings import Definitions

CONSTRUCTS = frozenset({"likert", "driver"})

BOX_COUNT = 2
# Catalogue 3.5: top two and bottom two.

FEWEST_POINTS_OF_BOXES = 4
# With fewer the two boxes at the ends would share a score.

TOLD_SCORES = range(11)
# A score of its own has a metric of its own, with a label: those of the scales from 0 to 10.

WEIGHT_TOLERANCE = 1e-6
# Sums of up to a thousand weights of nine decimals stay within it.

SCALE_TOO_SHORT = "scale_too_short_for_boxes"


def likert(
    score_counts: pd.DataFrame,
    score_pairs: pd.DataFrame,
    unit_counts: pd.DataFrame,
    as_of_date: date,
    definitions: Definitions,
) -> pd.DataFrame:
    """Mean, median, boxes and distribution per survey, question, period and segment.

    Meaning: how an item was rated, high being good.
    Formula: scores are reversed first where low is good (low + high - x). `likert_mean`; `likert_median` = middle
        score, the mean of both middle ones where n is even; `likert_top2_share` and `likert_bottom2_share` = shares
        of the two best and two worst scores; `likert_net_share` = their difference; `likert_share_of_<score>` = share
        of each score. Means and net shares have the adjusted Wald interval, shares Wilson's, those of the
        distribution Goodman's (all of them hold together), the median the interval between the scores of two ranks.
        Changes as of satisfaction; the median has none.
    Input: `marts.survey_score_counts`, `marts.survey_score_pairs`, `marts.survey_unit_counts` as for `nps`, constructs
        likert and driver.
    Output: tidy metric rows; item is the question.
    Left out: the distribution of scales that reach below 0 or above 10. Boxes of scales of fewer than four points are
        null: `scale_too_short_for_boxes`.
    Known drawbacks: the mean takes the steps between the answers as equal. The interval of the median ends on scores
        of the scale, so it is often far wider than its confidence asks.
    Raises: ValueError for a score outside its scale, a count that is none, a repeated key, a cell without its number
        of customers.
    Source: catalogue 3.5; Conover 1999, Practical Nonparametric Statistics, 3.2 (median); Goodman 1965.
    """
    answers = answers_of(score_counts, score_pairs, unit_counts, CONSTRUCTS)
    items = metric_table(answers.cells, _item_figures(answers, definitions), as_of_date, definitions)
    return pd.concat([items, *_distributions(answers, as_of_date, definitions)], ignore_index=True)


def _item_figures(answers: Answers, definitions: Definitions) -> list[tuple[Metric, Estimate]]:
    low, high = answers.figure("scale_low"), answers.figure("scale_high")

    def is_top(cell: Index, score: Floats) -> Floats:
        return (score > high[cell] - BOX_COUNT).astype(float)

    def is_bottom(cell: Index, score: Floats) -> Floats:
        return (score < low[cell] + BOX_COUNT).astype(float)

    def net(cell: Index, score: Floats) -> Floats:
        return is_top(cell, score) - is_bottom(cell, score)

    def metric(name: str, unit: str, method: str) -> Metric:
        return Metric(name, unit, _definition_id(definitions), method, UNWEIGHTED)

    adjusted = interval_method(definitions)
    boxes = [
        (metric("likert_top2_share", "share", "wilson"), share_figure(answers, is_top, definitions)),
        (metric("likert_bottom2_share", "share", "wilson"), share_figure(answers, is_bottom, definitions)),
        (metric("likert_net_share", "share", adjusted), net_figure(answers, net, definitions)),
    ]
    is_short = high - low + 1 < FEWEST_POINTS_OF_BOXES
    return [
        (metric("likert_mean", "mean", adjusted), mean_figure(answers, the_score, low, high, definitions)),
        (metric("likert_median", "mean", "order_statistics"), median_figure(answers, definitions)),
        *((each, _without_boxes(estimate, is_short)) for each, estimate in boxes),
    ]


def _distributions(answers: Answers, as_of_date: date, definitions: Definitions) -> list[pd.DataFrame]:
    """The share of each score, on the cells whose scale has it, scales of one length after the other."""
    low, high = answers.figure("scale_low"), answers.figure("scale_high")
    points = (high - low + 1).astype(int)
    is_known = (low >= TOLD_SCORES[0]) & (high <= TOLD_SCORES[-1])
    parts = []
    for point_count, score in product(sorted(set(points[is_known])), TOLD_SCORES):
        is_told = is_known & (points == point_count) & (low <= score) & (score <= high)
        if is_told.any():
            metric = Metric(
                f"likert_share_of_{score}", "share", _definition_id(definitions), "goodman", UNWEIGHTED
            )
            share = share_figure(answers, _equals(score), definitions, class_count=point_count)
            parts.append(metric_rows(answers.cells, metric, share, as_of_date, definitions).loc[is_told])
    return parts


def _equals(wanted: int) -> ScoreFunction:
    def code(_cell: Index, score: Floats) -> Floats:
        return np.equal(score, wanted).astype(np.float64)

    return code


def median_figure(answers: Answers, definitions: Definitions) -> Estimate:
    """The middle score, with the interval between two ranks; the ends of the scale where n is too small for it.

    Where customers have several answers, ranks are those of the effective number of answers.
    """
    spread = ratio(answers, the_score, by_unit=definitions.multiple_responses_policy == "mean_of_codes")
    n = np.nan_to_num(spread.n_effective)
    rank = median_ranks(n, definitions.ci_level)
    order = np.lexsort((answers.scores.score, answers.scores.cell))
    summed = np.cumsum(answers.scores.weight[order])
    start = np.concatenate([[0.0], np.cumsum(spread.weight)[:-1]]) if len(n) else np.zeros(0)
    scores = answers.scores.score[order]

    def score_at(weight: Floats, *, is_above: bool = False) -> Floats:
        """The first score up to which there is this much weight, or more than it."""
        # Weights are rounded to nine decimals: so much less is still the same.
        reach = start + weight + (WEIGHT_TOLERANCE if is_above else -WEIGHT_TOLERANCE)
        return scores[np.minimum(np.searchsorted(summed, reach), len(scores) - 1)]

    per_rank = spread.weight / np.where(n > 0, n, 1)
    has_rank = (rank > 0) & (n > 0)
    low = np.where(has_rank, score_at(rank * per_rank), answers.figure("scale_low"))
    high = np.where(has_rank, score_at((n - rank) * per_rank, is_above=True), answers.figure("scale_high"))
    middle = (score_at(spread.weight / 2) + score_at(spread.weight / 2, is_above=True)) / 2
    return Estimate(
        value=middle,
        std_error=np.full(len(n), np.nan),
        interval=Interval(low, high),
        n=spread.unit_count,
        n_effective=spread.n_effective,
    )


def _without_boxes(estimate: Estimate, is_short: npt.NDArray[np.bool_]) -> Estimate:
    reasons = np.full(len(is_short), None, dtype=object)
    reasons[is_short] = SCALE_TOO_SHORT
    return replace(estimate, undefined_reason=reasons)


def _definition_id(definitions: Definitions) -> str:
    return f"responses={definitions.multiple_responses_policy}"
