"""What drives overall satisfaction: importance, penalty and reward of every attribute, per survey and period.

Here patterns of answers become the rows of `metrics.drivers`: which respondents and attributes count, and what must
not be said. The two methods stand in `relative_importance.py` and `penalty_reward.py`; formulas must stay there.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipelines.metrics.inputs import require_columns, require_counts, require_unique
from pipelines.metrics.intervals import Counts, Floats, Interval, percentile_interval
from pipelines.metrics.marts import DRIVER_PATTERNS
from pipelines.metrics.metric_row import NO_VARIANCE, suppression_reasons
from pipelines.metrics.result_tables import DRIVERS
from pipelines.metrics.surveys.patterns import (
    correlations,
    covariances,
    products,
    random_of,
    redrawn_products,
    score_matrix,
    the_one_list,
    with_ones,
)
from pipelines.metrics.surveys.penalty_reward import (
    NOT_ESTIMABLE,
    Contrast,
    dummies,
    penalty_reward,
    redrawn_asymmetry,
)
from pipelines.metrics.surveys.relative_importance import MOST_EXACT_PREDICTORS, relative_importance
from pipelines.settings import Definitions

LOW_R_SQUARED = 0.1
# Catalogue 3.16: below it the attributes hardly explain satisfaction, and their order means little.

COLLINEAR_ATTRIBUTES = "collinear_attributes"
TOO_FEW_LOW_OR_HIGH = "too_few_low_or_high"

FIGURES = tuple(column.name for column in DRIVERS.columns if column.type == "double" and not column.required)


class Answers(NamedTuple):
    """The distinct patterns of the respondents of one period."""

    scores: Floats
    # Overall satisfaction, then one column per attribute.
    counts: Counts
    lows: Counts
    highs: Counts
    # Ends of the attributes' scales.


def drivers(driver_patterns: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Importance, penalty, reward and class of every attribute, per survey and period.

    Meaning: which attributes overall satisfaction goes with, how strongly, and whether a bad experience takes away
        more than a good one adds.
    Formula: on respondents who rated overall satisfaction and every attribute: `importance_lmg` and
        `importance_johnson`, shares of R2 of the regression of satisfaction on the scores (see
        `relative_importance`); `penalty`, `reward`, their sum `net_effect`, `asymmetry` and `class` from low and high
        boxes (see `penalty_reward`). Importance and asymmetry have percentile intervals of a bootstrap by
        respondent, the coefficients those of HC3 errors.
    Input: `marts.driver_patterns`: survey, period_grain, period_start_date, pattern (overall satisfaction, then one
        score per attribute; high is good, null where missing), attributes, scale_lows, scale_highs, unit_count
        (>= 1); one row per survey, period and pattern.
    Output: the columns of `drivers`, one row per survey, period and attribute, in the order of the key.
    Left out: respondents who left an attribute empty; attributes that nobody rated in the period (their n is 0),
        so that a new question does not empty the periods before it.
    Known drawbacks: leaving out incomplete answers wastes respondents and is fair only where they are like the
        others. Percentile intervals of an importance near 0 lie above 0, since no share of R2 is negative: no class
        is read from them. Correlation, not cause.
    Raises: ValueError for a missing column, a repeated key, a pattern of another length than its attributes.
    Source: catalogue 3.15 and 3.16; bootstrap: Grömping 2006, section 4.
    """
    mart = DRIVER_PATTERNS.source
    require_columns(driver_patterns, mart, DRIVER_PATTERNS.columns)
    require_counts(driver_patterns, mart, ("unit_count",))
    require_unique(driver_patterns, mart, DRIVER_PATTERNS.key)
    columns = list(DRIVERS.column_names)
    by_survey = driver_patterns.groupby("survey", sort=True)
    rows = [rows for _, patterns in by_survey for rows in _rows_of_survey(patterns, definitions)]
    if not rows:
        return pd.DataFrame(columns=columns)
    return pd.concat(rows, ignore_index=True).sort_values(list(DRIVERS.key), ignore_index=True)[columns]


def _rows_of_survey(patterns: pd.DataFrame, definitions: Definitions) -> Iterator[pd.DataFrame]:
    """The rows of every period of one survey; periods that hold the same answers are computed once."""
    mart = DRIVER_PATTERNS.source
    survey, attributes = patterns[["survey", "attributes"]].iloc[0]
    names = str(attributes).split(",")
    rated = ["overall satisfaction", *names]
    scores = score_matrix(patterns["pattern"], rated, mart)
    lows = the_one_list(patterns["scale_lows"], rated, "scale_lows", mart)[1:]
    highs = the_one_list(patterns["scale_highs"], rated, "scale_highs", mart)[1:]
    counts = patterns["unit_count"].to_numpy(dtype=np.int64)
    known: dict[bytes, pd.DataFrame] = {}
    periods = patterns[["period_grain", "period_start_date"]].assign(place=range(len(patterns)))
    for _, of_period in periods.groupby(["period_grain", "period_start_date"], sort=True):
        rows = of_period["place"].to_numpy()
        grain, start = of_period[["period_grain", "period_start_date"]].iloc[0]
        content = scores[rows].tobytes() + counts[rows].tobytes()
        if content not in known:
            answers = Answers(scores[rows], counts[rows], lows, highs)
            # Seeded by the survey alone: periods with the same answers have the same intervals.
            known[content] = _figures(names, answers, random_of("drivers", survey), definitions)
        yield known[content].assign(survey=survey, period_grain=grain, period_start_date=start)


def _figures(
    names: list[str], answers: Answers, random: np.random.Generator, definitions: Definitions
) -> pd.DataFrame:
    """The figures of one period, one row per attribute."""
    is_asked = ~np.isnan(answers.scores[:, 1:]).all(axis=0)
    is_used = np.concatenate([[True], is_asked])
    is_complete = ~np.isnan(answers.scores[:, is_used]).any(axis=1)
    n = np.where(is_asked, answers.counts[is_complete].sum(), 0)
    rows = pd.DataFrame({"attribute": names, "n": n})
    reasons = suppression_reasons(n, definitions)
    is_said = pd.isna(reasons)
    if is_said.any():
        complete = Answers(
            answers.scores[is_complete][:, is_used],
            answers.counts[is_complete],
            answers.lows[is_asked],
            answers.highs[is_asked],
        )
        found = _analysis(complete, random, definitions.ci_level).set_index(np.flatnonzero(is_said))
        rows = rows.join(found, validate="one_to_one")
        missing_because = found["reason"]
        reasons[is_said] = missing_because
    rows = rows.reindex(columns=["attribute", "n", "n_low", "n_high", "class", *FIGURES])
    has_importance = rows["importance_lmg"].notna()
    models = "exact" if is_asked.sum() <= MOST_EXACT_PREDICTORS else "sampled"
    return rows.assign(
        **{"class": rows["class"].astype(object).where(rows["class"].notna(), NOT_ESTIMABLE)},
        **{name: rows[name].astype("Int64") for name in ("n_low", "n_high")},
        **{name: rows[name].astype(float) for name in FIGURES},
        is_low_r_squared=(rows["r_squared"] < LOW_R_SQUARED).astype("boolean").where(has_importance),
        is_publishable=has_importance & (n >= definitions.min_publishable_n),
        suppression_reason=reasons,
        ci_level=definitions.ci_level,
        method=f"importance={models};importance_ci=bootstrap;effects=ols_hc3",
    )


def _analysis(answers: Answers, random: np.random.Generator, ci_level: float) -> pd.DataFrame:
    """Both analyses with their intervals and the reason for what is missing, one row per attribute."""
    satisfaction, attributes = answers.scores[:, 0], answers.scores[:, 1:]
    made = dummies(attributes, answers.lows, answers.highs, answers.counts)
    varies = np.ptp(answers.scores, axis=0) > 0
    is_in = varies[1:] & varies[0]
    reasons = np.full(len(is_in), NO_VARIANCE, dtype=object)
    ends = {"n_low": made.low_count, "n_high": made.high_count}
    if not is_in.any():
        return pd.DataFrame(ends).assign(reason=reasons)
    rated = with_ones(answers.scores[:, np.concatenate([[True], is_in])])
    outcome = np.column_stack([made.design, satisfaction])
    redrawn_rated, redrawn_outcome = redrawn_products([rated, outcome], answers.counts, random)
    importance = _importance(products(rated, answers.counts), redrawn_rated, ci_level)
    rows = pd.DataFrame(ends).join(importance.set_index(np.flatnonzero(is_in)), validate="one_to_one")
    reasons[is_in] = None
    reasons[is_in & rows["importance_lmg"].isna()] = COLLINEAR_ATTRIBUTES
    effects = penalty_reward(made, satisfaction, answers.counts, ci_level)
    reasons[pd.isna(reasons) & (effects.classes == NOT_ESTIMABLE)] = TOO_FEW_LOW_OR_HIGH
    asymmetry = percentile_interval(redrawn_asymmetry(redrawn_outcome, made), ci_level)
    return rows.assign(
        **_contrast("penalty", effects.penalty),
        **_contrast("reward", effects.reward),
        **_contrast("net_effect", effects.net),
        **_figure("asymmetry", effects.asymmetry, asymmetry),
        **{"class": effects.classes, "effect_p_value": effects.p_value, "reason": reasons},
    )


def _importance(sums: Floats, redrawn: Floats, ci_level: float) -> pd.DataFrame:
    """LMG and Johnson's weights with their intervals, one row per attribute of the regression."""
    found, again = (relative_importance(correlations(covariances(of)[1])) for of in (sums, redrawn))
    rows = {
        **_figure("importance_lmg", found.lmg[0], percentile_interval(again.lmg, ci_level)),
        **_figure("importance_johnson", found.johnson[0], percentile_interval(again.johnson, ci_level)),
    }
    return pd.DataFrame(rows).assign(r_squared=found.r_squared[0])


def _contrast(name: str, contrast: Contrast) -> dict[str, Floats]:
    figure = _figure(name, contrast.value, contrast.interval)
    return {**figure, f"{name}_std_error": contrast.std_error}


def _figure(name: str, value: Floats, interval: Interval) -> dict[str, Floats]:
    """A figure with its interval; without a value there is none."""
    low, high = (np.where(np.isnan(value), np.nan, end) for end in interval)
    return {name: value, f"{name}_ci_low": low, f"{name}_ci_high": high}
