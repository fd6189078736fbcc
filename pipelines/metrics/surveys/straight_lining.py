"""Respondents who gave the same answer to every item of a scale.

Here is the one figure of careless answering that patterns of answers show. How far items measure one thing stands in
`reliability.py`.
"""

from datetime import date

import numpy as np
import pandas as pd

from pipelines.metrics.intervals import Floats
from pipelines.metrics.marts import CELL_KEY, SCALE_PATTERNS
from pipelines.metrics.metric_row import UNWEIGHTED, Metric, counts, metric_rows, share_estimate
from pipelines.metrics.surveys.patterns import score_matrix, the_one_list
from pipelines.settings import Definitions

FEWEST_ITEMS = 3
# Two equal answers say little of care.

CUSTOMER_INDEX = "secure_customer_index"
# Its three items ask for nearly one thing: equal answers are what it looks for.


def straight_lining(
    scale_patterns: pd.DataFrame, as_of_date: date, definitions: Definitions
) -> list[pd.DataFrame]:
    """Share of straight-lining respondents per survey, scale, period and segment.

    Meaning: which share of those who answered all items of a scale ticked the same answer throughout.
    Formula: `straight_lining_share` = complete respondents whose answers, as they were given, are all equal / complete
        respondents; Wilson's interval. On a scale with reversed items equal answers contradict each other.
    Input: `marts.scale_patterns`: pattern (scores turned so that high is good), low_is_goods, scale_lows, scale_highs,
        unit_count; one row per survey, scale, period, segment value and pattern.
    Output: tidy metric rows, a frame per scale; item is the scale's name.
    Left out: scales of fewer than three items, those whose items have different answers to choose from, and the items
        of the customer index.
    Known drawbacks: who holds one opinion of everything answers alike without being careless.
    Raises: ValueError for a pattern of another length than its items.
    Source: Herzog & Bachman 1981, Public Opinion Quarterly 45, 549-559; catalogue 3.5.
    """
    rows = []
    for (survey, name), patterns in scale_patterns.groupby(["survey", "scale_name"], sort=True):
        items = str(patterns["items"].iloc[0]).split(",")
        low, high, is_reversed = (
            the_one_list(patterns[column], items, column, SCALE_PATTERNS.source)
            for column in ("scale_lows", "scale_highs", "low_is_goods")
        )
        if len(items) < FEWEST_ITEMS or name == CUSTOMER_INDEX or len(set(zip(low, high, strict=True))) > 1:
            continue
        turned = score_matrix(patterns["pattern"], items, SCALE_PATTERNS.source)
        given: Floats = np.where(is_reversed, low + high - turned, turned)
        is_complete = np.asarray(np.isfinite(given).all(axis=1))
        is_straight = is_complete & (np.ptp(given, axis=1) == 0)
        cells = (
            patterns.assign(
                complete=patterns["unit_count"].where(is_complete, 0),
                straight=patterns["unit_count"].where(is_straight, 0),
            )
            .groupby(list(CELL_KEY), as_index=False, sort=True)[["complete", "straight"]]
            .sum()
            .assign(survey=str(survey), item=str(name))
        )
        definition_id = f"responses={definitions.multiple_responses_policy}"
        metric = Metric("straight_lining_share", "share", definition_id, "wilson", UNWEIGHTED)
        estimate = share_estimate(counts(cells, "straight"), counts(cells, "complete"), definitions.ci_level)
        rows.append(metric_rows(cells, metric, estimate, as_of_date, definitions))
    return rows
