"""How customers move between NPS classes and classes of the Secure Customer Index from one period to the next.

Here is what is computed from the joint table of a customer's scores in two periods. Changes of a figure over all
respondents must stay out: they are columns of `metric_values`.
"""

import numpy as np
import pandas as pd

from pipelines.metrics.class_tables import CLASS_TRANSITIONS, CLASSES_BY_METRIC
from pipelines.metrics.differences import (
    EXACT_BELOW_DISCORDANT,
    mcnemar_p_value,
    newcombe_interval,
    paired_correlation,
)
from pipelines.metrics.inputs import refuse, require_columns, require_unique
from pipelines.metrics.intervals import proportion, proportion_std_error, wilson_interval
from pipelines.metrics.marts import SURVEY_SCORE_COUNTS, SURVEY_SCORE_PAIRS
from pipelines.metrics.metric_row import ALL, counts, suppression_reasons
from pipelines.settings import Definitions

SINGLE_ANSWER_POLICIES = ("latest_in_period", "first_in_period")
# Those that give a customer one class in a period.

NPS_SCALE_LOW, NPS_SCALE_HIGH = 0, 10
LOWEST_PROMOTER_SCORE, LOWEST_PASSIVE_SCORE = 9, 7
# Reichheld 2003: 9-10 promoters, 7-8 passives, 0-6 detractors.

SCI_CLASS_OF_STATE = {4: "secure", 3: "favorable", 2: "vulnerable", 1: "at_risk"}

PERIOD = ("metric", "survey", "period_grain", "period_start_date")


def class_transitions(
    score_pairs: pd.DataFrame, score_counts: pd.DataFrame, definitions: Definitions
) -> pd.DataFrame:
    """Moves between classes from the period before to this one, with McNemar's test for the best class.

    Meaning: of the customers who were of a class in the period before and answered again, how many are of which class
        now; and whether the best class (promoter, secure) gained among the same customers.
    Formula: `transition_share` = customer_count / from_count, Wilson's interval. In the row of staying in the best
        class: change_value = share of the class now - share before, both of the n_overlap customers; Newcombe's
        interval for paired shares; p by McNemar, exact below 25 customers who moved into or out of the class.
    Input: `marts.survey_score_pairs`: survey, item, period_grain, period_start_date, segment_name, segment_value, lag,
        score (this period), other_score (the period before), weight_product_sum (customers); only segment all, lag
        before, recommendations from 0 to 10 and states 1 to 4 of the index are read. `marts.survey_score_counts` says
        what an item is.
    Output: the table `class_transitions`, all pairs of classes of every period with a customer in both. Null with
        its reason below min_disclosed_n customers of from_class, and the change below min_disclosed_n of n_overlap.
        Empty under a policy by which several answers of a customer count.
    Left out: customers without a class in either period; unknown customers; the grain all, which has no period before.
        Where a survey asks twice for a recommendation, the question whose id comes last tells.
    Known drawbacks: who answers twice is not who answers once. Customers near the edge of a class cross it by chance,
        so some of any class seem to move though nothing changed. p is not adjusted for the number of periods.
    Raises: ValueError for a sum of weights that is no count of customers, a repeated key.
    Source: McNemar 1947, Psychometrika 12, 153-157; Newcombe 1998, Statistics in Medicine 17, 2635-2650, method 10;
        catalogue 3.2.
    """
    if why_empty(definitions):
        return pd.DataFrame(columns=list(CLASS_TRANSITIONS.column_names))
    moves = _moves(_classed(_pairs_before(score_pairs), score_counts))
    from_count, moved = counts(moves, "from_count"), counts(moves, "customer_count")
    reasons = suppression_reasons(from_count, definitions)
    said = pd.isna(reasons)
    low, high = wilson_interval(moved, from_count, definitions.ci_level)
    return moves.assign(
        customer_count=moves["customer_count"].astype("Int64").where(said),
        transition_share=np.where(said, proportion(moved, from_count), np.nan),
        ci_low=np.where(said, low, np.nan),
        ci_high=np.where(said, high, np.nan),
        ci_method="wilson",
        suppression_reason=reasons,
        ci_level=definitions.ci_level,
        is_publishable=said & (from_count >= definitions.min_publishable_n),
    ).join(_change_of_best_class(moves, definitions), validate="1:1")[list(CLASS_TRANSITIONS.column_names)]


def why_empty(definitions: Definitions) -> str | None:
    """Why there are no transitions under the settings; None where there are."""
    policy = definitions.multiple_responses_policy
    if policy in SINGLE_ANSWER_POLICIES:
        return None
    return f"under multiple_responses_policy {policy} a customer has several answers in a period, and no one class"


def _pairs_before(score_pairs: pd.DataFrame) -> pd.DataFrame:
    source = SURVEY_SCORE_PAIRS.source
    require_columns(score_pairs, source, SURVEY_SCORE_PAIRS.columns)
    pairs = score_pairs.loc[(score_pairs["lag"] == "before") & (score_pairs["segment_name"] == ALL)]
    require_unique(pairs, source, SURVEY_SCORE_PAIRS.key)
    customers = pairs["weight_product_sum"].astype("float64")
    refuse(
        pairs, (customers < 0) | (customers % 1 != 0), source, "have a weight_product_sum that is no count"
    )
    return pairs.assign(customer_count=customers.astype("int64"))


def _classed(pairs: pd.DataFrame, score_counts: pd.DataFrame) -> pd.DataFrame:
    """The pairs of recommendations and of states of the index, with the class before and the class now."""
    require_columns(score_counts, SURVEY_SCORE_COUNTS.source, ("survey", "item", "construct"))
    is_nps = (
        (score_counts["construct"] == "recommend")
        & (score_counts["scale_low"] == NPS_SCALE_LOW)
        & (score_counts["scale_high"] == NPS_SCALE_HIGH)
    )
    questions = score_counts.loc[is_nps, ["survey", "item", "low_is_good"]].drop_duplicates()
    questions = questions.sort_values(["survey", "item"]).drop_duplicates("survey", keep="last")
    nps = pairs.merge(questions, on=["survey", "item"], validate="m:1")
    for_nps = {
        name: _nps_class(nps[score], nps["low_is_good"])
        for name, score in (("from_class", "other_score"), ("to_class", "score"))
    }
    is_sci = (pairs["item"] == ALL) & (pairs["score"] > 0) & (pairs["other_score"] > 0)
    sci = pairs.loc[is_sci]
    for_sci = {
        "from_class": sci["other_score"].map(SCI_CLASS_OF_STATE),
        "to_class": sci["score"].map(SCI_CLASS_OF_STATE),
    }
    return pd.concat(
        [nps.assign(metric="nps", **for_nps), sci.assign(metric="sci", **for_sci)], ignore_index=True
    )


def _nps_class(score: "pd.Series[int]", low_is_good: "pd.Series[bool]") -> "pd.Series[str]":
    goodness = score.mask(low_is_good.astype(bool), NPS_SCALE_HIGH - score)
    classes = np.select(
        [goodness >= LOWEST_PROMOTER_SCORE, goodness >= LOWEST_PASSIVE_SCORE],
        ["promoter", "passive"],
        "detractor",
    )
    return pd.Series(classes, index=score.index, dtype="object")


def _moves(classed: pd.DataFrame) -> pd.DataFrame:
    """customer_count of every pair of classes, zeros included, with the totals it is part of."""
    periods = classed[list(PERIOD)].drop_duplicates()
    pairs = pd.DataFrame(
        [
            (metric, before, now)
            for metric, classes in CLASSES_BY_METRIC.items()
            for before in classes
            for now in classes
        ],
        columns=["metric", "from_class", "to_class"],
    )
    key = list(CLASS_TRANSITIONS.key)
    counted = classed.groupby(key, as_index=False)["customer_count"].sum()
    moves = (
        periods.merge(pairs, on="metric", validate="m:m")
        .merge(counted, on=key, how="left", validate="1:1")
        .fillna({"customer_count": 0})
        .astype({"customer_count": "int64"})
        .sort_values(key, ignore_index=True)
    )
    of_period = moves.groupby(list(PERIOD))["customer_count"]
    of_class = moves.groupby([*PERIOD, "from_class"])["customer_count"]
    return moves.assign(n_overlap=of_period.transform("sum"), from_count=of_class.transform("sum"))


def _change_of_best_class(moves: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """The figures of the best class, in the row of staying in it; null in all others."""
    best = moves["metric"].map({metric: classes[0] for metric, classes in CLASSES_BY_METRIC.items()})
    was_best, is_best = moves["from_class"] == best, moves["to_class"] == best
    periods = [moves[name] for name in PERIOD]

    def total(is_of: "pd.Series[bool]") -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        return (
            moves["customer_count"].where(is_of, 0).groupby(periods).transform("sum").to_numpy(dtype=np.int64)
        )

    n = counts(moves, "n_overlap")
    stayed, lost, gained = total(was_best & is_best), total(was_best & ~is_best), total(~was_best & is_best)
    before, now = proportion(stayed + lost, n), proportion(stayed + gained, n)
    before_error, now_error = proportion_std_error(stayed + lost, n), proportion_std_error(stayed + gained, n)
    products = (stayed * (n - stayed - lost - gained) - lost * gained) / n
    weight = n.astype(float)
    low, high = newcombe_interval(
        before,
        wilson_interval(stayed + lost, n, definitions.ci_level),
        now,
        wilson_interval(stayed + gained, n, definitions.ci_level),
        paired_correlation(products, weight, weight, before_error, now_error),
    )
    said = was_best & is_best & pd.isna(suppression_reasons(n, definitions))
    method = np.where(lost + gained < EXACT_BELOW_DISCORDANT, "mcnemar_exact", "mcnemar")
    figures = {
        "class_share_before": before,
        "class_share_now": now,
        "change_value": now - before,
        "change_ci_low": low,
        "change_ci_high": high,
        "change_p_value": mcnemar_p_value(lost, gained),
    }
    told = pd.DataFrame(figures, index=moves.index).where(said)
    return told.assign(change_method=pd.Series(method, index=moves.index, dtype="object").where(said, None))
