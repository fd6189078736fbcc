"""The net promoter score and the shares it is made of.

Here is what is computed from answers to questions of the construct `recommend` on the scale 0 to 10. Other
scales and weighting to a population must stay out: they are other metrics.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from pipelines.metrics.intervals import Floats
from pipelines.metrics.metric_row import UNWEIGHTED, Estimate, Metric, metric_table
from pipelines.metrics.surveys.answers import SCORE_COUNTS, Answers, Index, answers_of
from pipelines.metrics.surveys.score_figures import interval_method, net_figure, share_figure, times
from pipelines.settings import Definitions

NPS_SCALE = (0, 10)
LOWEST_PROMOTER_SCORE = 9
HIGHEST_DETRACTOR_SCORE = 6
# Reichheld 2003: 9-10 promoters, 7-8 passives, 0-6 detractors.

NO_CLASSES_OF_MEANS = "mean_of_codes_has_no_classes"


def nps(
    score_counts: pd.DataFrame,
    score_pairs: pd.DataFrame,
    unit_counts: pd.DataFrame,
    as_of_date: date,
    definitions: Definitions,
) -> pd.DataFrame:
    """Net promoter score with its three shares, per survey, question, period and segment.

    Meaning: by how many of a hundred respondents promoters outnumber detractors.
    Formula: `nps_points` = 100 (P - D), P the share of scores 9-10, D of 0-6; `promoter_share`,
        `passive_share` and `detractor_share` beside it. v = P + D - (P - D)^2, SE = 100 sqrt(v / n); where
        customers have several counted answers (policy all) SE^2 = C/(C - 1) sum_c u_c^2, u_c = sum over the
        customer's answers of (code - m) / n. The interval is the adjusted Wald one of n_effective answers, clipped
        to [-100, 100], round the raw score; shares have Wilson's. Under mean_of_codes the score is the mean of the
        customers' mean codes, SE = s / sqrt(C), interval with t(C - 1), and the shares are null.
        Change: the raw difference from the period before; p and interval from the adjusted scores of both, with
        SE^2 = C/(C - 1) sum_c (u_c now - u_c before)^2 over the customers of either (independent ones where none
        is in both), three answers added to each period as customers of their own. Under mean_of_codes without
        additions.
    Input: `marts.survey_score_counts`, construct recommend: scale 0 to 10, score, answer_count (>= 0), weight_sum;
        one row per survey, item, period, segment and score. `marts.survey_score_pairs`: the sums of products of
        weights by pairs of scores of one customer within the period (lag same) and with the period before (lag
        before). `marts.survey_unit_counts`: customers, and those of them who are in the period before.
    Output: tidy metric rows, four per cell with an answer; item is the question. n is the number of
        customers, or of responses where the customer is unknown.
    Left out: questions of other constructs. Missing answers are not in the mart, and never count as 0.
    Known drawbacks: below four answers the adjusted interval may not reach the raw score, nor the interval of the
        change the raw change. A score of 100 with n = 10 still means an interval from 47.5.
    Raises: ValueError for another scale than 0 to 10, a score outside it, a count that is none, a repeated
        key, a cell without its number of customers.
    Source: Reichheld 2003, Harvard Business Review 81(12); variance and interval: Rocks 2016, The American
        Statistician 70(4), 365-372; catalogue 3.1.
    """
    answers = answers_of(score_counts, score_pairs, unit_counts, {"recommend"})
    _require_scale(answers)
    definition_id = f"responses={definitions.multiple_responses_policy}"
    points = Metric("nps_points", "points", definition_id, interval_method(definitions), UNWEIGHTED)
    figures = [(points, times(100, net_figure(answers, nps_code, definitions)))]
    for name, code in (
        ("promoter_share", is_promoter),
        ("passive_share", _is_passive),
        ("detractor_share", is_detractor),
    ):
        share = _without_classes(share_figure(answers, code, definitions), definitions)
        figures.append((Metric(name, "share", definition_id, "wilson", UNWEIGHTED), share))
    return metric_table(answers.cells, figures, as_of_date, definitions)


def is_promoter(_cell: Index, score: Floats) -> Floats:
    """1 for a promoter's score."""
    return (score >= LOWEST_PROMOTER_SCORE).astype(float)


def is_detractor(_cell: Index, score: Floats) -> Floats:
    """1 for a detractor's score."""
    return (score <= HIGHEST_DETRACTOR_SCORE).astype(float)


def nps_code(cell: Index, score: Floats) -> Floats:
    """1 for promoters, 0 for passives, -1 for detractors."""
    return is_promoter(cell, score) - is_detractor(cell, score)


def _is_passive(cell: Index, score: Floats) -> Floats:
    return 1 - is_promoter(cell, score) - is_detractor(cell, score)


def _without_classes(share: Estimate, definitions: Definitions) -> Estimate:
    """A customer's mean code belongs to no class: under mean_of_codes there are no shares."""
    if definitions.multiple_responses_policy != "mean_of_codes":
        return share
    reasons = np.full(len(share.n), None, dtype=object)
    reasons[:] = NO_CLASSES_OF_MEANS
    return replace(share, undefined_reason=reasons)


def _require_scale(answers: Answers) -> None:
    """Refuse any scale but 0 to 10: a score on another scale is another metric."""
    lowest, highest = NPS_SCALE
    cells = answers.cells
    other = cells.loc[(cells["scale_low"] != lowest) | (cells["scale_high"] != highest)]
    if len(other):
        first = other.iloc[0]
        raise ValueError(
            f"{len(other)} of {len(cells)} cells of {SCORE_COUNTS} with construct recommend are not on the "
            f"scale 0 to 10, first survey {first['survey']}, question {first['item']}, scale "
            f"{first['scale_low']} to {first['scale_high']}: give that question the construct likert, it has "
            "no net promoter score"
        )
