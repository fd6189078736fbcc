"""Changes between periods, and what holds for every figure of scores: properties of the engine."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.surveys.nps import nps
from pipelines.metrics.surveys.satisfaction import satisfaction
from pipelines.settings import Definitions
from tests.unit.metrics.surveys.answer_marts import (
    FEBRUARY,
    JANUARY,
    Marts,
    answers,
    independent,
    marts_of,
    one_month,
    single_answers,
)

AS_OF = date(2025, 6, 30)
ALL_DISCLOSED = Definitions(min_disclosed_n=1)
SATISFACTION = {"item": "sat", "construct": "overall_satisfaction", "scale_low": 1, "scale_high": 5}
NUMBERS = ["value", "std_error", "ci_low", "ci_high", "change_value", "change_ci_low", "change_ci_high"]


def waves(share_in_both: float = 0.6, seed: int = 4, size: int = 80, **question: object) -> pd.DataFrame:
    """Two months of answers from 1 to 5, some of them by the same customers."""
    random = np.random.default_rng(seed)
    first = random.choice([1, 2, 3, 4, 5], p=[0.1, 0.1, 0.2, 0.3, 0.3], size=size)
    second = random.choice([1, 2, 3, 4, 5], p=[0.2, 0.2, 0.2, 0.2, 0.2], size=size)
    common = round(share_in_both * size)
    later = [f"u{place}" if place < common else f"v{place}" for place in range(size)]
    return answers(
        {
            JANUARY: {f"u{place}": [int(score)] for place, score in enumerate(first)},
            FEBRUARY: {unit: [int(score)] for unit, score in zip(later, second, strict=True)},
        },
        **(SATISFACTION | question),
    )


def figures(marts: Marts, definitions: Definitions = ALL_DISCLOSED) -> pd.DataFrame:
    rows = satisfaction(*marts, AS_OF, definitions)
    return rows.set_index(["metric", "segment_value", "period_start_date"]).sort_index()


def influence_error(answered: pd.DataFrame, codes: Sequence[float]) -> float:
    """sqrt(C/(C - 1) sum_c (u_c now - u_c before)^2), customer by customer."""
    code = dict(zip((1, 2, 3, 4, 5), codes, strict=True))
    influences: dict[str, float] = {}
    for start, sign in ((JANUARY, -1), (FEBRUARY, 1)):
        wave = answered.loc[answered["period_start_date"] == start]
        values = wave["score"].map(code)
        for unit, deviation in zip(wave["unit"], (values - values.mean()) / len(wave), strict=True):
            influences[unit] = influences.get(unit, 0) + sign * deviation
    count = len(influences)
    return float(np.sqrt(count / (count - 1) * sum(each**2 for each in influences.values())))


@pytest.mark.parametrize("share_in_both", [0.25, 0.6, 1])
def test_the_error_of_a_change_is_that_of_the_customers_influences(share_in_both: float) -> None:
    answered = waves(share_in_both)
    row = figures(marts_of(answered)).loc["csat_mean", "all", FEBRUARY]
    error = (row["change_ci_high"] - row["change_ci_low"]) / 2 / 1.959963985
    assert error == pytest.approx(influence_error(answered, (1, 2, 3, 4, 5)), rel=1e-8)
    assert row["n_overlap"] == round(80 * share_in_both)


def test_waves_without_a_common_customer_are_independent_samples() -> None:
    rows = figures(marts_of(waves(0)))
    errors = rows.loc["csat_mean"].xs("all")["std_error"]
    row = rows.loc["csat_mean", "all", FEBRUARY]
    error = (row["change_ci_high"] - row["change_ci_low"]) / 2 / 1.959963985
    assert error == pytest.approx(np.hypot(errors[JANUARY], errors[FEBRUARY]), rel=1e-8)
    assert row["n_overlap"] == 0


def test_customers_who_stay_the_same_make_a_change_of_others_surer() -> None:
    """The same shares in both months: among the same people a small change is news, among strangers it is not."""
    before = single_answers({5: 60, 1: 40})
    after = {unit: ([5] if place < 66 else [1]) for place, unit in enumerate(before)}
    strangers = {f"other {unit}": scores for unit, scores in after.items()}
    same = figures(marts_of(answers({JANUARY: before, FEBRUARY: after}, **SATISFACTION)))
    apart = figures(marts_of(answers({JANUARY: before, FEBRUARY: strangers}, **SATISFACTION)))
    key = ("csat_share", "all", FEBRUARY)
    assert same.loc[key, "change_value"] == pytest.approx(apart.loc[key, "change_value"])
    assert same.loc[key, "change_p_value"] < 0.05 < apart.loc[key, "change_p_value"]
    assert same.loc[key, "change_ci_low"] > apart.loc[key, "change_ci_low"]


def test_the_order_of_rows_changes_nothing() -> None:
    marts = marts_of(waves())
    shuffled = Marts(*(frame.sample(frac=1, random_state=7) for frame in marts))
    pd.testing.assert_frame_equal(figures(marts), figures(shuffled))


@pytest.mark.parametrize("metric", ["csat_share", "csat_net_share"])
def test_twice_the_answers_halve_the_squared_error(metric: str) -> None:
    once = one_month({1: 20, 3: 30, 5: 50}, **SATISFACTION)
    twice = one_month({1: 40, 3: 60, 5: 100}, **SATISFACTION)
    errors = [figures(marts).loc[(metric, "all", JANUARY), "std_error"] for marts in (once, twice)]
    assert errors[0] / errors[1] == pytest.approx(np.sqrt(2), rel=1e-12)


def test_a_mirrored_scale_flips_the_sign_of_scores_and_changes() -> None:
    straight = figures(marts_of(waves())).loc["csat_net_share"]
    turned = figures(marts_of(waves(low_is_good=True))).loc["csat_net_share"]
    assert np.allclose(turned["value"], -straight["value"], rtol=0, atol=1e-12)
    assert np.allclose(turned["ci_low"], -straight["ci_high"], rtol=0, atol=1e-12)
    change = ["change_value", "change_ci_low", "change_p_value"]
    mirrored = ["change_value", "change_ci_high", "change_p_value"]
    now, then = straight.xs("all").loc[FEBRUARY], turned.xs("all").loc[FEBRUARY]
    assert then[change].tolist() == pytest.approx((now[mirrored] * [-1, -1, 1]).tolist(), abs=1e-12)


def test_turning_time_round_flips_the_sign_of_the_change() -> None:
    answered = waves()
    flipped = answered.assign(
        period_start_date=answered["period_start_date"].map({JANUARY: FEBRUARY, FEBRUARY: JANUARY})
    )
    forth, back = (figures(marts_of(each)) for each in (answered, flipped))
    for metric in ("csat_share", "csat_net_share", "csat_mean"):
        now, then = (rows.loc[metric, "all", FEBRUARY] for rows in (forth, back))
        assert now["change_value"] == pytest.approx(-then["change_value"], abs=1e-12)
        assert now["change_ci_low"] == pytest.approx(-then["change_ci_high"], abs=1e-12)
        assert now["change_p_value"] == pytest.approx(then["change_p_value"], abs=1e-12)


def test_merging_all_segments_gives_the_overall_figure() -> None:
    parts = [
        waves(seed=seed, size=40 + 10 * seed).assign(unit=lambda row, s=seed: f"{s}-" + row["unit"])
        for seed in (1, 2, 3)
    ]
    segments = [
        part.assign(segment_name="country", segment_value=f"c{place}") for place, part in enumerate(parts)
    ]
    rows = figures(marts_of(pd.concat([*parts, *segments], ignore_index=True)))
    for metric in ("csat_share", "csat_net_share", "csat_mean"):
        found = rows.loc[metric]
        for start in (JANUARY, FEBRUARY):
            of_segments = found.xs(start, level=1).drop(index="all")
            merged = np.average(of_segments["value"], weights=of_segments["n"])
            assert found.loc[("all", start), "value"] == pytest.approx(merged, abs=1e-12)
            assert found.loc[("all", start), "n"] == of_segments["n"].sum()


def test_a_period_before_that_is_missing_or_too_small_gives_no_change() -> None:
    few = answers({JANUARY: single_answers({5: 9}), FEBRUARY: single_answers({5: 60, 1: 40})}, **SATISFACTION)
    none = answers({FEBRUARY: single_answers({5: 60, 1: 40})}, **SATISFACTION)
    for answered in (few, none):
        row = figures(marts_of(answered), Definitions()).loc["csat_share", "all", FEBRUARY]
        assert row["value"] == pytest.approx(0.6)
        assert row[[name for name in row.index if name.startswith("change_")]].isna().all()
        assert pd.isna(row["n_overlap"])


def test_a_gap_of_a_month_is_no_period_before() -> None:
    answered = waves()
    march = answered.assign(
        period_start_date=answered["period_start_date"].replace(FEBRUARY, pd.Timestamp("2025-03-01"))
    )
    assert figures(marts_of(march))["change_value"].isna().all()


@pytest.mark.parametrize(
    ("grain", "before", "now"),
    [
        ("quarter", "2024-10-01", "2025-01-01"),
        ("year", "2024-01-01", "2025-01-01"),
        ("month", "2024-12-01", "2025-01-01"),
    ],
)
def test_each_grain_looks_back_one_period_of_its_own(grain: str, before: str, now: str) -> None:
    rows = [
        one_month({5: counts, 1: 100 - counts}, **SATISFACTION).score_counts.assign(
            period_grain=grain, period_start_date=pd.Timestamp(start)
        )
        for start, counts in ((before, 50), (now, 70))
    ]
    found = figures(independent(pd.concat(rows, ignore_index=True))).loc[
        "csat_share", "all", pd.Timestamp(now)
    ]
    assert found["change_value"] == pytest.approx(0.2)


def test_all_time_has_no_period_before() -> None:
    counts = waves().assign(period_grain="all")
    assert figures(marts_of(counts))["change_value"].isna().all()


def test_the_same_answer_by_everybody_has_an_interval_and_no_change_to_speak_of() -> None:
    everybody = answers({JANUARY: single_answers({5: 40}), FEBRUARY: single_answers({5: 40})}, **SATISFACTION)
    rows = figures(marts_of(everybody), Definitions()).xs(FEBRUARY, level=2)
    assert (rows["ci_low"] < rows["ci_high"]).all()
    assert rows.loc[("csat_share", "all"), "change_p_value"] == pytest.approx(1)
    # The plain difference of two means without any spread tells nothing.
    assert pd.isna(rows.loc[("csat_mean", "all"), "change_p_value"])
    assert rows.loc[("csat_mean", "all"), "change_value"] == 0


def test_one_response_is_suppressed_and_where_it_is_not_it_has_no_error_of_a_mean() -> None:
    alone = one_month({4: 1}, **SATISFACTION)
    assert figures(alone, Definitions())["value"].isna().all()
    row = figures(alone).loc["csat_mean", "all", JANUARY]
    assert row["value"] == 4
    assert pd.isna(row["std_error"])


def test_several_answers_of_one_customer_alone_say_nothing_of_others() -> None:
    alone = marts_of(answers({JANUARY: {"a": [5, 4, 1]}}, **SATISFACTION), "all")
    definitions = Definitions(min_disclosed_n=1, multiple_responses_policy="all")
    rows = figures(alone, definitions)
    assert rows["value"].isna().all()
    assert set(rows["suppression_reason"]) == {"one_customer_has_no_spread"}


def test_a_cell_without_its_number_of_customers_is_refused() -> None:
    marts = one_month({4: 12}, **SATISFACTION)
    with pytest.raises(ValueError, match=r"1 of 1 cells of marts\.survey_score_counts have no units"):
        figures(marts._replace(unit_counts=marts.unit_counts.iloc[:0]))


def test_single_answers_are_the_same_figure_under_every_policy() -> None:
    answered = waves(0)
    plain = figures(marts_of(answered))
    for policy in ("first_in_period", "all"):
        other = figures(marts_of(answered), Definitions(min_disclosed_n=1, multiple_responses_policy=policy))
        pd.testing.assert_frame_equal(other[NUMBERS], plain[NUMBERS])
    by_unit = Definitions(min_disclosed_n=1, multiple_responses_policy="mean_of_codes")
    means = figures(marts_of(answered, "mean_of_codes"), by_unit)
    assert np.allclose(means["value"], plain["value"])
    assert np.allclose(means["n_effective"], plain["n"])


def test_clustered_answers_have_a_wider_interval_than_as_many_customers() -> None:
    answered = answers({JANUARY: {f"u{place}": [9, 9] if place % 3 else [2, 2] for place in range(60)}})
    clustered = nps(*marts_of(answered, "all"), AS_OF, Definitions(multiple_responses_policy="all"))
    apart = answered.assign(unit=[str(place) for place in range(len(answered))])
    single = nps(*marts_of(apart, "all"), AS_OF, Definitions(multiple_responses_policy="all"))
    assert clustered["n"].tolist() == [60] * 4
    assert single["n"].tolist() == [120] * 4
    # Both answers of a customer agree: two are worth one.
    assert np.allclose(clustered.loc[clustered["value"] > 0, "n_effective"], 59)
    width = [rows.loc[0, "ci_high"] - rows.loc[0, "ci_low"] for rows in (clustered, single)]
    assert width[0] > 1.35 * width[1]
