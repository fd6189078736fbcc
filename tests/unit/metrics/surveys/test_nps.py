"""Net promoter score: hand cases, identities, refusals."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.surveys.nps import nps
from pipelines.settings import Definitions
from tests.unit.metrics.surveys.answer_marts import independent

AS_OF = date(2025, 6, 30)
ALL_DISCLOSED = Definitions(min_disclosed_n=1)


def score_counts(answer_counts: dict[int, int], **changes: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"score": list(answer_counts), "answer_count": list(answer_counts.values())}, dtype="int64"
    )
    return frame.assign(
        **{
            "survey": "kunden",
            "item": "recommend",
            "construct": "recommend",
            "scale_low": 0,
            "scale_high": 10,
            "low_is_good": False,
            "period_grain": "month",
            "period_start_date": pd.Timestamp("2025-01-01"),
            "segment_name": "all",
            "segment_value": "all",
            **changes,
        }
    )


def figures(frame: pd.DataFrame, definitions: Definitions = ALL_DISCLOSED) -> dict[str, float]:
    rows = nps(*independent(frame), AS_OF, definitions)
    return dict(zip(rows["metric"], rows["value"], strict=True))


def many_cells() -> pd.DataFrame:
    """Five hundred cells of 10 to 2,000 answers each, many of them at one end of the scale."""
    random = np.random.default_rng(11)
    shares = random.dirichlet(np.full(11, 0.2), size=500)
    counts = random.multinomial(random.integers(10, 2000, size=500), shares)
    template = pd.concat([score_counts(dict.fromkeys(range(11), 0), segment_name="cell")] * len(counts))
    cell_names = np.repeat([f"{index:03}" for index in range(len(counts))], 11)
    return template.assign(segment_value=cell_names, answer_count=counts.ravel()).reset_index(drop=True)


def points_of(frame: pd.DataFrame) -> pd.DataFrame:
    rows = nps(*independent(frame), AS_OF, ALL_DISCLOSED)
    return rows.loc[rows["metric"] == "nps_points"].set_index("segment_value").sort_index()


def test_scores_fall_into_promoters_passives_and_detractors_at_nine_and_seven() -> None:
    found = figures(score_counts({6: 1, 7: 2, 8: 3, 9: 4, 10: 10}))
    assert found["promoter_share"] == pytest.approx(14 / 20)
    assert found["passive_share"] == pytest.approx(5 / 20)
    assert found["detractor_share"] == pytest.approx(1 / 20)
    assert found["nps_points"] == pytest.approx(65.0)


def test_a_row_names_survey_question_and_policy() -> None:
    rows = nps(
        *independent(score_counts({9: 200})), AS_OF, Definitions(multiple_responses_policy="first_in_period")
    )
    assert set(rows["survey"]) == {"kunden"}
    assert set(rows["item"]) == {"recommend"}
    assert set(rows["weighting"]) == {"unweighted"}
    assert set(rows["definition_id"]) == {"responses=first_in_period"}
    assert rows["n"].tolist() == [200] * 4
    assert dict(zip(rows["metric"], rows["ci_method"], strict=True))["nps_points"] == "adjusted_wald"
    assert dict(zip(rows["metric"], rows["unit"], strict=True))["nps_points"] == "points"


def test_the_score_stays_within_its_bounds_and_its_interval() -> None:
    points = points_of(many_cells())
    assert points["value"].between(-100, 100).all()
    assert points["ci_low"].between(-100, points["value"]).all()
    assert points["ci_high"].between(points["value"], 100).all()


def test_the_three_shares_add_up_to_one_and_give_the_score() -> None:
    rows = nps(*independent(many_cells()), AS_OF, ALL_DISCLOSED)
    share = rows.pivot_table(index="segment_value", columns="metric", values="value")
    total = share["promoter_share"] + share["passive_share"] + share["detractor_share"]
    assert np.allclose(total, 1, rtol=0, atol=1e-9)
    assert np.allclose(
        share["nps_points"], 100 * (share["promoter_share"] - share["detractor_share"]), rtol=0, atol=1e-9
    )


def test_swapping_promoters_and_detractors_flips_the_sign() -> None:
    # 0 to 6 become 10, 9 and 10 become 0: classes change places, passives stay.
    frame = many_cells()
    swapped = frame.assign(score=frame["score"].map(lambda score: 10 if score < 7 else 7 if score < 9 else 0))
    swapped = swapped.groupby([name for name in swapped if name != "answer_count"], as_index=False).sum()
    before, after = points_of(frame), points_of(swapped)
    assert np.allclose(after["value"], -before["value"], rtol=0, atol=1e-9)
    assert np.allclose(after["ci_low"], -before["ci_high"], rtol=0, atol=1e-9)


def test_another_passive_shrinks_the_score_unless_it_is_zero() -> None:
    frame = many_cells()
    before = points_of(frame)["value"]
    after = points_of(frame.assign(answer_count=frame["answer_count"] + (frame["score"] == 7)))["value"]
    assert ((after.abs() < before.abs()) | ((before == 0) & (after == 0))).all()


def test_a_reversed_question_is_turned_before_it_is_classed() -> None:
    found = figures(score_counts({0: 30, 1: 10, 3: 20, 10: 40}, low_is_good=True))
    assert found["promoter_share"] == pytest.approx(0.4)
    assert found["passive_share"] == pytest.approx(0.2)


def test_the_order_of_the_rows_does_not_matter() -> None:
    cells = [
        score_counts({score: score + 3 * segment + 1 for score in range(11)}, segment_value=f"c{segment}")
        for segment in range(7)
    ]
    frame = pd.concat(cells, ignore_index=True)
    shuffled = frame.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(
        nps(*independent(frame), AS_OF, Definitions()), nps(*independent(shuffled), AS_OF, Definitions())
    )


def test_other_constructs_give_no_row_and_a_company_without_survey_gives_an_empty_table() -> None:
    other = score_counts({1: 10}, construct="effort", scale_low=1, scale_high=7)
    assert nps(*independent(other), AS_OF, Definitions()).empty
    assert nps(*independent(other.iloc[:0]), AS_OF, Definitions()).empty


def test_a_scale_from_one_to_ten_is_another_metric() -> None:
    with pytest.raises(ValueError, match=r"not on the scale 0 to 10, first survey kunden.*scale 1 to 10"):
        nps(*independent(score_counts({9: 4}, scale_low=1)), AS_OF, Definitions())


def test_a_score_outside_the_scale_is_refused_with_its_count_and_place() -> None:
    with pytest.raises(
        ValueError, match=r"1 of 2 rows of marts\.survey_score_counts have a score outside.*score 11"
    ):
        nps(*independent(score_counts({9: 4, 11: 3})), AS_OF, Definitions())


@pytest.mark.parametrize("wrong_count", [-1, 2.5])
def test_a_count_that_is_none_is_refused(wrong_count: float) -> None:
    with pytest.raises(ValueError, match="answer_count that is no count"):
        nps(*independent(score_counts({9: 4}).assign(answer_count=wrong_count)), AS_OF, Definitions())


def test_a_null_count_is_refused() -> None:
    with pytest.raises(ValueError, match="have no answer_count"):
        nps(*independent(score_counts({9: 4}).assign(answer_count=np.nan)), AS_OF, Definitions())


def test_a_repeated_key_is_refused() -> None:
    with pytest.raises(ValueError, match="repeat a key"):
        nps(*independent(pd.concat([score_counts({9: 4})] * 2)), AS_OF, Definitions())


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match=r"lacks the column\(s\) scale_high"):
        nps(*independent(score_counts({9: 4}).drop(columns="scale_high")), AS_OF, Definitions())
