"""Customer effort: two versions that never meet, polarity, refusals."""

from datetime import date

import pandas as pd
import pytest

from pipelines.ingest.question_rules import EFFORT_QUESTIONS
from pipelines.metrics.surveys.effort import CES_SCALES, effort
from pipelines.settings import Definitions
from tests.unit.metrics.surveys.answer_marts import Marts, independent, one_month

AS_OF = date(2025, 6, 30)
ONE = {
    "item": "easy",
    "construct": "effort",
    "version": "1.0",
    "scale_low": 1,
    "scale_high": 5,
    "low_is_good": True,
}
TWO = ONE | {"version": "2.0", "scale_high": 7, "low_is_good": False}
ONE_COUNTS, TWO_COUNTS = {1: 50, 2: 30, 5: 20}, {1: 10, 4: 20, 5: 30, 7: 40}


def figures(marts: Marts) -> dict[str, float]:
    rows = effort(*marts, AS_OF, Definitions())
    return dict(zip(rows["metric"], rows["value"], strict=True))


def test_the_first_version_is_a_mean_of_which_low_is_good() -> None:
    found = figures(one_month(ONE_COUNTS, **ONE))
    assert found == {
        "ces_1_mean": pytest.approx((50 + 60 + 100) / 100),
        "ces_1_rescaled_mean": pytest.approx(100 * (50 * 1 + 30 * 0.75) / 100),
    }


def test_the_second_version_is_a_mean_and_the_share_of_the_three_best() -> None:
    found = figures(one_month(TWO_COUNTS, **TWO))
    assert found == {
        "ces_2_mean": pytest.approx((10 + 80 + 150 + 280) / 100),
        "ces_2_rescaled_mean": pytest.approx(100 * ((10 + 80 + 150 + 280) / 100 - 1) / 6),
        "ces_2_top3_share": pytest.approx(0.7),
    }


def test_two_versions_are_series_of_their_own() -> None:
    both = pd.concat(
        [
            one_month(ONE_COUNTS, **(ONE | {"survey": "alt"})).score_counts,
            one_month(TWO_COUNTS, **TWO).score_counts,
        ]
    )
    rows = effort(*independent(both), AS_OF, Definitions())
    assert rows.groupby("metric")["survey"].nunique().eq(1).all()
    assert rows.groupby("metric")["definition_id"].nunique().eq(1).all()
    assert (
        rows.loc[rows["metric"] == "ces_1_mean", "definition_id"].item().startswith("version=1.0;low_is_good")
    )


@pytest.mark.parametrize(
    ("question", "changed"),
    [
        (ONE, {"version": "3.0"}),
        (ONE, {"scale_high": 7}),
        (ONE, {"low_is_good": False}),
        (TWO, {"scale_high": 5}),
    ],
)
def test_another_version_scale_or_polarity_is_refused(
    question: dict[str, object], changed: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match="without the scale of their version"):
        figures(one_month({1: 40, 2: 60}, **(question | changed)))


def test_two_versions_of_one_question_are_refused() -> None:
    both = pd.concat([one_month({1: 40}, **ONE).score_counts, one_month({7: 40}, **TWO).score_counts])
    with pytest.raises(ValueError, match="two versions of effort"):
        figures(independent(both))


def test_contracts_and_figures_know_the_same_questions() -> None:
    assert {
        version: ((low, high), is_low) for version, (low, high, is_low) in CES_SCALES.items()
    } == EFFORT_QUESTIONS


def test_a_survey_without_the_question_gives_an_empty_table() -> None:
    assert effort(*one_month({9: 100}), AS_OF, Definitions()).empty
