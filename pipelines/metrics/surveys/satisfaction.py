"""Customer satisfaction: the share of satisfied answers.

Here is what is computed from questions of the construct `overall_satisfaction`. Loyalty figures must stay
out: satisfaction is a family of its own and is never published under another's name.
"""

from datetime import date

import pandas as pd

from pipelines.metrics.marts import CELL_KEY
from pipelines.metrics.metric_row import UNWEIGHTED, Metric, counts, metric_rows, share_estimate
from pipelines.metrics.surveys.score_counts import SCORE_COUNT_CELL, SCORE_COUNTS, scores_of_construct
from pipelines.settings import Definitions

TOP_BOXES_BY_SCALE = {
    (0, 1): 1,
    (1, 3): 1,
    (1, 4): 2,
    (1, 5): 2,
    (1, 6): 2,
    (1, 7): 2,
    (1, 10): 2,
    (0, 10): 2,
}
# Catalogue 3.3: good/bad and 1-3 take the top one, 4 to 7 points the top two; 1-10 and 0-10 9 and 10.


def satisfaction(score_counts: pd.DataFrame, as_of_date: date, definitions: Definitions) -> pd.DataFrame:
    """Share of satisfied answers per survey, question, period and segment.

    Meaning: which share of those who answered chose one of the best boxes of the scale.
    Formula: `csat_share` = answers in the top boxes / all valid answers, neutral ones included; top boxes by
        scale: yes/no and 1-3 the best one, 1-4 to 1-7 the best two, 1-10 and 0-10 the scores 9 and 10.
        SE = sqrt(p (1 - p) / n), interval Wilson.
    Input: `marts.survey_score_counts`: survey, question, construct, scale_low, scale_high, low_is_good,
        period_grain, period_start_date, segment_name, segment_value, score, unit_count (>= 0); one row per
        survey, question, period, segment and score.
    Output: tidy metric rows, one per cell; item is the question, definition_id names the boxes.
    Left out: questions of other constructs; missing answers, which are not in the mart.
    Known drawbacks: shares of different scales do not compare (one in ten answers of a four-point scale would
        be neutral on five points). Customers' counted answers are taken as independent.
    Raises: ValueError for a scale without a box (never a share of 0), a score outside its scale, a repeated
        key.
    Source: catalogue 3.3; interval Newcombe 1998, method 3.
    """
    answers = scores_of_construct(score_counts, "overall_satisfaction")
    box_count = _box_count(answers)
    cells = (
        answers.assign(
            box_count=box_count,
            top_count=answers["unit_count"].where(answers["score"] > answers["scale_high"] - box_count, 0),
        )
        .groupby([*SCORE_COUNT_CELL, "box_count"], as_index=False, sort=True)[["top_count", "unit_count"]]
        .sum()
    )
    key = cells[["survey", "question", *CELL_KEY]].rename(columns={"question": "item"})
    metric = Metric("csat_share", "share", "", "wilson", UNWEIGHTED)
    estimate = share_estimate(counts(cells, "top_count"), counts(cells, "unit_count"), definitions.ci_level)
    boxes = "box=top_" + cells["box_count"].astype(str)
    scales = ";scale=" + cells["scale_low"].astype(str) + "_to_" + cells["scale_high"].astype(str)
    return metric_rows(key, metric, estimate, as_of_date, definitions).assign(
        definition_id=boxes + scales + f";responses={definitions.multiple_responses_policy}"
    )


def _box_count(answers: pd.DataFrame) -> "pd.Series[int]":
    """How many boxes of each answer's scale are top boxes; refuse a scale for which that is not settled."""
    scales = pd.MultiIndex.from_frame(answers[["scale_low", "scale_high"]])
    box_count = pd.Series(scales.map(TOP_BOXES_BY_SCALE), index=answers.index)
    unknown = answers.loc[box_count.isna()]
    if len(unknown):
        first = unknown.iloc[0]
        known = ", ".join(f"{low} to {high}" for low, high in TOP_BOXES_BY_SCALE)
        raise ValueError(
            f"{len(unknown)} of {len(answers)} rows of {SCORE_COUNTS} with construct overall_satisfaction "
            f"have a scale without top boxes, first survey {first['survey']}, question {first['question']}, "
            f"scale {first['scale_low']} to {first['scale_high']}: known are {known}"
        )
    return box_count.astype("int64")
