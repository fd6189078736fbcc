"""sBG: customers with a contract, who may leave whenever it is to be renewed.

Here are the model as published and its data. Customers without a contract must stay out: nobody sees them leave.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, hyp2f1

from pipelines.metrics.intervals import Counts, Floats
from pipelines.metrics.purchase_models.histories import is_whole, require_all
from pipelines.metrics.purchase_models.model import SHAPE_BOUNDS, Parameters

NAME = "shifted_beta_geometric"
PARAMETERS: tuple[str, ...] = ("alpha", "beta")
# Probabilities of leaving at a renewal are beta (alpha, beta).


@dataclass(frozen=True, eq=False)
class Renewals:
    """What became of the contracts that were up for their first, second, .. renewal, one element per renewal.

    period: which renewal, 1 or more. renewed_count, lost_count: contracts that went on, and that ended. Contracts
    not yet up for a renewal are in neither. Raises ValueError where one of this is broken.
    """

    period: Floats
    renewed_count: Counts
    lost_count: Counts

    def __post_init__(self) -> None:
        object.__setattr__(self, "period", np.asarray(self.period, dtype=float))
        columns = [np.asarray(column) for column in (self.period, self.renewed_count, self.lost_count)]
        if len({column.shape for column in columns}) != 1 or self.period.ndim != 1:
            raise ValueError("period, renewed_count and lost_count are one element per renewal each")
        require_all("period", is_whole(self.period) & (self.period >= 1), "a whole number, 1 or more")
        if len(np.unique(self.period)) != len(self.period):
            raise ValueError("a period is there twice: renewals have one element per period")
        for name, column in zip(("renewed_count", "lost_count"), columns[1:], strict=True):
            require_all(name, is_whole(column), "a whole number, 0 or more")
            object.__setattr__(self, name, column.astype(np.int64))

    @classmethod
    def of_survivors(cls, survivors: npt.ArrayLike) -> Self:
        """From one cohort: how many there were at first, after the first renewal, after the second .."""
        counts = np.asarray(survivors)
        return cls(np.arange(1.0, len(counts)), counts[1:], counts[:-1] - counts[1:])

    @property
    def unit(self) -> str:
        return "renewals"

    @cached_property
    def customer_total(self) -> int:
        """Those up for the earliest renewal."""
        if not len(self.period):
            return 0
        first = np.argmin(self.period)
        return int(self.renewed_count[first] + self.lost_count[first])

    def part(self, customers: int) -> Self:
        """All of them: there are few periods however many customers."""
        del customers
        return self


def log_likelihood(parameters: Parameters, renewals: Renewals) -> Floats:
    """Log-likelihood of all that were up for each renewal.

    Meaning: how likely it is that so many of them went on.
    Formula: renewed ln r_t + lost ln(1 - r_t), with r_t = (beta+t-1)/(alpha+beta+t-1). Over the renewals of one
        customer that is ln P(T=t) = ln B(alpha+1, beta+t-1)/B(alpha, beta), or ln S(t) = ln B(alpha, beta+t)/
        B(alpha, beta) for one who is still there.
    Input: alpha, beta > 0.
    Output: one element per renewal, of all its contracts.
    Left out: contracts not yet up for the renewal.
    Known drawbacks: a customer's probability of leaving never changes; retention rises as those likely to leave
        are gone.
    Source: Fader & Hardie 2007, Journal of Interactive Marketing 21(1), 76-90; catalogue 3.13.
    """
    alpha, beta = (parameters[name] for name in PARAMETERS)
    kept = beta + renewals.period - 1
    return np.asarray(
        renewals.renewed_count * np.log(kept)
        + renewals.lost_count * np.log(alpha)
        - (renewals.renewed_count + renewals.lost_count) * np.log(alpha + kept)
    )


def log_likelihood_with_gradient(parameters: Parameters, renewals: Renewals) -> tuple[float, Floats]:
    """Sum over all customers, and its derivatives by alpha and beta."""
    alpha, beta = (parameters[name] for name in PARAMETERS)
    kept = beta + renewals.period - 1
    all_of_both = ((renewals.renewed_count + renewals.lost_count) / (alpha + kept)).sum()
    by_alpha = renewals.lost_count.sum() / alpha - all_of_both
    by_beta = (renewals.renewed_count / kept).sum() - all_of_both
    return float(log_likelihood(parameters, renewals).sum()), np.array([by_alpha, by_beta], dtype=float)


def survival(parameters: Parameters, period: npt.ArrayLike) -> Floats:
    """Share still there after so many renewals: S(t) = B(alpha, beta+t)/B(alpha, beta)."""
    alpha, beta = (parameters[name] for name in PARAMETERS)
    return np.asarray(np.exp(betaln(alpha, beta + np.asarray(period, dtype=float)) - betaln(alpha, beta)))


def retention_rate(parameters: Parameters, period: npt.ArrayLike) -> Floats:
    """Share of those up for the t-th renewal who go on: (beta+t-1)/(alpha+beta+t-1)."""
    alpha, beta = (parameters[name] for name in PARAMETERS)
    kept = beta + np.asarray(period, dtype=float) - 1
    return np.asarray(kept / (alpha + kept))


def expected_lifetime(parameters: Parameters) -> float:
    """Periods that a new customer stays: (alpha+beta-1)/(alpha-1); infinite unless alpha > 1."""
    alpha, beta = (parameters[name] for name in PARAMETERS)
    return (alpha + beta - 1) / (alpha - 1) if alpha > 1 else float("inf")


def discounted_lifetime(parameters: Parameters, discount_rate: float) -> float:
    """DEL: payments that a new customer is expected to make, the first one now, each discounted to now.

    Meaning: times the margin per period, what winning a customer is worth.
    Formula: 2F1(1, beta; alpha+beta; 1/(1+d)), d per period; at d = 0 the expected lifetime.
    Output: 1 or more, infinite at d = 0 where alpha is not above 1.
    Raises: ValueError for d below 0.
    Source: Fader & Hardie 2010, Marketing Science 29(1), 85-93; catalogue 3.13.
    """
    return _discounted(parameters, discount_rate, 0)


def discounted_residual_lifetime(parameters: Parameters, discount_rate: float, renewal: int) -> float:
    """Payments still expected from a customer who is just about to decide on the n-th renewal, discounted to then.

    Formula: (beta+n-1)/(alpha+beta+n-1) 2F1(1, beta+n; alpha+beta+n; 1/(1+d)), d per period.
    Input: renewal n, 1 or more: the next one.
    Raises: ValueError for d below 0 or n below 1.
    Source: Fader & Hardie 2010, Marketing Science 29(1), 85-93; catalogue 3.13.
    """
    if renewal < 1:
        raise ValueError(f"renewal is {renewal}: it is the number of the next one, 1 or more")
    return float(retention_rate(parameters, renewal)) * _discounted(parameters, discount_rate, renewal)


def _discounted(parameters: Parameters, discount_rate: float, renewals_so_far: int) -> float:
    """Payments from now on of one who has just paid after so many renewals."""
    if not discount_rate >= 0:
        raise ValueError(f"discount_rate is {discount_rate}: it is a share per period, 0 or more")
    alpha, beta = parameters["alpha"], parameters["beta"] + renewals_so_far
    if discount_rate == 0:
        return expected_lifetime({"alpha": alpha, "beta": beta})
    return float(hyp2f1(1, beta, alpha + beta, 1 / (1 + discount_rate)))


def starting_points(renewals: Renewals) -> tuple[tuple[float, ...], ...]:
    """Like and unlike customers, at the observed share of losses."""
    lost = renewals.lost_count.sum() + 0.5
    share = lost / (lost + renewals.renewed_count.sum() + 0.5)
    return tuple((size * share, size * (1 - share)) for size in (0.5, 2.0, 10.0))


def bounds(renewals: Renewals) -> tuple[tuple[float, float], ...]:
    del renewals
    return (SHAPE_BOUNDS, SHAPE_BOUNDS)
