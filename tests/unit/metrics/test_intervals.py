"""Intervals: their ends, their refusals, their properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.metrics.intervals import (
    adjusted_wald_interval,
    goodman_interval,
    influence_interval,
    normal_quantile,
    proportion_std_error,
    require_ci_level,
    wilson_interval,
)

LEVELS = st.floats(0.90, 0.999)


@pytest.mark.parametrize("ci_level", [0.0, 0.5, 0.8999, 1.0, 95.0])
def test_a_confidence_below_ninety_per_cent_or_not_below_one_is_refused(ci_level: float) -> None:
    with pytest.raises(ValueError, match=r"intervals need at least 0\.9"):
        require_ci_level(ci_level)


def test_ninety_per_cent_is_allowed() -> None:
    assert normal_quantile(0.90) == pytest.approx(1.6448536269514722, rel=1e-12)


@given(st.integers(1, 10**7), st.floats(0, 1), LEVELS)
def test_wilson_lies_within_zero_and_one_and_holds_the_share(n: int, share: float, ci_level: float) -> None:
    successes, totals = np.array([round(share * n)]), np.array([n])
    low, high = wilson_interval(successes, totals, ci_level)
    assert 0 <= low[0] <= successes[0] / n <= high[0] <= 1


@given(st.integers(1, 10**6), st.floats(0, 1))
def test_wilson_of_the_complement_is_the_mirrored_interval(n: int, share: float) -> None:
    successes, totals = np.array([round(share * n)]), np.array([n])
    low, high = wilson_interval(successes, totals, 0.95)
    mirrored_low, mirrored_high = wilson_interval(totals - successes, totals, 0.95)
    assert mirrored_low[0] == pytest.approx(1 - high[0], abs=1e-12)
    assert mirrored_high[0] == pytest.approx(1 - low[0], abs=1e-12)


def test_no_observations_give_no_interval_and_no_error() -> None:
    nothing = np.array([0])
    assert np.isnan(wilson_interval(nothing, nothing, 0.95)).all()
    assert np.isnan(adjusted_wald_interval(nothing, nothing, nothing, 0.95)).all()
    assert np.isnan(proportion_std_error(nothing, nothing)).all()


def test_goodman_is_wider_than_wilson_since_all_classes_hold_at_once() -> None:
    part, whole = np.array([30]), np.array([100])
    wilson, goodman = wilson_interval(part, whole, 0.95), goodman_interval(part, whole, 4, 0.95)
    assert goodman.low[0] < wilson.low[0] < wilson.high[0] < goodman.high[0]


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(10, 3000), LEVELS)
def test_adjusted_wald_is_clipped_and_holds_the_raw_score_from_ten_answers_on(
    promoters: int, detractors: int, passives: int, ci_level: float
) -> None:
    n = promoters + passives + detractors
    low, high = adjusted_wald_interval(np.array([promoters]), np.array([detractors]), np.array([n]), ci_level)
    assert -1 <= low[0] <= (promoters - detractors) / n <= high[0] <= 1


@pytest.mark.parametrize("n", range(10, 200, 7))
def test_adjusted_wald_holds_a_score_of_one_hundred(n: int) -> None:
    low, high = adjusted_wald_interval(np.array([n]), np.array([0]), np.array([n]), 0.90)
    assert low[0] < 1
    assert high[0] == 1


def test_below_fifty_units_the_influence_interval_takes_students_quantile() -> None:
    value, std_error = np.array([10.0, 10.0, 10.0]), np.array([1.0, 1.0, 1.0])
    low, high = influence_interval(value, std_error, np.array([5, 49, 50]), 0.95)
    # t(4) and t(48) at 0.975, from the tables of Student's distribution; 1.959964 is the normal's.
    assert high - value == pytest.approx([2.776445, 2.010635, 1.959964], abs=1e-6)
    assert value - low == pytest.approx(high - value)


def test_one_unit_has_no_interval() -> None:
    low, high = influence_interval(np.array([10.0]), np.array([1.0]), np.array([1]), 0.95)
    assert np.isnan([low[0], high[0]]).all()
