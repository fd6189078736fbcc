"""Gamma-Gamma: worked cases, gradient, limits."""

import numpy as np
import pytest
from scipy.special import gamma as gamma_function

from pipelines.metrics.purchase_models import gamma_gamma
from pipelines.metrics.purchase_models.spends import Spends
from tests.simulated_customers import draw_spends
from tests.unit.metrics.purchase_models.differences import assert_gradient_is_that_of_the_sum, weighted

PARAMETERS = {"p": 6.0, "q": 3.7, "gamma": 15.0}


def test_one_likelihood_worked_from_the_formula() -> None:
    p, q, gamma = PARAMETERS.values()
    x, m = 2, 20.0
    density = (
        gamma_function(p * x + q)
        / (gamma_function(p * x) * gamma_function(q))
        * gamma**q
        * m ** (p * x - 1)
        * x ** (p * x)
        / (gamma + x * m) ** (p * x + q)
    )
    found = gamma_gamma.log_likelihood(PARAMETERS, Spends([x], [m], [1]))  # type: ignore[arg-type]
    assert found[0] == pytest.approx(np.log(density), rel=1e-13)


def test_the_gradient_is_that_of_the_sum() -> None:
    spends = draw_spends(PARAMETERS, 200, seed=2)
    assert_gradient_is_that_of_the_sum(gamma_gamma, PARAMETERS, spends, weighted(gamma_gamma, spends))


def test_who_has_not_come_back_is_expected_to_spend_what_all_do() -> None:
    mean = 6.0 * 15.0 / 2.7
    assert gamma_gamma.population_mean(PARAMETERS) == pytest.approx(mean)
    found = gamma_gamma.expected_spend(PARAMETERS, np.array([0.0, 0.0]), np.array([np.nan, 99.0]))
    assert found == pytest.approx([mean, mean])


def test_more_purchases_bring_the_expectation_nearer_to_the_customers_own_mean() -> None:
    found = gamma_gamma.expected_spend(PARAMETERS, np.array([0, 1, 5, 500]), np.full(4, 80.0))
    assert found.tolist() == sorted(found)
    assert found[-1] == pytest.approx(80, rel=0.01)


def test_with_q_at_most_one_there_is_no_mean_of_all_but_one_of_those_who_came_back() -> None:
    heavy = {**PARAMETERS, "q": 0.9}
    assert np.isnan(gamma_gamma.population_mean(heavy))
    assert np.isfinite(gamma_gamma.expected_spend(heavy, np.array([1.0]), np.array([20.0]))[0])
