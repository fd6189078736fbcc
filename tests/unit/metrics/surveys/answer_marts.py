"""The marts of scores as plain pandas makes them of single answers: what the models promise, for tests of metrics.

Here is brute force over answers, one row per customer, question and period. Figures must stay out.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

KEY = ["survey", "item", "period_grain", "period_start_date", "segment_name", "segment_value"]

QUESTION = {
    "survey": "kunden",
    "item": "recommend",
    "construct": "recommend",
    "scale_low": 0,
    "scale_high": 10,
    "low_is_good": False,
    "version": "all",
    "scale_name": "all",
}
JANUARY, FEBRUARY = pd.Timestamp("2025-01-01"), pd.Timestamp("2025-02-01")


class Marts(NamedTuple):
    """The three frames that a metric of scores takes, in its order."""

    score_counts: pd.DataFrame
    score_pairs: pd.DataFrame
    unit_counts: pd.DataFrame


def answers(
    periods: Mapping[pd.Timestamp, Mapping[str, Sequence[int]]],
    segment_value: str = "all",
    **question: object,
) -> pd.DataFrame:
    """One row per answer: the scores of each unit in each period of grain month."""
    rows = [
        {"unit": unit, "period_start_date": start, "score": score}
        for start, units in periods.items()
        for unit, scores in units.items()
        for score in scores
    ]
    frame = pd.DataFrame(rows, columns=["unit", "period_start_date", "score"])
    return frame.assign(
        period_grain="month",
        segment_name="all" if segment_value == "all" else "country",
        segment_value=segment_value,
        **(QUESTION | question),
    )


def marts_of(answered: pd.DataFrame, policy: str = "latest_in_period") -> Marts:
    """The marts of all answers that are given: choosing the counted one is not done here."""
    per_unit = answered.groupby([*KEY, "unit"])["score"].transform("size")
    weights = 1 / per_unit if policy == "mean_of_codes" else 1.0
    counted = answered.assign(weight=weights)
    figures = [*KEY, "score", "construct", "scale_low", "scale_high", "low_is_good", "version", "scale_name"]
    score_counts = counted.groupby(figures, as_index=False).agg(
        answer_count=("weight", "size"), weight_sum=("weight", "sum")
    )
    now = counted[[*KEY, "unit", "score", "weight"]]
    before = now.assign(period_start_date=now["period_start_date"] + pd.DateOffset(months=1))
    pairs = [
        now.merge(other, on=[*KEY, "unit"], suffixes=("", "_other"))
        .assign(lag=lag, product=lambda pair: pair["weight"] * pair["weight_other"])
        .rename(columns={"score_other": "other_score"})
        .groupby([*KEY, "lag", "score", "other_score"], as_index=False)
        .agg(weight_product_sum=("product", "sum"))
        for lag, other in (("same", now), ("before", before))
    ]
    return Marts(score_counts, pd.concat(pairs, ignore_index=True), unit_counts_of(counted))


def unit_counts_of(counted: pd.DataFrame) -> pd.DataFrame:
    """Distinct units of both bases, and those of them who are in the same base the period before."""
    parts = []
    is_complete = (counted["construct"] == "secure_customer_index") & (counted["score"] > 0)
    for base, rows in (("answered", counted), ("complete", counted.loc[is_complete])):
        units = rows[[*KEY, "unit"]].drop_duplicates()
        earlier = units.assign(period_start_date=units["period_start_date"] + pd.DateOffset(months=1))
        both = units.merge(earlier, on=[*KEY, "unit"], how="left", indicator=True)
        parts.append(
            both.assign(base=base, is_both=both["_merge"] == "both")
            .groupby([*KEY, "base"], as_index=False)
            .agg(unit_count=("unit", "size"), overlap_count=("is_both", "sum"))
        )
    return pd.concat(parts, ignore_index=True)


def single_answers(score_counts: Mapping[int, int], prefix: str = "u") -> dict[str, list[int]]:
    """Units with one answer each: so many of each score."""
    scores = np.repeat(list(score_counts), list(score_counts.values()))
    return {f"{prefix}{place}": [int(score)] for place, score in enumerate(scores)}


def one_month(score_counts: Mapping[int, int], **question: object) -> Marts:
    """January alone: so many customers of each score."""
    return marts_of(answers({JANUARY: single_answers(score_counts)}, **question))


def independent(score_counts: pd.DataFrame) -> Marts:
    """The marts of score counts where every customer has one answer and is in one period only.

    Works on faulty counts too: they are passed on as they are.
    """
    counted = {"version": "all", "scale_name": "all"} | {
        name: score_counts[name] for name in ("version", "scale_name") if name in score_counts
    }
    rows = score_counts.assign(weight_sum=score_counts["answer_count"], **counted)
    pairs = rows[[*KEY, "score"]].assign(
        lag="same", other_score=rows["score"], weight_product_sum=rows["answer_count"].astype(float)
    )
    is_complete = (rows["construct"] == "secure_customer_index") & (rows["score"] > 0)
    units = [
        part.groupby(KEY, as_index=False)
        .agg(unit_count=("answer_count", "sum"))
        .assign(base=base, overlap_count=0)
        for base, part in (("answered", rows), ("complete", rows.loc[is_complete]))
    ]
    return Marts(rows, pairs, pd.concat(units, ignore_index=True).loc[lambda unit: unit["unit_count"] > 0])


def state_of(levels: Sequence[int]) -> int:
    """The state of a response by the levels of its items (0 missing): its class, or what it leaves open."""
    answered = [level for level in levels if level]
    if len(answered) == len(levels):
        return min(levels)
    return {1: -1, 4: -3}.get(min(answered, default=0), -2)


def index_marts(level_counts: pd.DataFrame) -> tuple[pd.DataFrame, ...]:
    """The marts of the index of levels, every customer with one response in one period only."""
    names = ["satisfaction_level", "repurchase_level", "recommend_level"]
    states = [state_of(levels) for levels in level_counts[names].itertuples(index=False)]
    counted = (
        level_counts.assign(score=states, item="all")
        .groupby([*KEY, "score"], as_index=False)
        .agg(answer_count=("unit_count", "sum"))
        .assign(construct="secure_customer_index", scale_low=-3, scale_high=4, low_is_good=False)
    )
    return (*independent(counted), level_counts.assign(weight_sum=level_counts["unit_count"].astype(float)))
