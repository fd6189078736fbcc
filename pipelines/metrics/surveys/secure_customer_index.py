"""The Secure Customer Index: its classes, the top-two-box reading, and what partial answers leave open.

Here is what is computed from the levels of three items: overall satisfaction, intention to buy again,
willingness to recommend. The scale maps that make levels of scores must stay out: they stand where the levels
are made.
"""

from datetime import date

import numpy as np
import pandas as pd

from pipelines.metrics.inputs import refuse, require_columns, require_counts, require_unique
from pipelines.metrics.intervals import goodman_interval
from pipelines.metrics.marts import CELL_KEY, SCI_LEVEL_COUNTS
from pipelines.metrics.metric_row import UNWEIGHTED, Estimate, Metric, counts, metric_rows, share_estimate
from pipelines.settings import Definitions

LEVEL_COUNTS = SCI_LEVEL_COUNTS.source

ITEM_LEVELS = ("satisfaction_level", "repurchase_level", "recommend_level")

MISSING, AT_RISK, VULNERABLE, FAVORABLE, SECURE = range(5)
# Levels of an item (0 missing, 1 below, 2 middle, 3 second best, 4 top) and the classes that they yield.

CLASS_COUNT = 4


def secure_customer_index(
    level_counts: pd.DataFrame, as_of_date: date, definitions: Definitions
) -> pd.DataFrame:
    """Secure Customer Index with its classes and bounds, per survey, period and segment.

    Meaning: which share of the customers is secure: most positive on all three items.
    Formula: minimum rule: the class is the lowest level of the three items. Of the respondents with all
        three: `sci_share` = share of secure (setting sci_box: top) or of secure and favorable (top2);
        `sci_top2` = secure and favorable; `sci_secure_share`, `sci_favorable_share`, `sci_vulnerable_share`,
        `sci_at_risk_share` = the four classes. Of all N respondents: `at_risk_bounded` = partial answers of
        which one already yields at risk; `sci_unclassified` = other partial answers; `sci_secure_lower_bound`
        = S / N; `sci_secure_upper_bound` = (S + partial answers that are all top) / N. SE = sqrt(p (1 - p) /
        n); Wilson's interval, for the four classes Goodman's simultaneous one.
    Input: `marts.sci_level_counts`: survey, period_grain, period_start_date, segment_name, segment_value,
        satisfaction_level, repurchase_level, recommend_level (4 top, 3 second, 2 middle, 1 below, 0 missing),
        unit_count (>= 0); one row per survey, period, segment and triple of levels.
    Output: tidy metric rows, ten per cell; n counts the respondents of the denominator; definition_id names
        the box and which response of a customer counts.
    Left out: from the classes, respondents with a missing item; they are in n of the four bounds.
    Known drawbacks: the published verbal classes are neither exhaustive nor exclusive, the minimum rule is
        what makes them so; it gives a 5-5-2 customer the class of a 2-2-2 one. The three items measure nearly
        one construct, so they add little to each other (Neal 2000). Four-point scales have no middle, yes/no
        items no class between.
    Raises: ValueError for a level outside 0 to 4, a row without any item, a count that is none, a repeated
        key.
    Source: Burke, Inc. (D. Randall Brandt); Hair et al., Essentials of Marketing Research, exhibit 7.17;
        Neal, Marketing News 2000; intervals: Newcombe 1998, Goodman 1965; catalogue 3.2.
    """
    _require_levels(level_counts)
    cells = _cells(level_counts)
    level = definitions.ci_level
    complete, everyone = counts(cells, "complete"), counts(cells, "everyone")
    rows = []

    def add(name: str, estimate: Estimate, ci_method: str = "wilson", box: str = "top") -> None:
        definition_id = f"box={box};responses={definitions.multiple_responses_policy}"
        metric = Metric(name, "share", definition_id, ci_method, UNWEIGHTED)
        rows.append(metric_rows(cells, metric, estimate, as_of_date, definitions))

    chosen = "secure" if definitions.sci_box == "top" else "top2"
    add("sci_share", share_estimate(counts(cells, chosen), complete, level), box=definitions.sci_box)
    add("sci_top2", share_estimate(counts(cells, "top2"), complete, level), box="top2")
    for name in ("secure", "favorable", "vulnerable", "at_risk"):
        part = counts(cells, name)
        interval = goodman_interval(part, complete, CLASS_COUNT, level)
        add(f"sci_{name}_share", share_estimate(part, complete, level, interval), "goodman")
    for name, column in (
        ("at_risk_bounded", "partial_at_risk"),
        ("sci_unclassified", "partial_open"),
        ("sci_secure_lower_bound", "secure"),
        ("sci_secure_upper_bound", "possibly_secure"),
    ):
        add(name, share_estimate(counts(cells, column), everyone, level))
    return pd.concat(rows, ignore_index=True)


def _cells(level_counts: pd.DataFrame) -> pd.DataFrame:
    """How many respondents of each cell are of each kind, one row per survey, period and segment."""
    levels = level_counts[list(ITEM_LEVELS)].to_numpy()
    is_complete = (levels != MISSING).all(axis=1)
    lowest = levels.min(axis=1)
    lowest_answered = np.where(levels == MISSING, SECURE, levels).min(axis=1)
    kinds = {
        "everyone": np.ones(len(levels), dtype=bool),
        "complete": is_complete,
        "secure": lowest == SECURE,
        "top2": lowest >= FAVORABLE,
        "favorable": lowest == FAVORABLE,
        "vulnerable": lowest == VULNERABLE,
        "at_risk": lowest == AT_RISK,
        "partial_at_risk": ~is_complete & (lowest_answered == AT_RISK),
        "partial_open": ~is_complete & (lowest_answered > AT_RISK),
        "possibly_secure": lowest_answered == SECURE,
    }
    counted = level_counts.assign(
        **{name: level_counts["unit_count"].where(is_of, 0) for name, is_of in kinds.items()}
    )
    return counted.groupby(["survey", *CELL_KEY], as_index=False, sort=True)[list(kinds)].sum()


def _require_levels(level_counts: pd.DataFrame) -> None:
    require_columns(level_counts, LEVEL_COUNTS, SCI_LEVEL_COUNTS.columns)
    require_counts(level_counts, LEVEL_COUNTS, ("unit_count",))
    require_unique(level_counts, LEVEL_COUNTS, SCI_LEVEL_COUNTS.key)
    for item in ITEM_LEVELS:
        is_level = level_counts[item].isin(range(MISSING, SECURE + 1))
        refuse(level_counts, ~is_level, LEVEL_COUNTS, f"have a {item} outside {MISSING} to {SECURE}")
    answered_nothing = (level_counts[list(ITEM_LEVELS)] == MISSING).all(axis=1)
    refuse(level_counts, answered_nothing, LEVEL_COUNTS, "answer none of the three items")
