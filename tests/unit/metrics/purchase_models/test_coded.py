"""Distinct values, their codes, and parts drawn evenly."""

import numpy as np
import pytest

from pipelines.metrics.purchase_models.coded import Coded, evenly_drawn


@pytest.mark.parametrize("elements", [[3.0, 0.0, 7.0, 3.0], [0.5, 0.25, 0.5], [-1.0, 2.0], [5e6, 1.0], []])
def test_every_element_finds_its_value_again(elements: list[float]) -> None:
    coded = Coded.of(np.array(elements))
    assert coded.spread(coded.values).tolist() == elements
    assert coded.values.tolist() == sorted(set(elements))


def test_totals_are_per_distinct_value() -> None:
    coded = Coded.of(np.array([3.0, 0.0, 3.0]))
    assert coded.total(np.array([1.0, 2.0, 4.0])).tolist() == [2.0, 5.0]


def test_a_part_has_the_wanted_size_and_the_shares_of_the_whole() -> None:
    counts = np.array([6000, 3000, 1000])
    rows, drawn = evenly_drawn(counts, 100)
    assert rows.tolist() == [0, 1, 2]
    assert drawn.tolist() == [60, 30, 10]


def test_a_part_of_few_is_all_of_them() -> None:
    rows, drawn = evenly_drawn(np.array([2, 1]), 100)
    assert (rows.tolist(), drawn.tolist()) == ([0, 1], [2, 1])


def test_a_part_of_many_single_customers_is_spread_over_all() -> None:
    rows, drawn = evenly_drawn(np.ones(1000, dtype=np.int64), 10)
    assert drawn.tolist() == [1] * 10
    assert np.diff(rows).tolist() == [100] * 9
