"""What BG/NBD and MBG/NBD share: the gamma-Poisson purchases, and a beta-distributed chance to leave at each.

The two differ in the chances to leave before the first repeat occasion: none, or one right after the first occasion.
With `chances` of them, 0 or 1, and m = b + x + chances, everything else is one formula. What the parameters are
called and which sources state the formulas must stay out: that is in the models' modules.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import betaln, digamma, gammaln

from pipelines.metrics.intervals import Floats
from pipelines.metrics.purchase_models.dropout_integral import purchases_while_alive
from pipelines.metrics.purchase_models.histories import Histories


@dataclass(frozen=True, eq=False)
class BetaGeometric:
    """A model with its parameters and the histories that it is asked about; symbols as in the papers.

    The likelihood of one history is its factor in front times (alpha+T)^-(r+x) (1 + odds), with odds those that the
    customer has left: a/(m-1) ((alpha+T)/(alpha+t_x))^(r+x), and 0 where there was no chance to leave.
    """

    r: float
    alpha: float
    a: float
    b: float
    chances: int
    histories: Histories

    @cached_property
    def x(self) -> Floats:
        """Distinct numbers of repeat occasions."""
        return self.histories.by_frequency.values

    @cached_property
    def m(self) -> Floats:
        return self.b + self.chances + self.x

    @cached_property
    def age_sum(self) -> Floats:
        """Distinct alpha + T, in units."""
        return self.alpha + self.histories.by_age.values / self.histories.unit_days

    @cached_property
    def recency_sum(self) -> Floats:
        """Distinct alpha + t_x, in units."""
        return self.alpha + self.histories.by_recency.values / self.histories.unit_days

    @cached_property
    def log_ratio(self) -> Floats:
        """ln (alpha+T)/(alpha+t_x) per history."""
        histories = self.histories
        return histories.by_age.spread(np.log(self.age_sum)) - histories.by_recency.spread(
            np.log(self.recency_sum)
        )

    @cached_property
    def log_odds(self) -> Floats:
        """Of having left, per history."""
        has_chance = self.x + self.chances > 0
        base = np.where(has_chance, np.log(self.a) - np.log(np.where(has_chance, self.m - 1, 1)), -np.inf)
        by_frequency = self.histories.by_frequency
        return by_frequency.spread(base) + by_frequency.spread(self.r + self.x) * self.log_ratio

    def front(self) -> Floats:
        """ln of the factor in front, per distinct x."""
        purchases = gammaln(self.r + self.x) - gammaln(self.r) + self.r * np.log(self.alpha)
        return np.asarray(purchases + betaln(self.a, self.m) - betaln(self.a, self.b))

    def log_likelihood(self) -> Floats:
        by_frequency, by_age = self.histories.by_frequency, self.histories.by_age
        active = by_frequency.spread(self.r + self.x) * by_age.spread(np.log(self.age_sum))
        return by_frequency.spread(self.front()) - active + np.logaddexp(0, self.log_odds)

    def probability_alive(self) -> Floats:
        """1 / (1 + odds), without overflow."""
        small = np.exp(-np.abs(self.log_odds))
        return np.asarray(np.where(self.log_odds > 0, small, 1.0) / (1 + small))

    def expected_purchases(self, horizon: float) -> Floats:
        """Within so many days from now: those of a customer who is alive, times the probability of it."""
        histories = self.histories
        growth = histories.in_units(horizon) / self.age_sum
        pairs, codes = histories.by_frequency_and_age
        if_alive = purchases_while_alive(self.a, self.m, self.r + self.x, growth, codes)
        return pairs.spread(if_alive) * self.probability_alive()

    def log_likelihood_with_gradient(self) -> tuple[float, Floats]:
        """Sum over customers, and its derivatives by r, alpha, a and b.

        Whatever depends on x, t_x or T alone is weighted by the customers of that value: only the odds are
        computed for each history.
        """
        histories = self.histories
        small = np.exp(-np.abs(self.log_odds))
        left = histories.weights * (np.where(self.log_odds > 0, 1.0, small) / (1 + small))
        value = (
            histories.frequency_weights @ self.front()
            - (self.r * histories.age_weights + histories.age_frequency_sums) @ np.log(self.age_sum)
            + histories.weights @ (np.maximum(self.log_odds, 0) + np.log(1 + small))
        )
        gradient = np.array([self._by_r(left), self._by_alpha(left), *self._by_a_and_b(left)], dtype=float)
        return float(value), gradient

    def _by_r(self, left: Floats) -> float:
        front = digamma(self.r + self.x) - digamma(self.r) + np.log(self.alpha)
        active = self.histories.age_weights @ np.log(self.age_sum)
        return float(self.histories.frequency_weights @ front - active + left @ self.log_ratio)

    def _by_alpha(self, left: Floats) -> float:
        histories = self.histories
        moved = left * histories.by_frequency.spread(self.r + self.x)
        active = self.r * histories.age_weights + histories.age_frequency_sums
        return float(
            self.r / self.alpha * histories.customer_total
            - (active - histories.by_age.total(moved)) @ (1 / self.age_sum)
            - histories.by_recency.total(moved) @ (1 / self.recency_sum)
        )

    def _by_a_and_b(self, left: Floats) -> tuple[float, float]:
        left_by_frequency = self.histories.by_frequency.total(left)
        both = digamma(self.a + self.b) - digamma(self.a + self.m)
        weights = self.histories.frequency_weights
        by_a = weights @ both + left_by_frequency.sum() / self.a
        held = left_by_frequency > 0
        lost = left_by_frequency[held] @ (1 / (self.m[held] - 1))
        by_b = weights @ (both + digamma(self.m) - digamma(self.b)) - lost
        return float(by_a), float(by_b)


def gamma_beta_starts(purchase_rate: float) -> tuple[tuple[float, ...], ...]:
    """Starting points of r, alpha, a and b at a mean rate of purchases."""
    shapes = ((0.5, 0.7, 2.0), (0.2, 0.3, 4.0), (1.5, 1.5, 3.0), (0.8, 3.0, 10.0))
    return tuple((r, r / purchase_rate, a, b) for r, a, b in shapes)
