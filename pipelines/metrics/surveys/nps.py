"""The net promoter score and the shares it is made of.

Here is what is computed from answers to questions of the construct `recommend` on the scale 0 to 10. Other
scales, weights and changes between waves must stay out: they are other metrics or need other statistics.
"""

from datetime import date

import numpy as np
import pandas as pd

from pipelines.metrics.intervals import Interval, adjusted_wald_interval
from pipelines.metrics.marts import CELL_KEY
from pipelines.metrics.metric_row import (
    UNWEIGHTED,
    Estimate,
    Metric,
    counts,
    metric_rows,
    share_estimate,
)
from pipelines.metrics.surveys.score_counts import SCORE_COUNT_CELL, SCORE_COUNTS, scores_of_construct
from pipelines.settings import Definitions

NPS_SCALE = (0, 10)
LOWEST_PROMOTER_SCORE = 9
HIGHEST_DETRACTOR_SCORE = 6
# Reichheld 2003: 9-10 promoters, 7-8 passives, 0-6 detractors.


def nps(score_counts: pd.DataFrame, as_of_date: date, definitions: Definitions) -> pd.DataFrame:
    """Net promoter score with its three shares, per survey, question, period and segment.

    Meaning: by how many of a hundred respondents promoters outnumber detractors.
    Formula: `nps_points` = 100 (P - D), P the share of scores 9-10, D of 0-6; `promoter_share`,
        `passive_share` and `detractor_share` beside it. v = P + D - (P - D)^2, SE = 100 sqrt(v / n). The
        interval is the adjusted Wald one, clipped to [-100, 100], round the raw score; shares have Wilson's.
    Input: `marts.survey_score_counts`: survey, question, construct, scale_low, scale_high, low_is_good,
        period_grain, period_start_date, segment_name, segment_value, score (0 to 10), unit_count (>= 0); one
        row per survey, question, period, segment and score.
    Output: tidy metric rows, four per cell with an answer; item is the question. n is the number of
        customers, or of responses where the customer is unknown; n_effective equals n.
    Left out: questions of other constructs. Missing answers are not in the mart, and never count as 0.
    Known drawbacks: below four answers the adjusted interval may not reach the raw score. Customers' counted
        answers are taken as independent. A score of 100 with n = 10 still means an interval from 47.5.
    Raises: ValueError for another scale than 0 to 10, a score outside it, a count that is none, a repeated
        key.
    Source: Reichheld 2003, Harvard Business Review 81(12); variance and interval: Rocks 2016, The American
        Statistician 70(4), 365-372; catalogue 3.1.
    """
    answers = scores_of_construct(score_counts, "recommend")
    _require_scale(answers)
    is_promoter = answers["score"] >= LOWEST_PROMOTER_SCORE
    is_detractor = answers["score"] <= HIGHEST_DETRACTOR_SCORE
    cells = (
        answers.assign(
            promoter_count=answers["unit_count"].where(is_promoter, 0),
            detractor_count=answers["unit_count"].where(is_detractor, 0),
        )
        .groupby(list(SCORE_COUNT_CELL), as_index=False, sort=True)[
            ["promoter_count", "detractor_count", "unit_count"]
        ]
        .sum()
        .assign(
            passive_count=lambda cell: cell["unit_count"] - cell["promoter_count"] - cell["detractor_count"]
        )
    )
    key = cells[["survey", "question", *CELL_KEY]].rename(columns={"question": "item"})
    definition_id = f"responses={definitions.multiple_responses_policy}"
    score = Metric("nps_points", "points", definition_id, "adjusted_wald", UNWEIGHTED)
    rows = [metric_rows(key, score, _points(cells, definitions.ci_level), as_of_date, definitions)]
    for group in ("promoter", "passive", "detractor"):
        share = Metric(f"{group}_share", "share", definition_id, "wilson", UNWEIGHTED)
        estimate = share_estimate(
            counts(cells, f"{group}_count"), counts(cells, "unit_count"), definitions.ci_level
        )
        rows.append(metric_rows(key, share, estimate, as_of_date, definitions))
    return pd.concat(rows, ignore_index=True)


def _points(cells: pd.DataFrame, ci_level: float) -> Estimate:
    promoters, detractors = counts(cells, "promoter_count"), counts(cells, "detractor_count")
    n = counts(cells, "unit_count")
    answered = np.where(n > 0, n, 1)
    difference = (promoters - detractors) / answered
    variance = np.maximum(0.0, (promoters + detractors) / answered - difference**2)
    low, high = adjusted_wald_interval(promoters, detractors, n, ci_level)
    return Estimate(
        value=100 * difference,
        std_error=100 * np.sqrt(variance / answered),
        interval=Interval(100 * low, 100 * high),
        n=n,
        n_effective=n.astype(float),
    )


def _require_scale(answers: pd.DataFrame) -> None:
    """Refuse any scale but 0 to 10: a score on another scale is another metric."""
    lowest, highest = NPS_SCALE
    other = answers.loc[(answers["scale_low"] != lowest) | (answers["scale_high"] != highest)]
    if len(other):
        first = other.iloc[0]
        raise ValueError(
            f"{len(other)} of {len(answers)} rows of {SCORE_COUNTS} with construct recommend are not on the "
            f"scale 0 to 10, first survey {first['survey']}, question {first['question']}, scale "
            f"{first['scale_low']} to {first['scale_high']}: give that question the construct likert, it has "
            "no net promoter score"
        )
