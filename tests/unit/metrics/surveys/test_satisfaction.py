"""Satisfied share: boxes by scale, refusals."""

from datetime import date

import pandas as pd
import pytest

from pipelines.ingest.question_rules import CSAT_SCALES
from pipelines.metrics.surveys.satisfaction import satisfaction
from pipelines.settings import CSAT_BOXES, Definitions
from tests.unit.metrics.surveys.answer_marts import independent

AS_OF = date(2025, 6, 30)


def even_answers(low: int, high: int, **changes: object) -> pd.DataFrame:
    """Ten customers at every point of the scale."""
    columns = {
        "survey": "kunden",
        "item": "satisfaction",
        "construct": "overall_satisfaction",
        "scale_low": low,
        "scale_high": high,
        "low_is_good": False,
        "period_grain": "quarter",
        "period_start_date": pd.Timestamp("2025-01-01"),
        "segment_name": "all",
        "segment_value": "all",
        "answer_count": 10,
        **changes,
    }
    return pd.DataFrame({"score": range(low, high + 1)}).assign(**columns)


@pytest.mark.parametrize(
    ("low", "high", "share"),
    [
        (0, 1, 1 / 2),
        (1, 3, 1 / 3),
        (1, 4, 2 / 4),
        (1, 5, 2 / 5),
        (1, 6, 2 / 6),
        (1, 7, 2 / 7),
        (1, 10, 2 / 10),
        (0, 10, 2 / 11),
    ],
)
def test_each_scale_has_its_top_boxes_over_all_valid_answers(low: int, high: int, share: float) -> None:
    row = satisfaction(*independent(even_answers(low, high)), AS_OF, Definitions()).iloc[0]
    assert row["value"] == pytest.approx(share)
    assert row["n"] == 10 * (high - low + 1)
    box_count = CSAT_BOXES[f"{low}-{high}"]
    assert row["definition_id"].startswith(f"box=top_{box_count};scale={low}_to_{high};")


def test_every_scale_that_the_settings_allow_has_a_box() -> None:
    assert {f"{low}-{high}" for low, high in CSAT_SCALES} == set(CSAT_BOXES)


def test_where_low_is_good_the_low_boxes_count() -> None:
    frame = even_answers(1, 6, low_is_good=True).assign(answer_count=[40, 20, 10, 10, 10, 10])
    assert satisfaction(*independent(frame), AS_OF, Definitions()).iloc[0]["value"] == pytest.approx(0.6)


def test_surveys_on_different_scales_keep_their_own_boxes() -> None:
    frame = pd.concat([even_answers(1, 5), even_answers(0, 10, survey="kasse")])
    rows = (
        satisfaction(*independent(frame), AS_OF, Definitions())
        .loc[lambda row: row["metric"] == "csat_share"]
        .set_index("survey")
    )
    assert rows.loc["kunden", "value"] == pytest.approx(2 / 5)
    assert rows.loc["kasse", "value"] == pytest.approx(2 / 11)


@pytest.mark.parametrize(("low", "high"), [(1, 8), (0, 4), (1, 100), (-5, 5)])
def test_an_unknown_scale_is_an_error_and_not_a_share_of_zero(low: int, high: int) -> None:
    with pytest.raises(ValueError, match=f"scale without top boxes.*scale {low} to {high}"):
        satisfaction(*independent(even_answers(low, high)), AS_OF, Definitions())


def test_the_order_of_the_rows_does_not_matter() -> None:
    frame = pd.concat(
        [even_answers(1, 5, segment_value=f"c{index}") for index in range(5)], ignore_index=True
    )
    frame = frame.assign(answer_count=range(10, 10 + len(frame)))
    shuffled = frame.sample(frac=1, random_state=2)
    expected = satisfaction(*independent(frame), AS_OF, Definitions())
    pd.testing.assert_frame_equal(satisfaction(*independent(shuffled), AS_OF, Definitions()), expected)


def test_no_satisfaction_question_gives_an_empty_table() -> None:
    assert satisfaction(*independent(even_answers(1, 5, construct="driver")), AS_OF, Definitions()).empty
