"""Pareto/NBD: the published form, gradient, limits."""

import numpy as np
import pytest
from scipy.special import gammaln, hyp2f1

from pipelines.metrics.intervals import Floats
from pipelines.metrics.purchase_models import pareto_nbd
from pipelines.metrics.purchase_models.histories import Histories
from pipelines.metrics.purchase_models.model import Parameters
from tests.simulated_customers import draw_histories
from tests.unit.metrics.purchase_models.differences import assert_gradient_is_that_of_the_sum, weighted

PARAMETERS = {"r": 0.55, "alpha": 10.6, "s": 0.6, "beta": 11.7}
OTHERS = (
    {"r": 0.2, "alpha": 0.5, "s": 3.0, "beta": 40.0},
    {"r": 2.0, "alpha": 30.0, "s": 0.1, "beta": 0.5},
    {"r": 0.7, "alpha": 9.0, "s": 1.0, "beta": 9.0},
)


def published(parameters: Parameters, histories: Histories) -> Floats:
    r, alpha, s, beta = (parameters[name] for name in pareto_nbd.PARAMETERS)
    x = histories.frequency
    recency, age = histories.recency / histories.unit_days, histories.age / histories.unit_days
    h, largest = r + s + x, max(alpha, beta)
    k = s + 1 if alpha >= beta else r + x

    def g(u: Floats) -> Floats:
        return np.asarray(hyp2f1(h, k, h + 1, abs(alpha - beta) / (largest + u)) / (largest + u) ** h)

    bracket = (alpha + age) ** -(r + x) * (beta + age) ** -s + s / h * (g(recency) - g(age))
    front = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    return np.asarray(front + np.log(bracket))


@pytest.mark.parametrize("parameters", [PARAMETERS, *OTHERS])
def test_the_likelihood_is_the_published_form(parameters: dict[str, float]) -> None:
    histories = draw_histories("pareto_nbd", PARAMETERS, 300, seed=6)
    found = pareto_nbd.log_likelihood(parameters, histories)
    assert found == pytest.approx(published(parameters, histories), rel=1e-10)


@pytest.mark.parametrize("parameters", [PARAMETERS, *OTHERS])
def test_the_gradient_is_that_of_the_sum(parameters: dict[str, float]) -> None:
    histories = draw_histories("pareto_nbd", PARAMETERS, 300, seed=6)
    assert_gradient_is_that_of_the_sum(pareto_nbd, parameters, histories, weighted(pareto_nbd, histories))


def test_a_purchase_on_the_as_of_day_is_alive() -> None:
    histories = Histories([3, 0], [100, 0], [100, 0], [1, 1])  # type: ignore[arg-type]
    assert pareto_nbd.probability_alive(PARAMETERS, histories).tolist() == [1, 1]
    assert np.isfinite(pareto_nbd.log_likelihood(PARAMETERS, histories)).all()


def test_a_customer_with_seven_hundred_purchases_has_numbers() -> None:
    histories = Histories([700, 700], [1000, 300], [1001, 1001], [1, 1])  # type: ignore[arg-type]
    assert np.isfinite(pareto_nbd.log_likelihood(PARAMETERS, histories)).all()
    alive = pareto_nbd.probability_alive(PARAMETERS, histories)
    assert alive[0] > 0.99
    assert 0 <= alive[1] < 1e-100


@pytest.mark.parametrize("s", [1 - 1e-10, 1.0, 1 + 1e-10, 1 + 1e-8])
def test_nothing_happens_where_the_published_form_divides_by_zero(s: float) -> None:
    new = pareto_nbd.expected_purchases_of_new({**PARAMETERS, "s": s}, 364)
    assert new == pytest.approx(0.55 * 11.7 / 10.6 * np.log1p(52 / 11.7), rel=1e-7)


def test_days_and_weeks_say_the_same() -> None:
    in_days = {**PARAMETERS, "alpha": PARAMETERS["alpha"] * 7, "beta": PARAMETERS["beta"] * 7}
    weeks = Histories([3, 9], [70, 90], [140, 300], [1, 1])  # type: ignore[arg-type]
    days = Histories([3, 9], [70, 90], [140, 300], [1, 1], unit_days=1)  # type: ignore[arg-type]
    assert pareto_nbd.expected_purchases(PARAMETERS, weeks, 100) == pytest.approx(
        pareto_nbd.expected_purchases(in_days, days, 100), rel=1e-11
    )
