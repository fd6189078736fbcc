"""The items of the index beside each other: overlaps, and who lacks one item."""

from datetime import date
from itertools import product

import pandas as pd
import pytest

from pipelines.metrics.surveys.index_items import index_items
from pipelines.settings import Definitions
from tests.unit.metrics.surveys.answer_marts import index_marts

AS_OF = date(2025, 6, 30)


def rows_of(unit_counts: dict[tuple[int, int, int], int]) -> pd.DataFrame:
    names = ["satisfaction_level", "repurchase_level", "recommend_level"]
    levels = pd.DataFrame(list(unit_counts), columns=names).assign(
        unit_count=list(unit_counts.values()),
        survey="kunden",
        period_grain="quarter",
        period_start_date=pd.Timestamp("2025-01-01"),
        segment_name="all",
        segment_value="all",
    )
    *_, units, level_counts = index_marts(levels)
    return index_items(level_counts, units, AS_OF, Definitions()).set_index("metric")


def test_every_combination_of_top_items_has_its_share() -> None:
    counts = {
        tuple(4 if is_top else 2 for is_top in flags): 10 * (place + 1)
        for place, flags in enumerate(product((False, True), repeat=3))
    }
    rows = rows_of(counts)
    assert rows.loc["sci_overlap_none", "value"] == pytest.approx(10 / 360)
    assert rows.loc["sci_overlap_recommend", "value"] == pytest.approx(20 / 360)
    assert rows.loc["sci_overlap_satisfaction_repurchase", "value"] == pytest.approx(70 / 360)
    assert rows.loc["sci_overlap_all", "value"] == pytest.approx(80 / 360)
    shares = rows.loc[rows.index.str.startswith("sci_overlap")]
    assert len(shares) == 8
    assert shares["value"].sum() == pytest.approx(1, abs=1e-12)
    assert set(shares["ci_method"]) == {"goodman"}


def test_who_lacks_one_item_is_counted_by_the_item_and_partial_answers_are_not() -> None:
    rows = rows_of({(4, 4, 4): 50, (3, 4, 4): 20, (1, 4, 4): 5, (4, 2, 4): 7, (3, 3, 4): 9, (0, 4, 4): 30})
    short = rows.loc[rows.index.str.startswith("sci_short_of")]
    assert short["value"].to_dict() == {
        "sci_short_of_satisfaction": pytest.approx(25),
        "sci_short_of_repurchase": pytest.approx(7),
        "sci_short_of_recommend": pytest.approx(0),
    }
    assert set(short["n"]) == {91}
    assert set(short["unit"]) == {"count"}
    assert (short["ci_low"] <= short["value"]).all()
    assert (short["value"] <= short["ci_high"]).all()


def test_yes_no_items_are_secure_or_not() -> None:
    rows = rows_of({(4, 4, 4): 60, (1, 4, 4): 40})
    assert rows.loc["sci_overlap_all", "value"] == pytest.approx(0.6)
    assert rows.loc["sci_short_of_satisfaction", "value"] == pytest.approx(40)


def test_without_a_complete_answer_there_is_no_share_and_no_count() -> None:
    rows = rows_of({(4, 0, 4): 40})
    assert rows["value"].isna().all()
    assert set(rows["suppression_reason"]) == {"no_observations"}
