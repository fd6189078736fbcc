"""The Pareto/NBD's integrals beside the published hypergeometric form and plain quadrature."""

import numpy as np
import pytest
from scipy import integrate
from scipy.special import hyp2f1

from pipelines.metrics.purchase_models.lifetime_integral import Rates, Tails, tails

EDGES = np.array([0.0, 0.2, 1.0, 5.0, 30.0, 31.0, 78.0])
RATES = (
    Rates(0.55, 10.6, 0.6, 11.7),
    Rates(0.2, 0.05, 3.0, 40.0),
    Rates(2.0, 30.0, 0.1, 0.01),
    Rates(0.7, 9.0, 1.0, 9.0),
)


def table(rates: Rates, x: float) -> Tails:
    return tails(rates, np.array([x]), EDGES, np.full(len(EDGES) - 1, x))


def f(rates: Rates, x: float, y: float) -> float:
    return float((rates.alpha + y) ** -(rates.r + x) * (rates.beta + y) ** -(rates.s + 1))


@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("x", [0.0, 1.0, 7.0, 40.0])
def test_differences_of_tails_are_the_published_a0(rates: Rates, x: float) -> None:
    h, largest = rates.r + rates.s + x, max(rates.alpha, rates.beta)
    k = rates.s + 1 if rates.alpha >= rates.beta else rates.r + x

    def g(u: float) -> float:
        z = abs(rates.alpha - rates.beta) / (largest + u)
        return float(hyp2f1(h, k, h + 1, z) / (largest + u) ** h)

    relative = table(rates, x).plain[:, 0]
    found = [relative[place] * f(rates, x, EDGES[place]) for place in range(len(EDGES))]
    expected = [(g(edge) - g(EDGES[-1])) / h for edge in EDGES]
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("rates", RATES)
def test_every_kind_carries_its_factor(rates: Rates) -> None:
    x = 3.0
    found = table(rates, x)
    factors = {
        "plain": lambda y: 1.0,
        "log_alpha": lambda y: np.log(rates.alpha + y),
        "log_beta": lambda y: np.log(rates.beta + y),
        "by_alpha": lambda y: 1 / (rates.alpha + y),
        "by_beta": lambda y: 1 / (rates.beta + y),
    }
    for kind, factor in factors.items():
        expected = integrate.quad(
            lambda y, factor=factor: f(rates, x, y) / f(rates, x, 5.0) * factor(y),
            5.0,
            78.0,
            epsrel=1e-12,
            limit=200,
        )[0]
        assert getattr(found, kind)[3, 0] == pytest.approx(expected, rel=1e-9), kind


def test_a_count_so_high_that_the_density_underflows_keeps_its_digits() -> None:
    rates, x = RATES[0], 700.0
    assert f(rates, x, 78.0) == 0
    expected = integrate.quad(
        lambda y: float(
            np.exp(-(rates.r + x) * np.log((rates.alpha + y) / (rates.alpha + 31)))
            * ((rates.beta + y) / (rates.beta + 31)) ** -(rates.s + 1)
        ),
        31.0,
        40.0,
        epsrel=1e-12,
    )[0]
    assert table(rates, x).plain[5, 0] == pytest.approx(expected, rel=1e-10)


def test_the_last_edge_has_no_tail() -> None:
    assert [column[-1, 0] for column in table(RATES[0], 2.0)] == [0] * 5


def test_many_counts_in_blocks_are_the_same_as_each_alone() -> None:
    x = np.arange(0.0, 300.0)
    edges = np.arange(0.0, 900.0) / 7
    together = tails(RATES[0], x, edges, np.full(len(edges) - 1, 20.0))
    alone = tails(RATES[0], x[250:251], edges, np.full(len(edges) - 1, 20.0))
    assert together.plain[:, 250] == pytest.approx(alone.plain[:, 0], rel=1e-13)
