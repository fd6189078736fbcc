"""The expected survey figures agree with a large draw, and with what is known by hand."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from pipelines.demo.answer_model import driver_effect, satisfaction_step, scored_items
from pipelines.demo.company import LINDE
from pipelines.demo.counts import survey_counts
from pipelines.demo.expected_answers import invited_figures, survey_figures
from pipelines.demo.home import Draw

PERIODS = {"2024": 0, "2025": 3, "all": 6}
# The rows of survey_figures with the same answers as a wave.


@pytest.mark.parametrize("wave", PERIODS)
def test_counted_answers_of_a_large_draw_agree_with_the_expected_figures(large_draw: Draw, wave: str) -> None:
    expected = survey_figures(LINDE)[PERIODS[wave]]
    found = next(row for row in survey_counts(large_draw.waves) if row["wave"] == wave)
    promoters, detractors = (
        found["promoters"] / found["nps_answers"],
        found["detractors"] / found["nps_answers"],
    )
    spread = sqrt((promoters + detractors - (promoters - detractors) ** 2) / found["nps_answers"])
    # Four standard errors throughout; at about 20,000 answers that is 2 points.
    assert 100 * (promoters - detractors) == pytest.approx(expected["nps_points"], abs=400 * spread)
    for share, top, base in (
        ("csat_share", "csat_top_two", "csat_answers"),
        ("sci_share", "sci_secure", "sci_answers"),
        ("detractor_share", "detractors", "nps_answers"),
    ):
        error = sqrt(expected[share] * (1 - expected[share]) / found[base])
        assert found[top] / found[base] == pytest.approx(expected[share], abs=4 * error)


def test_shares_of_every_item_and_of_the_classes_sum_to_one() -> None:
    for row in survey_figures(LINDE):
        assert sum(row["sci_class_shares"].values()) == pytest.approx(1, abs=1e-9)
        assert row["score_shares"].keys() == set(scored_items(LINDE))
        for shares in row["score_shares"].values():
            assert sum(shares.values()) == pytest.approx(1, abs=1e-9)


def test_without_selection_and_shift_the_recommendation_has_its_base_shares() -> None:
    figures = invited_figures(LINDE)[0]
    recommend = LINDE.ordinal_items[0]
    assert list(figures["score_shares"]["recommend"].values()) == pytest.approx(
        list(recommend.base_shares), abs=1e-9
    )
    assert figures["nps_points"] == pytest.approx(44 - 23, abs=1e-7)


def test_mean_satisfaction_is_the_base_and_the_effects_where_loyalty_is_symmetric() -> None:
    # 3.64 - 0.72 * 0.20 (delivery low) - 0.36 * 0.24 + 0.36 * 0.46 (price) + 0.56 * 0.48 (shop high)
    by_hand = 3.64 - 0.144 - 0.0864 + 0.1656 + 0.2688
    assert invited_figures(LINDE)[0]["mean_scores"]["satisfaction"] == pytest.approx(by_hand, abs=1e-8)


def test_if_response_did_not_depend_on_loyalty_respondents_would_be_like_the_invited() -> None:
    company = replace(LINDE, loyalty=replace(LINDE.loyalty, response_slope=0.0))
    assert survey_figures(company)[0]["score_shares"] == invited_figures(company)[0]["score_shares"]


def test_the_mean_of_satisfaction_never_leaves_its_scale() -> None:
    low = sum(driver_effect(driver, np.array([1]))[0] for driver in LINDE.drivers)
    high = sum(driver_effect(driver, np.array([5]))[0] for driver in LINDE.drivers)
    assert satisfaction_step(LINDE, np.array([-40.0]), low)[0] >= 0
    assert satisfaction_step(LINDE, np.array([40.0]), high)[0] <= 1
