"""Fits of data that determine a model, and an honest word on those that do not."""

from types import ModuleType

import numpy as np
import pytest

from pipelines.metrics.purchase_models import (
    bg_nbd,
    gamma_gamma,
    mbg_nbd,
    pareto_nbd,
    shifted_beta_geometric,
)
from pipelines.metrics.purchase_models.fitting import PART_CUSTOMERS, Fit, fit
from pipelines.metrics.purchase_models.histories import Histories
from pipelines.metrics.purchase_models.shifted_beta_geometric import Renewals
from pipelines.metrics.purchase_models.spends import Spends
from tests.simulated_customers import Purchases, distinct, draw_histories

TRUTH = {
    "bg_nbd": {"r": 0.8, "alpha": 6.0, "a": 0.9, "b": 2.5},
    "mbg_nbd": {"r": 0.8, "alpha": 6.0, "a": 0.9, "b": 2.5},
    "pareto_nbd": {"r": 0.8, "alpha": 6.0, "s": 0.7, "beta": 10.0},
}
MODELS = (bg_nbd, mbg_nbd, pareto_nbd)


def of(frequency: list[float], recency: list[float], age: list[float]) -> Histories:
    return Histories(frequency, recency, age, np.ones(len(frequency)))  # type: ignore[arg-type]


def assert_refused(found: Fit, reason: str) -> None:
    assert not found.is_converged
    assert reason in found.reason
    assert np.isnan(list(found.std_errors.values())).all()
    assert np.isnan(found.covariance).all()


@pytest.mark.parametrize("model", MODELS)
def test_at_the_optimum_the_gradient_is_nothing_and_every_start_has_led_there(model: ModuleType) -> None:
    histories = draw_histories(model.NAME, TRUTH[model.NAME], 2000, seed=9)
    found = fit(model, histories)
    assert (found.is_converged, found.reason, found.starts_agreed) == (True, "", 4)
    value, gradient = model.log_likelihood_with_gradient(found.parameters, histories)
    assert found.log_likelihood == pytest.approx(value, rel=1e-14)
    by_logarithm = gradient * list(found.parameters.values())
    assert by_logarithm == pytest.approx(np.zeros(4), abs=1e-3)
    assert by_logarithm @ found.covariance @ by_logarithm / 2 < 1e-6


@pytest.mark.parametrize("model", MODELS)
def test_starts_from_a_part_end_where_all_customers_say(model: ModuleType) -> None:
    customers = 3 * PART_CUSTOMERS
    histories = draw_histories(model.NAME, TRUTH[model.NAME], customers, seed=10)
    found = fit(model, histories)
    assert found.is_converged
    assert found.customer_count == customers
    _, gradient = model.log_likelihood_with_gradient(found.parameters, histories)
    by_logarithm = gradient * list(found.parameters.values())
    assert by_logarithm @ found.covariance @ by_logarithm / 2 < 1e-6


def test_errors_are_those_of_the_curvature_of_the_likelihood_itself() -> None:
    histories = draw_histories("bg_nbd", TRUTH["bg_nbd"], 2000, seed=9)
    found = fit(bg_nbd, histories)
    names, step = list(found.parameters), 1e-3

    def total(moves: dict[str, float]) -> float:
        moved = {name: value * np.exp(moves.get(name, 0)) for name, value in found.parameters.items()}
        return float(bg_nbd.log_likelihood(moved, histories) @ histories.customer_count)

    curvature = np.array(
        [
            [
                -sum(
                    first * second * total({one: first * step} | {two: second * step})
                    if one != two
                    else first * second * total({one: (first + second) * step})
                    for first in (1, -1)
                    for second in (1, -1)
                )
                / (4 * step**2)
                for two in names
            ]
            for one in names
        ]
    )
    errors = np.sqrt(np.diag(np.linalg.inv(curvature))) * list(found.parameters.values())
    assert list(found.std_errors.values()) == pytest.approx(errors, rel=1e-3)


def test_an_interval_lies_above_zero_and_is_longer_upwards() -> None:
    found = fit(bg_nbd, draw_histories("bg_nbd", TRUTH["bg_nbd"], 300, seed=9))
    for name, value in found.parameters.items():
        low, high = found.interval(name, 0.95)
        assert 0 < low < value < high
        assert value - low < high - value
        assert low * high == pytest.approx(value**2)


def test_counts_weigh_as_repeated_histories_do() -> None:
    histories = draw_histories("bg_nbd", TRUTH["bg_nbd"], 1500, seed=11)
    rows = np.repeat(np.arange(len(histories.frequency)), histories.customer_count)
    one_by_one = Histories(
        histories.frequency[rows], histories.recency[rows], histories.age[rows], np.ones(len(rows))
    )
    weighed, repeated = fit(bg_nbd, histories), fit(bg_nbd, one_by_one)
    assert repeated.log_likelihood == pytest.approx(weighed.log_likelihood, rel=1e-13)
    assert list(repeated.parameters.values()) == pytest.approx(list(weighed.parameters.values()), rel=1e-6)


def test_the_same_data_give_the_same_bits() -> None:
    fits = [fit(pareto_nbd, draw_histories("pareto_nbd", TRUTH["pareto_nbd"], 500, seed=3)) for _ in range(2)]
    assert fits[0].parameters == fits[1].parameters
    assert fits[0].std_errors == fits[1].std_errors


@pytest.mark.parametrize("model", MODELS)
def test_days_and_weeks_as_unit_give_the_same_predictions(model: ModuleType) -> None:
    weeks = draw_histories(model.NAME, TRUTH[model.NAME], 1000, seed=12)
    days = Histories(weeks.frequency, weeks.recency, weeks.age, weeks.customer_count, unit_days=1)
    by_weeks, by_days = fit(model, weeks), fit(model, days)
    assert by_days.parameters["alpha"] == pytest.approx(7 * by_weeks.parameters["alpha"], rel=1e-6)
    # Densities are per unit of time: one per repeat purchase.
    repeats = weeks.frequency @ weeks.customer_count
    assert by_days.log_likelihood == pytest.approx(by_weeks.log_likelihood - repeats * np.log(7), rel=1e-12)
    for predict in (
        model.probability_alive,
        lambda parameters, histories: model.expected_purchases(parameters, histories, 365),
    ):
        assert predict(by_days.parameters, days) == pytest.approx(
            predict(by_weeks.parameters, weeks), rel=1e-6
        )


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "histories",
    [of([0] * 3, [0] * 3, [500, 400, 300]), of([0], [0], [200]), of([3], [100], [200]), of([0], [0], [0])],
    ids=["all one-time", "one customer, once", "one customer", "bought on the as-of day"],
)
def test_data_without_an_optimum_give_a_fit_that_says_so_and_finite_predictions(
    model: ModuleType, histories: Histories
) -> None:
    found = fit(model, histories)
    assert_refused(found, "no optimum")
    alive = model.probability_alive(found.parameters, histories)
    expected = model.expected_purchases(found.parameters, histories, 365)
    assert ((alive >= 0) & (alive <= 1)).all()
    assert (np.isfinite(expected) & (expected >= 0)).all()


@pytest.mark.parametrize("model", MODELS)
def test_nobody_at_all_is_no_error(model: ModuleType) -> None:
    assert_refused(fit(model, of([], [], [])), "no customers")


@pytest.mark.parametrize("model", MODELS)
def test_customers_of_whom_nobody_leaves_are_refused_at_the_bound(model: ModuleType) -> None:
    random = np.random.default_rng(5)
    age = random.integers(200, 300, 500).astype(float)
    frequency = random.poisson(random.gamma(1.0, 1 / 50, 500) * age).astype(float)
    latest = age * random.random(500) ** (1 / np.maximum(frequency, 1))
    recency = np.where(frequency > 0, np.clip(np.round(latest), 1, age), 0)
    found = fit(model, distinct(Purchases(frequency, recency, age)))
    assert_refused(found, "ended at the bound")


@pytest.mark.parametrize("model", MODELS)
def test_one_customer_with_seven_hundred_purchases_among_many_is_fitted(model: ModuleType) -> None:
    many = draw_histories(model.NAME, TRUTH[model.NAME], 1000, seed=13)
    histories = Histories(
        np.append(many.frequency, 700),
        np.append(many.recency, 275),
        np.append(many.age, 280),
        np.append(many.customer_count, 1),
    )
    found = fit(model, histories)
    assert found.is_converged
    assert np.isfinite(model.expected_purchases(found.parameters, histories, 365)).all()


def test_equal_amounts_of_all_customers_do_not_determine_gamma_gamma() -> None:
    assert_refused(fit(gamma_gamma, Spends([1, 2, 3], [10, 10, 10], [5, 5, 5])), "bound")  # type: ignore[arg-type]
    assert_refused(fit(gamma_gamma, Spends.of([0, 2], [0, 0], [5, 1])), "no customers")


@pytest.mark.parametrize(
    ("survivors", "reason"),
    [
        ([100, 60], "do not determine alpha, beta"),
        ([100, 100, 100], "ended at the bound"),
        ([100, 0], "ended at the bound"),
        ([100, 80, 64, 51], "ended at the bound"),
        ([100], "no customers"),
    ],
    ids=["one renewal", "nobody leaves", "all leave", "all are alike", "no renewal yet"],
)
def test_contracts_that_do_not_show_how_customers_differ_are_refused(
    survivors: list[int], reason: str
) -> None:
    assert_refused(fit(shifted_beta_geometric, Renewals.of_survivors(survivors)), reason)
