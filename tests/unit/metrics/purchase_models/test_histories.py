"""The rules that purchase histories keep, and what is computed once for all models."""

import numpy as np
import pytest

from pipelines.metrics.purchase_models.histories import Histories, one_new_customer

GOOD = {"frequency": [0, 2], "recency": [0, 30], "age": [70, 70], "customer_count": [3, 1]}


@pytest.mark.parametrize(
    ("column", "broken", "said"),
    [
        ("frequency", [0, 1.5], "1 of 2 histories .* number 2: frequency is a whole number"),
        ("frequency", [-1, 2], "frequency is a whole number"),
        ("frequency", [float("nan"), 2], "frequency is a whole number"),
        ("recency", [5, 30], "number 1: recency is 0 where frequency is 0"),
        ("recency", [0, 0], "number 2: recency is above 0 where frequency is"),
        ("age", [70, 29], "number 2: age is a number not below recency"),
        ("age", [70, float("nan")], "age is a number not below recency"),
        ("customer_count", [3, 0], "customer_count is a whole number, 1 or more"),
        ("customer_count", [3], "one element per history"),
    ],
)
def test_a_broken_rule_is_named_with_its_column(column: str, broken: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Histories(**{**GOOD, column: broken})  # type: ignore[arg-type]


def test_a_unit_is_a_number_of_days() -> None:
    with pytest.raises(ValueError, match="unit_days is 0"):
        Histories(**GOOD, unit_days=0)  # type: ignore[arg-type]


def test_a_horizon_is_not_negative() -> None:
    with pytest.raises(ValueError, match="horizon is -1"):
        Histories(**GOOD).in_units(-1)  # type: ignore[arg-type]


def test_means_count_customers_and_are_in_units() -> None:
    histories = Histories(**GOOD)  # type: ignore[arg-type]
    assert histories.customer_total == 4
    assert histories.mean_age == 10
    assert histories.purchase_rate == pytest.approx(2.5 / 40)
    assert histories.unit == "7 days"


def test_pairs_of_frequency_and_age_find_their_histories_again() -> None:
    random = np.random.default_rng(3)
    frequency, age = random.integers(0, 5, 50), random.integers(10, 14, 50)
    histories = Histories(frequency, np.where(frequency > 0, 5, 0), age, np.ones(50))
    pairs, (frequency_codes, age_codes) = histories.by_frequency_and_age
    assert (pairs.spread(histories.by_frequency.values[frequency_codes]) == frequency).all()
    assert (pairs.spread(histories.by_age.values[age_codes]) == age).all()


def test_days_hold_every_recency_and_age_with_the_largest_frequency_before() -> None:
    days = Histories([0, 1, 3], [0, 10, 20], [40, 30, 20], [1, 1, 1]).days
    assert days.edges.tolist() == [0, 10, 20, 30, 40]
    assert days.largest_frequency.tolist() == [0, 1, 3, 3]
    assert days.recency_cells.tolist() == [0, 3 + 1, 6 + 2]
    assert days.age_cells.tolist() == [12, 9 + 1, 6 + 2]


def test_a_part_keeps_the_unit() -> None:
    histories = Histories(np.zeros(100), np.zeros(100), np.arange(100), np.ones(100), unit_days=30)
    part = histories.part(10)
    assert (part.customer_total, part.unit_days) == (10, 30)
    assert histories.part(100) is histories


def test_a_new_customer_has_nothing_yet() -> None:
    new = one_new_customer(7)
    assert (new.frequency[0], new.recency[0], new.age[0]) == (0, 0, 0)
