"""The counted answers of one construct, checked and turned so that high is good.

Here is the reading of `marts.survey_score_counts` that every metric of single questions shares. What a score
means for a metric must stay out.
"""

import pandas as pd

from pipelines.metrics.inputs import refuse, require_columns, require_counts, require_unique
from pipelines.metrics.marts import CELL_KEY, SURVEY_SCORE_COUNTS

SCORE_COUNTS = SURVEY_SCORE_COUNTS.source

SCORE_COUNT_CELL = ("survey", "question", "scale_low", "scale_high", *CELL_KEY)
"""One metric cell: a question with the ends of its scale, in one period and segment."""


def scores_of_construct(score_counts: pd.DataFrame, construct: str) -> pd.DataFrame:
    """The rows of one construct, with scores reversed (low + high - score) where low is good.

    Raises ValueError for a missing column, a null, a score outside its scale, a count that is none, a
    repeated key.
    """
    require_columns(score_counts, SCORE_COUNTS, ("construct",))
    answers = score_counts.loc[score_counts["construct"] == construct]
    require_columns(answers, SCORE_COUNTS, SURVEY_SCORE_COUNTS.columns)
    require_counts(answers, SCORE_COUNTS, ("unit_count",))
    require_unique(answers, SCORE_COUNTS, SURVEY_SCORE_COUNTS.key)
    outside = (answers["score"] < answers["scale_low"]) | (answers["score"] > answers["scale_high"])
    refuse(answers, outside, SCORE_COUNTS, "have a score outside their scale")
    reversed_score = answers["scale_low"] + answers["scale_high"] - answers["score"]
    return answers.assign(score=answers["score"].mask(answers["low_is_good"].astype(bool), reversed_score))
