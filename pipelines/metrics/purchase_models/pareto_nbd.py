"""Pareto/NBD: customers leave at some time of their own, whether they purchase or not.

Here is the model as published; its integral is in `lifetime_integral`. Which model feeds a table must stay out.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import digamma, gammaln

from pipelines.metrics.intervals import Floats
from pipelines.metrics.purchase_models.histories import DAYS_PER_WEEK, Histories, one_new_customer
from pipelines.metrics.purchase_models.lifetime_integral import Rates, Tails, tails
from pipelines.metrics.purchase_models.model import SCALE_BOUNDS, SHAPE_BOUNDS, Parameters

NAME = "pareto_nbd"
PARAMETERS: tuple[str, ...] = ("r", "alpha", "s", "beta")
# Purchase rates are gamma (r, alpha), rates of leaving gamma (s, beta), both per unit of time.

AT_ONE = 1e-9
# Of s from 1: nearer, the removable singularity of D is replaced by its limit, which differs by less than 1e-8.


def log_likelihood(parameters: Parameters, histories: Histories) -> Floats:
    """Log-likelihood of one customer of each history.

    Meaning: how likely histories of such customers are; their timing is left out, as in the papers.
    Formula: ln G(r+x)/G(r) + r ln alpha + s ln beta + ln[(alpha+T)^-(r+x) (beta+T)^-s
        + s integral from t_x to T of (alpha+y)^-(r+x) (beta+y)^-(s+1) dy]; the integral is A0/(r+s+x) of the papers.
    Input: r, alpha, s, beta > 0, alpha and beta in the histories' unit.
    Output: one element per history.
    Left out: ln of what depends on the times alone.
    Known drawbacks: s and beta are hard to tell apart in short records: look at their errors.
    Source: Schmittlein, Morrison & Colombo 1987, Management Science 33(1), 1-24; Fader & Hardie 2005, note 009,
        "A note on deriving the Pareto/NBD model and related expressions"; catalogue 3.13.
    """
    return _ParetoNbd.of(parameters, histories).log_likelihood()


def log_likelihood_with_gradient(parameters: Parameters, histories: Histories) -> tuple[float, Floats]:
    """Sum over all customers, and its derivatives by r, alpha, s and beta."""
    return _ParetoNbd.of(parameters, histories).log_likelihood_with_gradient()


def probability_alive(parameters: Parameters, histories: Histories) -> Floats:
    """Probability that a customer of each history has not left.

    Formula: [1 + s/(r+s+x) (alpha+T)^(r+x) (beta+T)^s A0]^-1.
    Input, output: as of the log-likelihood; 0 to 1.
    Source: Fader & Hardie 2005, note 009; catalogue 3.13.
    """
    log_odds = _ParetoNbd.of(parameters, histories).log_odds
    small = np.exp(-np.abs(log_odds))
    return np.asarray(np.where(log_odds > 0, small, 1.0) / (1 + small))


def expected_purchases(parameters: Parameters, histories: Histories, horizon: float) -> Floats:
    """Purchases that a customer of each history is expected to make within `horizon` days from now.

    Formula: (r+x)(beta+T)/(alpha+T) D(beta+T, t) P(alive), D(c, t) = -expm1(-(s-1) ln(1+t/c))/(s-1), ln(1+t/c) at
        s = 1.
    Input, output: as of the log-likelihood; 0 or more.
    Raises: ValueError for a horizon below 0.
    Source: Fader & Hardie 2005, note 009; catalogue 3.13.
    """
    rates = _rates(parameters)
    age = histories.by_age.values / histories.unit_days
    alive_for = (rates.beta + age) * _lifetime_within(
        rates.s, histories.in_units(horizon) / (rates.beta + age)
    )
    by_age = histories.by_age.spread(alive_for / (rates.alpha + age))
    return (rates.r + histories.frequency) * by_age * probability_alive(parameters, histories)


def expected_purchases_of_new(
    parameters: Parameters, horizon: float, unit_days: float = DAYS_PER_WEEK
) -> float:
    """Purchases within `horizon` days after the first, of a customer who has just made it.

    Formula: r beta/alpha D(beta, t).
    Raises: ValueError for a horizon below 0.
    Source: Schmittlein, Morrison & Colombo 1987; catalogue 3.13.
    """
    return float(expected_purchases(parameters, one_new_customer(unit_days), horizon)[0])


def starting_points(histories: Histories) -> tuple[tuple[float, ...], ...]:
    """Few and many who leave, with unlike and like purchase rates, at the observed mean rate."""
    shapes = ((0.5, 0.5, 0.3), (1.0, 1.0, 1.0), (0.3, 0.3, 2.0), (1.5, 2.0, 3.0))
    return tuple((r, r / histories.purchase_rate, s, age * histories.mean_age) for r, s, age in shapes)


def bounds(histories: Histories) -> tuple[tuple[float, float], ...]:
    scale = (SCALE_BOUNDS[0] * histories.mean_age, SCALE_BOUNDS[1] * histories.mean_age)
    return (SHAPE_BOUNDS, scale, SHAPE_BOUNDS, scale)


def _rates(parameters: Parameters) -> Rates:
    return Rates(*(parameters[name] for name in PARAMETERS))


def _lifetime_within(s: float, growth: Floats) -> Floats:
    """D(c, t) for growth = t/c."""
    logs = np.log1p(growth)
    return np.asarray(logs if abs(s - 1) < AT_ONE else -np.expm1(-(s - 1) * logs) / (s - 1))


@dataclass(frozen=True, eq=False)
class _ParetoNbd:
    """The model with its parameters and the histories that it is asked about.

    The likelihood of one history is its factor in front times F (1 + odds), with F = (alpha+T)^-(r+x) (beta+T)^-s and
    the odds of having left, s/F times the integral of f from t_x to T.
    """

    rates: Rates
    histories: Histories

    @classmethod
    def of(cls, parameters: Parameters, histories: Histories) -> "_ParetoNbd":
        return cls(_rates(parameters), histories)

    @cached_property
    def power(self) -> Floats:
        """r + x per distinct x."""
        return self.rates.r + self.histories.by_frequency.values

    @cached_property
    def tails(self) -> Tails:
        days = self.histories.days
        unit = self.histories.unit_days
        return tails(
            self.rates, self.histories.by_frequency.values, days.edges / unit, days.largest_frequency
        )

    @cached_property
    def age(self) -> Floats:
        """Distinct ages in units."""
        return self.histories.by_age.values / self.histories.unit_days

    @cached_property
    def log_fall(self) -> Floats:
        """ln f(t_x)/F per history."""
        _, alpha, s, beta = self.rates
        histories = self.histories
        recency = histories.by_recency.values / histories.unit_days
        log_ratio = histories.by_age.spread(np.log(alpha + self.age))
        log_ratio -= histories.by_recency.spread(np.log(alpha + recency))
        fall = histories.by_frequency.spread(self.power) * log_ratio
        fall += histories.by_age.spread(s * np.log(beta + self.age))
        fall -= histories.by_recency.spread((s + 1) * np.log(beta + recency))
        return np.asarray(fall)

    @cached_property
    def share_beyond(self) -> Floats:
        """f(T)/f(t_x) per history, at most 1."""
        beyond = self.log_fall + self.histories.by_age.spread(np.log(self.rates.beta + self.age))
        return np.exp(np.minimum(-beyond, 0))

    @cached_property
    def log_odds(self) -> Floats:
        """Of having left, per history; minus infinity where the last purchase was on the as-of day."""
        days = self.histories.days
        plain = self.tails.plain.ravel()
        between = np.maximum(plain[days.recency_cells] - self.share_beyond * plain[days.age_cells], 0)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.rates.s) + self.log_fall + np.log(between))

    def front(self) -> Floats:
        """ln of the factor in front, per distinct x."""
        r, alpha, s, beta = self.rates
        return np.asarray(gammaln(self.power) - gammaln(r) + r * np.log(alpha) + s * np.log(beta))

    def log_likelihood(self) -> Floats:
        histories = self.histories
        active = histories.by_frequency.spread(self.power) * histories.by_age.spread(
            np.log(self.rates.alpha + self.age)
        )
        active += histories.by_age.spread(self.rates.s * np.log(self.rates.beta + self.age))
        return histories.by_frequency.spread(self.front()) - active + np.logaddexp(0, self.log_odds)

    def log_likelihood_with_gradient(self) -> tuple[float, Floats]:
        r, alpha, s, beta = self.rates
        histories, days = self.histories, self.histories.days
        small = np.exp(-np.abs(self.log_odds))
        one_more = np.maximum(self.log_odds, 0) + np.log(1 + small)
        alive = histories.weights * (np.where(self.log_odds > 0, small, 1.0) / (1 + small))
        # s f(t_x) / (F + s integral), weighted: what one unit of a tail at t_x is worth.
        worth = histories.weights * np.exp(np.log(s) + self.log_fall - one_more)
        worths = days.table(days.recency_cells, worth) - days.table(days.age_cells, worth * self.share_beyond)
        log_alpha, log_beta = np.log(alpha + self.age), np.log(beta + self.age)
        active = r * histories.age_weights + histories.age_frequency_sums
        value = (
            histories.frequency_weights @ self.front()
            - active @ log_alpha
            - s * histories.age_weights @ log_beta
            + histories.weights @ one_more
        )
        return float(value), self._gradient(alive, worths)

    def _gradient(self, alive: Floats, worths: Floats) -> Floats:
        """By r, alpha, s and beta, from the customers alive and from what the tails are worth per edge and x."""
        r, alpha, s, beta = self.rates
        histories, tails_ = self.histories, self.tails
        size = histories.customer_total
        alive_by_age = histories.by_age.total(alive)
        moved = histories.by_age.total(alive * histories.by_frequency.spread(self.power))
        by_r = (
            histories.frequency_weights @ (digamma(self.power) - digamma(r) + np.log(alpha))
            - alive_by_age @ np.log(alpha + self.age)
            - (worths * tails_.log_alpha).sum()
        )
        by_alpha = (
            size * r / alpha
            - moved @ (1 / (alpha + self.age))
            - self.power @ (worths * tails_.by_alpha).sum(axis=0)
        )
        by_s = (
            size * np.log(beta)
            - alive_by_age @ np.log(beta + self.age)
            + (size - alive.sum()) / s
            - (worths * tails_.log_beta).sum()
        )
        by_beta = (
            size * s / beta
            - s * (alive_by_age @ (1 / (beta + self.age)))
            - (s + 1) * (worths * tails_.by_beta).sum()
        )
        return np.array([by_r, by_alpha, by_s, by_beta], dtype=float)
