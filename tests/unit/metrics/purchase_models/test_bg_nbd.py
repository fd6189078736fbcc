"""BG/NBD: worked cases, gradient, limits."""

import numpy as np
import pytest
from scipy.special import beta, gamma

from pipelines.metrics.purchase_models import bg_nbd
from pipelines.metrics.purchase_models.histories import Histories
from tests.simulated_customers import draw_histories
from tests.unit.metrics.purchase_models.differences import assert_gradient_is_that_of_the_sum, weighted

PARAMETERS = {"r": 0.25, "alpha": 4.4, "a": 0.8, "b": 2.4}


def one(frequency: float, recency: float, age: float, unit_days: float = 7) -> Histories:
    return Histories([frequency], [recency], [age], [1], unit_days)  # type: ignore[arg-type]


def test_one_likelihood_worked_from_the_formula() -> None:
    # x = 2, t_x = 30, T = 40 weeks.
    r, alpha, a, b = PARAMETERS.values()
    first = beta(a, b + 2) / beta(a, b) * gamma(r + 2) * alpha**r / gamma(r)
    expected = first * ((alpha + 40) ** -(r + 2) + a / (b + 1) * (alpha + 30) ** -(r + 2))
    assert bg_nbd.log_likelihood(PARAMETERS, one(2, 210, 280))[0] == pytest.approx(
        np.log(expected), rel=1e-14
    )


def test_who_bought_once_is_alive_for_this_model() -> None:
    assert bg_nbd.probability_alive(PARAMETERS, one(0, 0, 3000))[0] == 1


@pytest.mark.parametrize("a", [0.8, 1.0, 2.5])
def test_the_gradient_is_that_of_the_sum(a: float) -> None:
    histories = draw_histories("bg_nbd", PARAMETERS, 300, seed=4)
    assert_gradient_is_that_of_the_sum(bg_nbd, {**PARAMETERS, "a": a}, histories, weighted(bg_nbd, histories))


def test_a_customer_with_seven_hundred_purchases_has_numbers() -> None:
    histories = Histories([700, 700], [1000, 300], [1001, 1001], [1, 1])  # type: ignore[arg-type]
    assert np.isfinite(bg_nbd.log_likelihood(PARAMETERS, histories)).all()
    alive = bg_nbd.probability_alive(PARAMETERS, histories)
    assert alive[0] > 0.99
    assert 0 <= alive[1] < 1e-100
    expected = bg_nbd.expected_purchases(PARAMETERS, histories, 364)
    # 0.7 a day for a year, less what a few of them leave.
    assert 150 < expected[0] < 255
    assert expected[1] < 1e-90


@pytest.mark.parametrize("a", [1 - 1e-9, 1.0, 1 + 1e-9])
def test_nothing_happens_where_the_published_form_divides_by_zero(a: float) -> None:
    at, near = (
        bg_nbd.expected_purchases({**PARAMETERS, "a": value}, one(3, 70, 140), 364)[0] for value in (a, 1.01)
    )
    assert at == pytest.approx(near, rel=0.01)
    new = bg_nbd.expected_purchases_of_new({**PARAMETERS, "a": 0.4, "b": 0.6}, 364)
    assert new == pytest.approx(
        bg_nbd.expected_purchases_of_new({**PARAMETERS, "a": 0.4, "b": 0.6001}, 364), rel=1e-4
    )


def test_more_time_is_more_purchases_and_none_is_none() -> None:
    found = [bg_nbd.expected_purchases(PARAMETERS, one(3, 70, 140), days)[0] for days in (0, 30, 365, 3650)]
    assert found[0] == 0
    assert found == sorted(found)


def test_days_and_weeks_say_the_same() -> None:
    in_days = {**PARAMETERS, "alpha": PARAMETERS["alpha"] * 7}
    weeks, days = (
        (bg_nbd.probability_alive(p, h)[0], bg_nbd.expected_purchases(p, h, 100)[0])
        for p, h in ((PARAMETERS, one(3, 70, 140)), (in_days, one(3, 70, 140, unit_days=1)))
    )
    assert weeks == pytest.approx(days, rel=1e-13)
