"""The Secure Customer Index: its classes, the top-two-box reading, and what partial answers leave open.

Here is what is computed from three items: overall satisfaction, intention to buy again, willingness to recommend.
The scale maps that make levels of scores, and the classes of single responses, must stay out: they stand where the
levels are made. So must the overlap of the items (`index_items.py`).
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from pipelines.metrics.inputs import refuse
from pipelines.metrics.intervals import Floats
from pipelines.metrics.metric_row import ALL, UNWEIGHTED, Estimate, Metric, metric_table
from pipelines.metrics.surveys.answers import SCORE_COUNTS, Answers, Index, answers_of
from pipelines.metrics.surveys.index_items import index_items
from pipelines.metrics.surveys.ratios import ANSWERED, Base, ScoreFunction
from pipelines.metrics.surveys.score_figures import share_figure
from pipelines.settings import Definitions

CONSTRUCT = "secure_customer_index"

AT_RISK, VULNERABLE, FAVORABLE, SECURE = range(1, 5)
PARTLY_AT_RISK, PARTLY_OPEN, PARTLY_TOP = -1, -2, -3
# States of a response: its class where all three items are answered, below 0 what the answered ones leave open.

CLASS_COUNT = 4


def secure_customer_index(
    score_counts: pd.DataFrame,
    score_pairs: pd.DataFrame,
    unit_counts: pd.DataFrame,
    level_counts: pd.DataFrame,
    as_of_date: date,
    definitions: Definitions,
) -> pd.DataFrame:
    """Secure Customer Index with its classes and bounds, per survey, period and segment.

    Meaning: which share of the customers is secure: most positive on all three items.
    Formula: minimum rule: the class is the lowest level of the three items. Of the respondents with all
        three: `sci_share` = share of secure (setting sci_box: top) or of secure and favorable (top2);
        `sci_top2` = secure and favorable; `sci_secure_share`, `sci_favorable_share`, `sci_vulnerable_share`,
        `sci_at_risk_share` = the four classes. Of all N respondents: `at_risk_bounded` = partial answers of
        which one already yields at risk; `sci_unclassified` = other partial answers; `sci_secure_lower_bound`
        = S / N; `sci_secure_upper_bound` = (S + partial answers that are all top) / N. SE = sqrt(p (1 - p) /
        n); Wilson's interval, for the four classes Goodman's simultaneous one. Changes: Newcombe's interval with the
        correlation of the two periods, p of the adjusted Wald test. The items' overlap: see `index_items`.
    Input: `marts.survey_score_counts`, `marts.survey_score_pairs`, `marts.survey_unit_counts`, construct
        secure_customer_index: the score is the state of a response (4 secure, 3 favorable, 2 vulnerable, 1 at risk;
        incomplete ones: -1 already at risk, -3 all answered items top, -2 else), bases answered and complete.
        `marts.sci_level_counts`: see `index_items`.
    Output: tidy metric rows, ten per cell and those of the items; n counts the customers of the denominator;
        definition_id names the box and which response of a customer counts.
    Left out: from the classes, respondents with a missing item; they are in n of the four bounds.
    Known drawbacks: the published verbal classes are neither exhaustive nor exclusive, the minimum rule is
        what makes them so; it gives a 5-5-2 customer the class of a 2-2-2 one. The three items measure nearly
        one construct, so they add little to each other (Neal 2000). Four-point scales have no middle, yes/no
        items no class between.
    Raises: ValueError for a state that is none, a level outside 0 to 4, a row without any item, a count that is
        none, a repeated key.
    Source: Burke, Inc. (D. Randall Brandt); Hair et al., Essentials of Marketing Research, exhibit 7.17;
        Neal, Marketing News 2000; intervals: Newcombe 1998, Goodman 1965; catalogue 3.2.
    """
    answers = answers_of(score_counts, score_pairs, unit_counts, {CONSTRUCT})
    of_index = score_counts.loc[score_counts["construct"] == CONSTRUCT]
    refuse(of_index, of_index["score"] == 0, SCORE_COUNTS, "have a state of the index that is none")
    shares = metric_table(
        answers.cells.assign(item=ALL), _figures(answers, definitions), as_of_date, definitions
    )
    items = index_items(level_counts, unit_counts, as_of_date, definitions)
    return pd.concat([shares, items], ignore_index=True)


def _figures(answers: Answers, definitions: Definitions) -> Iterator[tuple[Metric, Estimate]]:
    complete = Base("complete", _is_at_least(AT_RISK))

    def figure(
        name: str, code: ScoreFunction, base: Base = ANSWERED, box: str = "top", class_count: int = 1
    ) -> tuple[Metric, Estimate]:
        definition_id = f"box={box};responses={definitions.multiple_responses_policy}"
        method = "wilson" if class_count == 1 else "goodman"
        estimate = share_figure(answers, code, definitions, base, class_count)
        return Metric(name, "share", definition_id, method, UNWEIGHTED), estimate

    lowest = SECURE if definitions.sci_box == "top" else FAVORABLE
    yield figure("sci_share", _is_at_least(lowest), complete, definitions.sci_box)
    yield figure("sci_top2", _is_at_least(FAVORABLE), complete, "top2")
    for name, state in (
        ("secure", SECURE),
        ("favorable", FAVORABLE),
        ("vulnerable", VULNERABLE),
        ("at_risk", AT_RISK),
    ):
        yield figure(f"sci_{name}_share", _is_any_of(state), complete, class_count=CLASS_COUNT)
    yield figure("at_risk_bounded", _is_any_of(PARTLY_AT_RISK))
    yield figure("sci_unclassified", _is_any_of(PARTLY_OPEN, PARTLY_TOP))
    yield figure("sci_secure_lower_bound", _is_any_of(SECURE))
    yield figure("sci_secure_upper_bound", _is_any_of(SECURE, PARTLY_TOP))


def _is_at_least(lowest: int) -> ScoreFunction:
    def code(_cell: Index, state: Floats) -> Floats:
        return (state >= lowest).astype(float)

    return code


def _is_any_of(*states: int) -> ScoreFunction:
    def code(_cell: Index, state: Floats) -> Floats:
        return np.isin(state, states).astype(float)

    return code
