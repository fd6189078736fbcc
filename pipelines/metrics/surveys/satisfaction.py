"""Customer satisfaction: shares of satisfied and dissatisfied answers, their difference, the mean.

Here is what is computed from questions of the construct `overall_satisfaction`. Loyalty figures must stay
out: satisfaction is a family of its own and is never published under another's name.
"""

from datetime import date

import numpy as np
import pandas as pd

from pipelines.metrics.intervals import Floats
from pipelines.metrics.metric_row import UNWEIGHTED, Estimate, Metric, metric_table
from pipelines.metrics.surveys.answers import SCORE_COUNTS, Answers, Index, answers_of
from pipelines.metrics.surveys.score_figures import (
    interval_method,
    mean_figure,
    net_figure,
    share_figure,
    the_score,
)
from pipelines.settings import Definitions


def satisfaction(
    score_counts: pd.DataFrame,
    score_pairs: pd.DataFrame,
    unit_counts: pd.DataFrame,
    as_of_date: date,
    definitions: Definitions,
) -> pd.DataFrame:
    """Satisfied share, dissatisfied share, net share and mean per survey, question, period and segment.

    Meaning: which share of those who answered chose one of the best boxes of the scale, which one of the worst.
    Formula: `csat_share` = answers in the top boxes / all valid answers, neutral ones included; how many boxes a
        scale has is the setting csat_box_by_scale. `csat_bottom_share` = answers in as many boxes at the other end;
        `csat_net_share` = csat_share - csat_bottom_share; `csat_mean` = mean score. Shares have SE =
        sqrt(p (1 - p) / n) and Wilson's interval, the net share and the mean the adjusted Wald one. Changes: of
        shares Newcombe's interval with the correlation of the two periods, p of the adjusted Wald test; of the net
        share as of the net promoter score; of the mean by its error with the customers of both periods.
    Input: `marts.survey_score_counts`, `marts.survey_score_pairs`, `marts.survey_unit_counts` as for `nps`, construct
        overall_satisfaction.
    Output: tidy metric rows, four per cell; item is the question, definition_id names the boxes.
    Left out: questions of other constructs; missing answers, which are not in the mart.
    Known drawbacks: shares of different scales do not compare (one in ten answers of a four-point scale would
        be neutral on five points). The mean takes the steps between the answers as equal.
    Raises: ValueError for a scale without a box (never a share of 0), a score outside its scale, a repeated
        key.
    Source: catalogue 3.3; Newcombe 1998, method 3 (interval) and method 10 (change); Agresti & Caffo 2000 (test).
    """
    answers = answers_of(score_counts, score_pairs, unit_counts, {"overall_satisfaction"})
    boxes = _box_count(answers, definitions)
    low, high = answers.figure("scale_low"), answers.figure("scale_high")

    def is_top(cell: Index, score: Floats) -> Floats:
        return (score > (high - boxes)[cell]).astype(float)

    def is_bottom(cell: Index, score: Floats) -> Floats:
        return (score < (low + boxes)[cell]).astype(float)

    def net(cell: Index, score: Floats) -> Floats:
        return is_top(cell, score) - is_bottom(cell, score)

    cells = answers.cells
    scales = "scale=" + cells["scale_low"].astype(str) + "_to_" + cells["scale_high"].astype(str)
    definition = scales + f";responses={definitions.multiple_responses_policy}"
    of_boxes = pd.Series(boxes, index=cells.index).astype("int64").astype(str) + ";" + definition
    adjusted = interval_method(definitions)
    mean = mean_figure(answers, the_score, low, high, definitions)
    satisfied, dissatisfied = (share_figure(answers, box, definitions) for box in (is_top, is_bottom))
    balance = net_figure(answers, net, definitions)
    figures: list[tuple[str, str, pd.Series[str], str, Estimate]] = [
        ("csat_share", "share", "box=top_" + of_boxes, "wilson", satisfied),
        ("csat_bottom_share", "share", "box=bottom_" + of_boxes, "wilson", dissatisfied),
        ("csat_net_share", "share", "box=top_less_bottom_" + of_boxes, adjusted, balance),
        ("csat_mean", "mean", definition, adjusted, mean),
    ]
    metrics = (
        (Metric(name, unit, box, way, UNWEIGHTED), estimate) for name, unit, box, way, estimate in figures
    )
    return metric_table(cells, metrics, as_of_date, definitions)


def _box_count(answers: Answers, definitions: Definitions) -> Floats:
    """How many boxes of each cell's scale are top boxes; refuse a scale for which that is not settled."""
    cells = answers.cells
    known = definitions.csat_box_by_scale
    scales = cells["scale_low"].astype(str) + "-" + cells["scale_high"].astype(str)
    unknown = cells.loc[~scales.isin(list(known))]
    if len(unknown):
        first = unknown.iloc[0]
        raise ValueError(
            f"{len(unknown)} of {len(cells)} cells of {SCORE_COUNTS} with construct overall_satisfaction "
            f"have a scale without top boxes, first survey {first['survey']}, question {first['item']}, "
            f"scale {first['scale_low']} to {first['scale_high']}: csat_box_by_scale knows {', '.join(known)}"
        )
    return scales.map(dict(known)).to_numpy(dtype=np.float64)
