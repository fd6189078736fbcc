"""Rated items: boxes, medians, distributions, refusals."""

from datetime import date

import numpy as np
import pytest
from scipy import stats

from pipelines.metrics.intervals import median_ranks
from pipelines.metrics.surveys.likert import likert
from pipelines.settings import Definitions
from tests.unit.metrics.surveys.answer_marts import (
    FEBRUARY,
    JANUARY,
    answers,
    marts_of,
    one_month,
    single_answers,
)

AS_OF = date(2025, 6, 30)
ITEM = {"item": "staff", "construct": "likert", "scale_low": 1, "scale_high": 5, "scale_name": "service"}


def figures(counts: dict[int, int], column: str = "value", **question: object) -> dict[str, float]:
    rows = likert(*one_month(counts, **(ITEM | question)), AS_OF, Definitions())
    return dict(zip(rows["metric"], rows[column], strict=True))


def test_an_item_has_its_mean_boxes_and_distribution() -> None:
    found = figures({1: 10, 2: 5, 3: 15, 4: 40, 5: 30})
    assert found["likert_mean"] == pytest.approx((10 + 10 + 45 + 160 + 150) / 100)
    assert found["likert_median"] == 4
    assert found["likert_top2_share"] == pytest.approx(0.7)
    assert found["likert_bottom2_share"] == pytest.approx(0.15)
    assert found["likert_net_share"] == pytest.approx(0.55)
    assert [found[f"likert_share_of_{score}"] for score in range(1, 6)] == pytest.approx(
        [0.1, 0.05, 0.15, 0.4, 0.3]
    )
    assert "likert_share_of_0" not in found


def test_drivers_are_items_too_and_other_constructs_are_not() -> None:
    assert figures({1: 10, 5: 30}, construct="driver")["likert_mean"] == pytest.approx(4)
    assert figures({1: 10, 5: 30}, construct="overall_satisfaction") == {}


def test_where_low_is_good_everything_is_turned() -> None:
    straight, turned = figures({1: 30, 4: 60}), figures({5: 30, 2: 60}, low_is_good=True)
    assert turned == pytest.approx(straight)


@pytest.mark.parametrize(
    ("counts", "middle"), [({1: 25, 2: 25}, 1.5), ({1: 26, 2: 25}, 1), ({1: 10, 3: 20, 5: 10}, 3)]
)
def test_the_median_is_the_middle_score_or_between_the_two_middle_ones(
    counts: dict[int, int], middle: float
) -> None:
    assert figures(counts)["likert_median"] == middle


@pytest.mark.parametrize("n", [6, 10, 11, 30, 99, 1000])
def test_the_ranks_of_the_median_are_the_innermost_that_keep_the_confidence(n: int) -> None:
    rank = int(median_ranks(np.array([float(n)]), 0.95)[0])
    assert stats.binom.cdf(rank - 1, n, 0.5) <= 0.025 < stats.binom.cdf(rank, n, 0.5)


def test_the_interval_of_the_median_lies_between_two_ranks() -> None:
    counts = {1: 9, 2: 2, 3: 7, 4: 7, 5: 5}
    # Of 30 answers the 10th and the 21st enclose the median at 95 %.
    assert figures(counts)["likert_median"] == 3
    assert figures(counts, "ci_low")["likert_median"] == 2
    assert figures(counts, "ci_high")["likert_median"] == 4


def test_under_mean_of_codes_each_customer_weighs_the_same_in_the_median() -> None:
    answered = answers({JANUARY: {"talker": [1] * 30} | single_answers({3: 6, 5: 8})}, **ITEM)
    definitions = Definitions(multiple_responses_policy="mean_of_codes")
    rows = likert(*marts_of(answered, "mean_of_codes"), AS_OF, definitions).set_index("metric")
    assert rows.loc["likert_median", "value"] == 5
    assert rows.loc["likert_median", "n"] == 15


def test_the_median_has_no_change_and_the_shares_have_one() -> None:
    waves = answers(
        {JANUARY: single_answers({2: 40, 5: 20}), FEBRUARY: single_answers({2: 20, 5: 40})}, **ITEM
    )
    rows = likert(*marts_of(waves), AS_OF, Definitions())
    february = rows.loc[rows["period_start_date"] == FEBRUARY].set_index("metric")
    assert np.isnan(february.loc["likert_median", "change_value"])
    assert february.loc["likert_share_of_5", "change_value"] == pytest.approx(1 / 3)
    assert february.loc["likert_top2_share", "change_p_value"] < 0.05


def test_scales_of_three_points_have_no_boxes_but_a_distribution() -> None:
    found = figures({1: 10, 2: 20, 3: 30}, scale_high=3)
    reasons = figures({1: 10, 2: 20, 3: 30}, "suppression_reason", scale_high=3)
    assert np.isnan(found["likert_top2_share"])
    assert reasons["likert_net_share"] == "scale_too_short_for_boxes"
    assert found["likert_share_of_3"] == pytest.approx(0.5)


def test_long_scales_have_a_mean_and_no_distribution() -> None:
    found = figures({10: 10, 100: 30}, scale_low=0, scale_high=100)
    assert found["likert_mean"] == pytest.approx(77.5)
    assert not [name for name in found if name.startswith("likert_share_of_")]


def test_the_shares_of_a_distribution_hold_together() -> None:
    rows = likert(*one_month({1: 10, 5: 90}, **ITEM), AS_OF, Definitions()).set_index("metric")
    of_score, of_box = rows.loc["likert_share_of_5"], rows.loc["likert_top2_share"]
    assert (of_score["ci_method"], of_box["ci_method"]) == ("goodman", "wilson")
    assert of_score["value"] == of_box["value"]
    assert of_score["ci_low"] < of_box["ci_low"]
