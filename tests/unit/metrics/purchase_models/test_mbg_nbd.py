"""MBG/NBD: worked cases, gradient, its likeness to BG/NBD."""

import numpy as np
import pytest
from scipy.special import beta, gamma, hyp2f1

from pipelines.metrics.purchase_models import mbg_nbd
from pipelines.metrics.purchase_models.histories import Histories
from tests.simulated_customers import draw_histories
from tests.unit.metrics.purchase_models.differences import assert_gradient_is_that_of_the_sum, weighted

PARAMETERS = {"r": 0.52, "alpha": 6.2, "a": 0.9, "b": 1.6}


@pytest.mark.parametrize(("x", "recency"), [(0, 0), (2, 30)])
def test_one_likelihood_worked_from_the_formula(x: int, recency: int) -> None:
    r, alpha, a, b = PARAMETERS.values()
    histories = Histories([x], [7 * recency], [280], [1])  # type: ignore[arg-type]
    first = beta(a, b + x + 1) / beta(a, b) * gamma(r + x) * alpha**r / gamma(r)
    expected = first * ((alpha + 40) ** -(r + x) + a / (b + x) * (alpha + recency) ** -(r + x))
    assert mbg_nbd.log_likelihood(PARAMETERS, histories)[0] == pytest.approx(np.log(expected), rel=1e-13)


def test_who_bought_once_long_ago_has_probably_left() -> None:
    histories = Histories([0, 0], [0, 0], [0, 3000], [1, 1])  # type: ignore[arg-type]
    r, alpha, a, b = PARAMETERS.values()
    expected = [b / (a + b), 1 / (1 + a / b * ((alpha + 3000 / 7) / alpha) ** r)]
    assert mbg_nbd.probability_alive(PARAMETERS, histories) == pytest.approx(expected, rel=1e-13)


def test_a_new_customer_buys_as_the_closed_form_says() -> None:
    r, alpha, a, b = PARAMETERS.values()
    t = 52
    closed = b / (a - 1) * (1 - (alpha / (alpha + t)) ** r * hyp2f1(r, b + 1, a + b, t / (alpha + t)))
    assert mbg_nbd.expected_purchases_of_new(PARAMETERS, 7 * t) == pytest.approx(closed, rel=1e-11)


def test_the_gradient_is_that_of_the_sum() -> None:
    histories = draw_histories("mbg_nbd", PARAMETERS, 300, seed=5)
    assert_gradient_is_that_of_the_sum(mbg_nbd, PARAMETERS, histories, weighted(mbg_nbd, histories))
