"""Gamma-Gamma: what a customer spends per purchase, given the purchases so far.

Here is the model as published. How often customers purchase must stay out: that is in the other models.
"""

import numpy as np
from scipy.special import digamma, gammaln

from pipelines.metrics.intervals import Floats
from pipelines.metrics.purchase_models.model import SCALE_BOUNDS, SHAPE_BOUNDS, Parameters
from pipelines.metrics.purchase_models.spends import Spends

NAME = "gamma_gamma"
PARAMETERS: tuple[str, ...] = ("p", "q", "gamma")
# Amounts are gamma (p, nu), their rates nu gamma (q, gamma), gamma in the currency.


def log_likelihood(parameters: Parameters, spends: Spends) -> Floats:
    """Log-likelihood of one customer's mean spend, for each history.

    Meaning: how likely such means of x purchases are.
    Formula: ln G(px+q) - ln G(px) - ln G(q) + q ln gamma + (px-1) ln m + px ln x - (px+q) ln(gamma + x m).
    Input: p, q, gamma > 0; x > 0 and m > 0.
    Output: one element per history.
    Left out: customers without a repeat purchase, and those whose purchases cost nothing.
    Known drawbacks: takes spend as independent of frequency and as the same over time: see
        `frequency_correlation`.
    Source: Fader & Hardie 2013, note 025, "The gamma-gamma model of monetary value", equation 1a; catalogue 3.13.
    """
    p, q, gamma = (parameters[name] for name in PARAMETERS)
    x, m = spends.frequency, spends.mean_spend
    front = spends.by_frequency.spread(_front(p, q, gamma, spends.by_frequency.values))
    return np.asarray(front + (p * x - 1) * np.log(m) - (p * x + q) * np.log(gamma + x * m))


def log_likelihood_with_gradient(parameters: Parameters, spends: Spends) -> tuple[float, Floats]:
    """Sum over all customers, and its derivatives by p, q and gamma."""
    p, q, gamma = (parameters[name] for name in PARAMETERS)
    x, weights = spends.by_frequency.values, spends.frequency_weights
    total = gamma + spends.frequency * spends.mean_spend
    logs = spends.by_frequency.total(spends.weights * np.log(total))
    inverses = spends.by_frequency.total(spends.weights / total)
    powers = p * x + q
    value = weights @ _front(p, q, gamma, x) + (p * x - 1) @ spends.log_spend_by_frequency - powers @ logs
    by_p = x @ (
        weights * (digamma(powers) - digamma(p * x) + np.log(x)) + spends.log_spend_by_frequency - logs
    )
    by_q = weights @ (digamma(powers) - digamma(q) + np.log(gamma)) - logs.sum()
    by_gamma = spends.customer_total * q / gamma - powers @ inverses
    return float(value), np.array([by_p, by_q, by_gamma], dtype=float)


def expected_spend(parameters: Parameters, frequency: Floats, mean_spend: Floats) -> Floats:
    """What a customer with so many repeat purchases of such a mean spends per purchase.

    Meaning: between the mean of this customer and that of all, nearer to the first the more purchases there are.
    Formula: E[M] = p (gamma + x m)/(p x + q - 1).
    Input: frequency x >= 0; mean_spend m >= 0, whatever it is where x is 0.
    Output: one element per customer; at x = 0 the mean of all. nan where px+q is not above 1: there is no mean.
    Known drawbacks: as of the log-likelihood.
    Source: Fader & Hardie 2013, note 025, equation 5; catalogue 3.13.
    """
    p, q, gamma = (parameters[name] for name in PARAMETERS)
    x = np.asarray(frequency, dtype=float)
    spent = np.where(x > 0, x * np.where(x > 0, mean_spend, 0.0), 0.0)
    divisor = p * x + q - 1
    return np.asarray(p * (gamma + spent) / np.where(divisor > 0, divisor, np.nan))


def population_mean(parameters: Parameters) -> float:
    """What a customer of whom nothing is known spends per purchase: p gamma/(q-1), nan unless q > 1."""
    nobody = np.zeros(1)
    return float(expected_spend(parameters, nobody, nobody)[0])


def starting_points(spends: Spends) -> tuple[tuple[float, ...], ...]:
    """Like and unlike amounts of one customer, like and unlike customers, at the observed mean."""
    shapes = ((1.5, 3.0), (6.0, 4.0), (0.5, 6.0), (20.0, 2.0))
    return tuple((p, q, spends.mean * (q - 1) / p) for p, q in shapes)


def bounds(spends: Spends) -> tuple[tuple[float, float], ...]:
    low, high = SCALE_BOUNDS
    return (SHAPE_BOUNDS, SHAPE_BOUNDS, (low * spends.mean, high * spends.mean))


def _front(p: float, q: float, gamma: float, x: Floats) -> Floats:
    """What depends on x alone."""
    return np.asarray(
        gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma) + p * x * np.log(x)
    )
