"""sBG: worked cases, gradient, limits."""

import numpy as np
import pytest
from scipy.special import beta as beta_function

from pipelines.metrics.purchase_models import shifted_beta_geometric as sbg
from pipelines.metrics.purchase_models.shifted_beta_geometric import Renewals
from tests.unit.metrics.purchase_models.differences import assert_gradient_is_that_of_the_sum

PARAMETERS = {"alpha": 0.7, "beta": 1.2}
COHORT = Renewals.of_survivors([1000, 631, 468, 382])


def test_a_cohort_is_what_became_of_it_at_each_renewal() -> None:
    assert COHORT.period.tolist() == [1, 2, 3]
    assert COHORT.renewed_count.tolist() == [631, 468, 382]
    assert COHORT.lost_count.tolist() == [369, 163, 86]
    assert COHORT.customer_total == 1000


def test_the_likelihood_is_that_of_leaving_when_they_left_and_of_staying_to_the_end() -> None:
    alpha, beta = PARAMETERS.values()
    leaving = [beta_function(alpha + 1, beta + t - 1) / beta_function(alpha, beta) for t in (1, 2, 3)]
    staying = beta_function(alpha, beta + 3) / beta_function(alpha, beta)
    expected = np.array([369, 163, 86]) @ np.log(leaving) + 382 * np.log(staying)
    assert sbg.log_likelihood(PARAMETERS, COHORT).sum() == pytest.approx(expected, rel=1e-13)


def test_the_gradient_is_that_of_the_sum() -> None:
    assert_gradient_is_that_of_the_sum(
        sbg, PARAMETERS, COHORT, lambda parameters: float(sbg.log_likelihood(parameters, COHORT).sum())
    )


def test_survival_is_the_product_of_retention_rates() -> None:
    rates = sbg.retention_rate(PARAMETERS, np.arange(1, 30))
    assert sbg.survival(PARAMETERS, np.arange(30)) == pytest.approx([1, *np.cumprod(rates)], rel=1e-12)
    assert rates.tolist() == sorted(rates)


def test_discounted_lifetimes_are_direct_sums() -> None:
    discount = 1.1 ** -np.arange(1000)
    survival = sbg.survival(PARAMETERS, np.arange(1000))
    assert sbg.discounted_lifetime(PARAMETERS, 0.1) == pytest.approx(discount @ survival, rel=1e-11)
    for renewal in (1, 2, 5):
        expected = discount[: 1000 - renewal] @ survival[renewal:] / survival[renewal - 1]
        assert sbg.discounted_residual_lifetime(PARAMETERS, 0.1, renewal) == pytest.approx(
            expected, rel=1e-11
        )


def test_a_lifetime_without_end_is_infinite_and_never_negative() -> None:
    assert sbg.expected_lifetime(PARAMETERS) == np.inf
    assert sbg.discounted_lifetime(PARAMETERS, 0) == np.inf
    assert sbg.expected_lifetime({"alpha": 3.0, "beta": 4.0}) == 3
    assert sbg.discounted_lifetime({"alpha": 3.0, "beta": 4.0}, 0) == 3


@pytest.mark.parametrize("value", [-0.1, float("nan")])
def test_a_discount_is_not_negative(value: float) -> None:
    with pytest.raises(ValueError, match="discount_rate is"):
        sbg.discounted_lifetime(PARAMETERS, value)


def test_the_next_renewal_is_at_least_the_first() -> None:
    with pytest.raises(ValueError, match="renewal is 0"):
        sbg.discounted_residual_lifetime(PARAMETERS, 0.1, 0)


@pytest.mark.parametrize(
    ("period", "renewed", "lost", "said"),
    [
        ([0], [1], [1], "period is a whole number, 1 or more"),
        ([1, 1], [1, 1], [1, 1], "a period is there twice"),
        ([1], [1], [-1], "lost_count is a whole number, 0 or more"),
        ([1], [1.5], [1], "renewed_count is a whole number"),
        ([1], [1, 2], [1], "one element per renewal"),
    ],
)
def test_a_broken_rule_is_named(
    period: list[float], renewed: list[float], lost: list[float], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Renewals(period, renewed, lost)  # type: ignore[arg-type]
