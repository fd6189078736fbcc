"""Published intervals of proportions.

Newcombe, R. G. (1998), "Two-sided confidence intervals for the single proportion: comparison of seven
methods", Statistics in Medicine 17, 857-872, table I, method 3 (Wilson's score method without continuity
correction). Goodman, L. A. (1965), "On simultaneous confidence intervals for multinomial proportions",
Technometrics 7, 247-254.
"""

import numpy as np
import pytest
from statsmodels.stats.proportion import multinomial_proportions_confint

from pipelines.metrics.intervals import goodman_interval, wilson_interval


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)],
)
def test_wilson_is_newcombes_method_three(successes: int, total: int, low: float, high: float) -> None:
    interval = wilson_interval(np.array([successes]), np.array([total]), 0.95)
    # Four published decimals.
    assert interval.low[0] == pytest.approx(low, abs=5e-5)
    assert interval.high[0] == pytest.approx(high, abs=5e-5)


def test_no_success_gives_a_lower_end_of_exactly_zero() -> None:
    assert wilson_interval(np.array([0]), np.array([20]), 0.95).low[0] == 0


def test_goodman_is_statsmodels_simultaneous_interval() -> None:
    counts = np.array([56, 72, 73, 59])
    expected = multinomial_proportions_confint(counts, 0.05, "goodman")
    interval = goodman_interval(counts, np.full(4, counts.sum()), 4, 0.95)
    assert np.allclose(np.column_stack(interval), expected, rtol=0, atol=1e-12)
