"""Raking: tables worked by hand, the cap, empty categories, refusals."""

import numpy as np
import pytest

from pipelines.metrics.surveys.raking import Margin, NoSuchRespondents, collapsed, rake, weighted_median

NO_CAP = 1e9


def margin(
    places: list[int],
    population: list[float],
    labels: tuple[str, ...] | None = None,
    *,
    is_ordered: bool = False,
) -> Margin:
    names = labels or tuple(f"category {place}" for place in range(len(population)))
    return Margin("margin", names, np.array(places), np.array(population, dtype=float), is_ordered)


ROWS, COLUMNS = [0, 0, 1, 1], [0, 1, 0, 1]
# The four cells of a table of two by two, row by row.


def test_one_margin_is_met_in_one_step_by_the_ratio_of_shares() -> None:
    # 80 and 20 answers for a population of half and half: 0.5 / 0.8 and 0.5 / 0.2.
    found = rake(np.array([80, 20]), [margin([0, 1], [500, 500])], NO_CAP)
    assert found.weights == pytest.approx([0.625, 2.5], rel=1e-12)
    assert found.margin_error == 0


def test_a_table_of_two_by_two_keeps_its_odds_ratio_and_meets_both_margins() -> None:
    # Answers 40 20 / 20 20 have the odds ratio 2. With both margins at half and half the raked table is
    # a b / b a with (a / b)^2 = 2 and a + b = 50: a = 50 sqrt(2) / (1 + sqrt(2)).
    counts = np.array([40, 20, 20, 20])
    found = rake(counts, [margin(ROWS, [1, 1]), margin(COLUMNS, [1, 1])], NO_CAP)
    a = 50 * np.sqrt(2) / (1 + np.sqrt(2))
    assert found.weights * counts == pytest.approx([a, 50 - a, 50 - a, a], rel=1e-9)
    assert found.margin_error == 0


def test_margins_that_are_met_already_leave_all_weights_at_one() -> None:
    found = rake(np.array([30, 20, 25, 25]), [margin(ROWS, [50, 50]), margin(COLUMNS, [55, 45])], 5)
    assert found.weights == pytest.approx(np.ones(4), abs=1e-12)


def test_a_weight_above_the_cap_is_cut_to_it_and_the_miss_is_told() -> None:
    # Uncapped the two weights are 0.5051 and 50; capped, 5 to 1 with mean 1 over 99 and 1 answers: 100 / 104.
    found = rake(np.array([99, 1]), [margin([0, 1], [50, 50])], 5)
    assert found.weights == pytest.approx([100 / 104, 500 / 104])
    assert found.margin_error == pytest.approx(0.5 - 5 / 104)


def test_what_the_cap_takes_from_one_cell_others_of_its_categories_make_up_for() -> None:
    # Uncapped 1, 3, 3 and 9, by factors of 1 and 3 in both margins. At most 5 x median the lone answer of the last
    # cell counts less, and the ten beside it and the ten above it more, until both margins hold again.
    counts = np.array([70, 10, 10, 1])
    margins = [margin(ROWS, [100, 39]), margin(COLUMNS, [100, 39])]
    free, capped = rake(counts, margins, NO_CAP).weights, rake(counts, margins, 5)
    assert free / free[0] == pytest.approx([1, 3, 3, 9])
    assert capped.margin_error < 1e-6
    assert capped.weights[3] == pytest.approx(5 * capped.weights[0], rel=1e-4)
    assert capped.weights[1] / capped.weights[0] > 3
    assert capped.weights @ counts == pytest.approx(91)


def test_margins_that_contradict_each_other_end_with_their_error_told() -> None:
    # Whoever is in row 0 is in column 0 and the other way round: half and half cannot go with 30 and 70.
    found = rake(np.array([10, 10]), [margin([0, 1], [50, 50]), margin([0, 1], [30, 70])], 5)
    assert found.margin_error == pytest.approx(0.2)


def test_the_order_of_cells_does_not_matter() -> None:
    counts, order = np.array([40, 20, 20, 20]), [2, 0, 3, 1]
    margins = [margin(ROWS, [6, 4]), margin(COLUMNS, [3, 7])]
    turned = [margin([m.places[i] for i in order], list(m.population)) for m in margins]
    found = rake(counts[order], turned, 5).weights
    assert found == pytest.approx(rake(counts, margins, 5).weights[order], rel=1e-9)


def test_the_median_weight_is_that_of_answers_and_not_of_cells() -> None:
    assert weighted_median(np.array([3.0, 1.0, 2.0]), np.array([1, 10, 1])) == 1
    assert weighted_median(np.array([1.0, 2.0]), np.array([5, 5])) == 1


def test_an_empty_decile_joins_the_nearest_with_answers_of_two_the_lower() -> None:
    deciles = margin([1, 3, 3], [10, 20, 30, 40, 50], ("1", "2", "3", "4", "5"), is_ordered=True)
    found = collapsed(deciles, np.array([5, 5, 5]))
    assert found.labels == ("2", "4")
    assert found.population.tolist() == [10 + 20 + 30, 40 + 50]
    assert found.places.tolist() == [0, 1, 1]


def test_an_empty_segment_value_joins_unknown_and_else_the_largest() -> None:
    countries = margin([0, 2], [70, 5, 25], ("AT", "DE", "unknown"))
    assert collapsed(countries, np.array([5, 5])).population.tolist() == [70, 30]
    without_unknown = margin([0, 2], [70, 5, 25], ("AT", "CH", "DE"))
    assert collapsed(without_unknown, np.array([5, 5])).population.tolist() == [75, 25]


def test_nobody_can_stand_for_the_largest_category() -> None:
    with pytest.raises(
        NoSuchRespondents, match="nobody answered of margin CH, nor of its largest category DE"
    ):
        collapsed(margin([0], [10, 5, 70], ("AT", "CH", "DE")), np.array([5]))


def test_counts_margins_and_caps_that_are_not_positive_are_refused() -> None:
    both = [margin([0, 1], [1, 1])]
    for count in (0, -3):
        with pytest.raises(ValueError, match="1 of 2 cells have no answer"):
            rake(np.array([5, count]), both, 5)
    for population in (0.0, -4.0):
        with pytest.raises(ValueError, match=f"1 of 2 categories .* category 1: {population}"):
            rake(np.array([5, 5]), [margin([0, 1], [1, population])], 5)
    with pytest.raises(ValueError, match="weight_cap is 1"):
        rake(np.array([5, 5]), both, 1)
    with pytest.raises(ValueError, match="collapse it first"):
        rake(np.array([5, 5]), [margin([0, 0], [1, 1])], 5)
