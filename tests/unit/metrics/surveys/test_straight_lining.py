"""Straight-lining: answers as they were given, complete respondents alone, no scale of two items."""

from datetime import date

import pytest

from pipelines.metrics.surveys.straight_lining import straight_lining
from pipelines.settings import Definitions
from tests.unit.metrics.surveys.answer_patterns import scale_patterns

AS_OF = date(2025, 6, 30)
SMALL = Definitions(min_disclosed_n=1)


def test_equal_answers_count_among_complete_respondents() -> None:
    rows = [(3, 3, 3), (3, 3, 3), (1, 1, 1), (1, 2, 3), (5, 5, None)]
    [found] = straight_lining(scale_patterns(rows), AS_OF, SMALL)
    [row] = found.to_dict("records")
    assert (row["metric"], row["item"], row["n"]) == ("straight_lining_share", "trust", 4)
    assert row["value"] == 0.75
    # Wilson's interval of 3 of 4.
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.3006, 0.9544), abs=5e-5)


def test_a_reversed_item_is_turned_back_before_answers_are_compared() -> None:
    # The third item is reversed: 5, 5, 5 was given as 5, 5, 1, and 5, 5, 1 as 5, 5, 5.
    patterns = scale_patterns([(5, 5, 5), (5, 5, 1), (2, 2, 4)], low_is_goods="[false, false, true]")
    [found] = straight_lining(patterns, AS_OF, SMALL)
    assert found["value"].tolist() == [pytest.approx(2 / 3)]


def test_two_items_and_the_items_of_the_customer_index_say_nothing_of_care() -> None:
    assert straight_lining(scale_patterns([(1, 1), (2, 3)]), AS_OF, SMALL) == []
    index = scale_patterns([(1, 1, 1), (2, 3, 4)], scale_name="secure_customer_index")
    assert straight_lining(index, AS_OF, SMALL) == []


def test_items_with_different_answers_to_choose_from_are_not_compared() -> None:
    patterns = scale_patterns([(1, 1, 1), (2, 3, 4)], scale_highs="[5, 5, 7]")
    assert straight_lining(patterns, AS_OF, SMALL) == []


def test_nobody_complete_is_null_with_its_reason() -> None:
    [found] = straight_lining(scale_patterns([(1, 1, None)]), AS_OF, SMALL)
    assert found["value"].isna().all()
    assert found["suppression_reason"].tolist() == ["no_observations"]
