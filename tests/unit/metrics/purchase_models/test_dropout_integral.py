"""Expected purchases of those alive, beside other ways to the same integral."""

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import betaln, hyp2f1

from pipelines.metrics.purchase_models.dropout_integral import purchases_while_alive

ONE_PAIR = (np.zeros(1, dtype=np.intp), np.zeros(1, dtype=np.intp))


def one(a: float, m: float, h: float, growth: float) -> float:
    return float(purchases_while_alive(a, np.array([m]), np.array([h]), np.array([growth]), ONE_PAIR)[0])


def published(a: float, m: float, h: float, growth: float) -> float:
    """The closed form by Euler's transformation."""
    z = growth / (1 + growth)
    factor = (1 - z) ** (a - 1) * hyp2f1(a - 1, a + m - 1 - h, a + m - 1, z)
    return float((a + m - 1) / (a - 1) * (1 - factor))


@pytest.mark.parametrize("a", [0.02, 0.79, 1.3, 8.0, 20.0])
@pytest.mark.parametrize(("m", "h"), [(0.05, 0.3), (2.4, 0.24), (30.0, 26.2), (120.0, 60.0)])
@pytest.mark.parametrize("growth", [1e-3, 0.9, 12.0])
def test_the_integral_is_the_published_form(a: float, m: float, h: float, growth: float) -> None:
    assert one(a, m, h, growth) == pytest.approx(published(a, m, h, growth), rel=1e-9)


@pytest.mark.parametrize(("a", "m"), [(1.0, 2.4), (1.0, 600.0), (0.7, 0.3), (1e-3, 1.0)])
def test_where_the_published_form_is_undefined_or_fails_the_integral_stands(a: float, m: float) -> None:
    def integrand(u: float) -> float:
        p = 1 / (1 + np.exp(-u))
        density = np.exp(-a * np.logaddexp(0, -u) - m * np.logaddexp(0, u) - betaln(a, m))
        return float(density * -np.expm1(-1.4 * np.log1p(3 * p)) / p)

    ends = range(-40, 80, 2)
    pieces = [integrate.quad(integrand, low, low + 2, epsrel=1e-11)[0] for low in ends]
    left = 1.4 * 3 * stats.beta(a, m).cdf(1 / (1 + np.exp(40.0)))
    assert one(a, m, 1.4, 3.0) == pytest.approx(sum(pieces) + left, rel=1e-9)


def test_the_case_in_which_the_plain_form_gives_no_number() -> None:
    a, b, r, alpha = 0.79292, 2.42591, 0.24259, 4.41360
    growth = 520 / (alpha + 31)
    plain = hyp2f1(r + 600, b + 600, a + b + 599, growth / (1 + growth))
    assert not np.isfinite(plain)
    assert one(a, b + 600, r + 600, growth) == pytest.approx(
        published(a, b + 600, r + 600, growth), rel=1e-10
    )


def test_the_case_in_which_the_transformed_form_gives_no_number_either() -> None:
    a, m, h = 150.0, 600.0, 601.0
    assert not np.isfinite(published(a, m, h, 12.0))
    # They all leave within that time: E[1/p].
    assert one(a, m, h, 12.0) == pytest.approx((a + m - 1) / (a - 1), rel=1e-12)


def test_without_time_nothing_is_bought_and_without_leaving_the_rate_goes_on() -> None:
    assert one(0.8, 2.4, 0.24, 0.0) == 0
    assert one(1e-3, 1e3, 2.0, 3.0) == pytest.approx(6.0, rel=1e-4)


def test_pairs_are_answered_each_for_itself() -> None:
    m, h, growth = np.array([2.4, 3.4]), np.array([0.24, 1.24]), np.array([0.5, 2.0, 9.0])
    codes = (np.array([1, 0, 1]), np.array([2, 0, 0]))
    together = purchases_while_alive(0.8, m, h, growth, codes)
    alone = [one(0.8, m[row], h[row], growth[column]) for row, column in zip(*codes, strict=True)]
    assert together == pytest.approx(alone, rel=1e-12)
