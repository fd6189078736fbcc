"""The drivers' table: who counts, what must not be said, intervals by bootstrap, order of rows, the picture."""

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.result_tables import DRIVERS
from pipelines.metrics.surveys.drivers import drivers
from pipelines.metrics.surveys.drivers_plot import drivers_markdown
from pipelines.settings import Definitions
from tests.unit.metrics.surveys.answer_patterns import Row, driver_patterns

EFFECTS = ((-0.9, 0.0), (0.0, 0.7))
FIGURES = ["importance_lmg", "importance_johnson", "penalty", "reward", "net_effect", "asymmetry"]


def rows_of(respondents: int, seed: int = 1, attributes: int = 2) -> list[Row]:
    """Answers of which the first attribute is basic and the second excitement; others do nothing."""
    random = np.random.default_rng(seed)
    ratings = random.integers(1, 6, size=(respondents, attributes))
    mean = 3.0 + sum(
        np.select([ratings[:, j] <= 2, ratings[:, j] >= 4], effects)
        for j, effects in enumerate(EFFECTS[:attributes])
    )
    satisfaction = 1 + random.binomial(4, (mean - 1) / 4)
    return [tuple(int(score) for score in row) for row in np.column_stack([satisfaction, ratings])]


def found(patterns: pd.DataFrame, **settings: int) -> pd.DataFrame:
    return drivers(patterns, Definitions(**settings)).set_index("attribute")


def test_importance_and_class_of_every_attribute_have_their_intervals() -> None:
    rows = drivers(driver_patterns(rows_of(800, attributes=3)), Definitions())
    assert tuple(rows.columns) == DRIVERS.column_names
    assert rows["class"].tolist() == ["basic", "excitement", "indifferent"]
    assert rows["importance_lmg"].sum() == pytest.approx(rows["r_squared"].iloc[0], abs=1e-12)
    assert rows["importance_johnson"].sum() == pytest.approx(rows["r_squared"].iloc[0], abs=1e-12)
    for figure in FIGURES[:5]:
        assert (rows[f"{figure}_ci_low"] < rows[f"{figure}_ci_high"]).all()
    strong = rows.iloc[:2]
    for figure in ("importance_lmg", "importance_johnson", "asymmetry"):
        assert (strong[f"{figure}_ci_low"] <= strong[figure]).all()
        assert (strong[figure] <= strong[f"{figure}_ci_high"]).all()
    assert (rows["n_low"] + rows["n_high"] < rows["n"]).all()
    assert rows["is_publishable"].all()
    assert rows["suppression_reason"].isna().all()


def test_the_bootstraps_spread_is_that_over_samples() -> None:
    """Of an importance: half the width of the interval over 1.96 against the spread over 24 samples."""
    survey = pd.concat(driver_patterns(rows_of(400, seed), survey=f"{seed:02}") for seed in range(24))
    first = drivers(survey, Definitions()).query("attribute == 'a'")
    spread = first["importance_lmg"].std()
    widths = (first["importance_lmg_ci_high"] - first["importance_lmg_ci_low"]) / (2 * 1.96)
    # 24 samples know a standard deviation to about 15 %.
    assert widths.mean() == pytest.approx(spread, rel=0.45)


def test_who_left_an_attribute_empty_does_not_count() -> None:
    rows = rows_of(800)
    with_gaps = [*rows, *[(5, None, 1), (1, 5, None), (None, 5, 5)] * 40]
    pd.testing.assert_frame_equal(found(driver_patterns(rows)), found(driver_patterns(with_gaps)))


def test_an_attribute_that_was_not_asked_for_in_the_period_does_not_empty_it() -> None:
    rows = [(*row, None) for row in rows_of(800)]
    result = found(driver_patterns(rows))
    assert result["n"].tolist() == [800, 800, 0]
    assert result["suppression_reason"].tolist()[2] == "no_observations"
    assert result.loc[["a", "b"], "class"].tolist() == ["basic", "excitement"]


def test_nobody_who_rated_all_is_null_with_a_reason() -> None:
    result = found(driver_patterns([(5, 1, None), (1, None, 5)] * 50))
    assert result[FIGURES].isna().all(axis=None)
    assert result["suppression_reason"].tolist() == ["no_observations"] * 2
    assert result["class"].tolist() == ["not_estimable"] * 2


@pytest.mark.parametrize("respondents", [1, 9])
def test_few_respondents_are_not_told_of(respondents: int) -> None:
    result = found(driver_patterns(rows_of(respondents)))
    assert result[[*FIGURES, "r_squared", "n_low", "n_high"]].isna().all(axis=None)
    assert set(result["suppression_reason"]) == {"below_min_disclosed_n"}


@pytest.mark.parametrize("respondents", [1, 2, 3])
def test_any_number_of_respondents_can_be_computed(respondents: int) -> None:
    result = found(driver_patterns(rows_of(respondents)), min_disclosed_n=1)
    assert result["class"].tolist() == ["not_estimable"] * 2


def test_the_same_satisfaction_of_all_has_no_drivers() -> None:
    result = found(driver_patterns([(4, a, b) for a in range(1, 6) for b in range(1, 6)] * 8))
    assert result[FIGURES].isna().all(axis=None)
    assert set(result["suppression_reason"]) == {"no_variance"}


def test_an_attribute_that_all_rate_alike_is_left_out_and_the_others_stay() -> None:
    result = found(driver_patterns([(*row, 4) for row in rows_of(800)]))
    assert result["suppression_reason"].tolist()[2] == "no_variance"
    assert result.loc[["a", "b"], "class"].tolist() == ["basic", "excitement"]
    assert result.loc[["a", "b"], "importance_lmg"].notna().all()


def test_two_attributes_that_are_always_rated_alike_have_no_importance() -> None:
    result = found(driver_patterns([(first, second, second) for first, second, _ in rows_of(800)]))
    assert result["importance_lmg"].isna().all()
    assert set(result["suppression_reason"]) == {"collinear_attributes"}
    assert not result["is_publishable"].any()


def test_few_low_ratings_leave_the_importance_without_a_class() -> None:
    rows = [row for row in rows_of(600) if row[1] >= 3]
    result = found(driver_patterns(rows))
    assert result.loc["a", "class"] == "not_estimable"
    assert result.loc["a", "suppression_reason"] == "too_few_low_or_high"
    assert np.isnan(result.loc["a", "penalty"])
    assert result.loc["a", "importance_lmg"] >= 0
    assert result.loc["b", "class"] == "excitement"


def test_a_low_r_squared_is_flagged() -> None:
    random = np.random.default_rng(5)
    noise = [tuple(int(score) for score in row) for row in random.integers(1, 6, size=(400, 3))]
    assert found(driver_patterns(noise))["is_low_r_squared"].all()
    assert not found(driver_patterns(rows_of(400)))["is_low_r_squared"].any()


def test_neither_the_order_of_rows_nor_other_surveys_matter() -> None:
    one, other = driver_patterns(rows_of(400)), driver_patterns(rows_of(300, 2, 3), survey="other")
    both = drivers(pd.concat([one, other]).sample(frac=1, random_state=1), Definitions())
    alone = both.loc[both["survey"] == "kunden"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, drivers(one, Definitions()))


def test_twice_the_respondents_shrink_the_errors_by_the_square_root_of_two() -> None:
    rows = rows_of(600)
    once, twice = found(driver_patterns(rows)), found(driver_patterns(rows * 2))
    for figure in ("penalty", "reward", "net_effect"):
        ratio = once[f"{figure}_std_error"] / twice[f"{figure}_std_error"]
        assert ratio.tolist() == pytest.approx([np.sqrt(2)] * 2, rel=0.02)


def test_mirrored_satisfaction_swaps_the_signs() -> None:
    rows = rows_of(600)
    plain = found(driver_patterns(rows))
    mirrored = found(driver_patterns([(6 - first, *rest) for first, *rest in rows]))
    assert mirrored["penalty"].tolist() == pytest.approx((-plain["penalty"]).tolist(), abs=1e-12)
    assert mirrored["importance_lmg"].tolist() == pytest.approx(plain["importance_lmg"].tolist(), abs=1e-12)
    assert mirrored["class"].tolist() == ["inconsistent", "inconsistent"]


def test_a_pattern_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"marts\.driver_patterns have not one score for each"):
        drivers(driver_patterns([(5, 4, 3)], attributes="price"), Definitions())


def test_no_survey_with_drivers_is_an_empty_table_with_all_columns() -> None:
    empty = drivers(driver_patterns([(5, 4)]).iloc[:0], Definitions())
    assert (len(empty), tuple(empty.columns)) == (0, DRIVERS.column_names)
    assert drivers_markdown(empty) == "No survey has drivers with enough complete answers."


def test_the_picture_shows_every_attribute_that_has_an_asymmetry() -> None:
    names = "delivery & <packing>,shop"
    markdown = drivers_markdown(drivers(driver_patterns(rows_of(800), attributes=names), Definitions()))
    [picture] = re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", markdown)
    drawing = ElementTree.fromstring(base64.b64decode(picture))
    texts = {element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")}
    assert {"delivery & <packing> (basic)", "shop (excitement)"} <= texts
    assert "| shop | excitement |" in markdown
