"""What repeat customers spend per purchase: how many share each history of it.

Here are the distinct histories that Gamma-Gamma reads, and whether spend goes with frequency in them, which that model
takes as not so. How orders become sums must stay out: that is SQL's.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from pipelines.metrics.intervals import Counts, Floats
from pipelines.metrics.purchase_models.coded import Coded, evenly_drawn
from pipelines.metrics.purchase_models.histories import is_whole, require_all, whole_counts

MODERATE_CORRELATION = 0.3
# Cohen 1988: below, a small effect. The published CDNOW fit has 0.11 and is taken as independent by its authors.


class Correlation(NamedTuple):
    """Of spend per purchase with frequency, over customers; nan where either does not vary."""

    pearson: float
    spearman: float

    @property
    def is_strong(self) -> bool:
        """Whether Gamma-Gamma's assumption does not hold: values of frequent customers are then biased."""
        return bool(max(abs(self.pearson), abs(self.spearman)) >= MODERATE_CORRELATION)


@dataclass(frozen=True, eq=False)
class Spends:
    """Distinct spend histories of repeat customers, one element each.

    frequency: repeat purchases with their spend, 1 or more. mean_spend: mean of their amounts, above 0.
    customer_count: customers with this history, 1 or more. left_out_count: customers without a repeat purchase or
    whose purchases cost nothing in all. Raises ValueError where one of this is broken.
    """

    frequency: Floats
    mean_spend: Floats
    customer_count: Counts
    left_out_count: int = 0

    def __post_init__(self) -> None:
        for name in ("frequency", "mean_spend"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=float))
        object.__setattr__(self, "customer_count", whole_counts(self.customer_count))
        columns = (self.frequency, self.mean_spend, self.customer_count)
        if len({column.shape for column in columns}) != 1 or self.frequency.ndim != 1:
            raise ValueError(
                "frequency, mean_spend and customer_count are one element per history each, got shapes "
                f"{', '.join(str(column.shape) for column in columns)}"
            )
        require_all(
            "frequency", is_whole(self.frequency) & (self.frequency >= 1), "a whole number, 1 or more"
        )
        require_all("mean_spend", np.isfinite(self.mean_spend) & (self.mean_spend > 0), "a number above 0")

    @classmethod
    def of(cls, frequency: npt.ArrayLike, spend_sum: npt.ArrayLike, customer_count: npt.ArrayLike) -> Self:
        """From all customers' repeat purchases and the sums of their net amounts.

        Left out and counted: who has no repeat purchase, and whose sum is 0 or, by refunds, less.
        """
        x, total = np.asarray(frequency, dtype=float), np.asarray(spend_sum, dtype=float)
        counts = whole_counts(customer_count)
        is_kept = (x > 0) & (total > 0)
        mean_spend = total[is_kept] / x[is_kept]
        return cls(x[is_kept], mean_spend, counts[is_kept], int(counts[~is_kept].sum()))

    @property
    def unit(self) -> str:
        return "currency"

    @cached_property
    def customer_total(self) -> int:
        return int(self.customer_count.sum())

    @cached_property
    def weights(self) -> Floats:
        return self.customer_count.astype(float)

    @cached_property
    def by_frequency(self) -> Coded:
        return Coded.of(self.frequency)

    @cached_property
    def frequency_weights(self) -> Floats:
        """Customers per distinct frequency."""
        return self.by_frequency.total(self.weights)

    @cached_property
    def mean(self) -> float:
        """Mean over customers of their mean spend; nan without customers."""
        total = self.customer_total
        return float(self.weights @ self.mean_spend) / total if total else float("nan")

    @cached_property
    def log_spend_by_frequency(self) -> Floats:
        """Sum over customers of ln mean spend, per distinct frequency."""
        return self.by_frequency.total(self.weights * np.log(self.mean_spend))

    def part(self, customers: int) -> Self:
        """About so many of the customers, evenly drawn from all, always the same ones."""
        rows, drawn = evenly_drawn(self.customer_count, customers)
        if len(rows) == len(self.customer_count):
            return self
        return type(self)(self.frequency[rows], self.mean_spend[rows], drawn)


def frequency_correlation(spends: Spends) -> Correlation:
    """Whether customers who purchase more often spend more or less each time.

    Meaning: Gamma-Gamma takes the two as independent; where they are not, its values are biased.
    Formula: Pearson's r of the numbers, and Spearman's: r of mid-ranks, each customer counted.
    Input: histories of repeat customers with their counts.
    Output: both, nan where either side does not vary.
    Left out: customers whom Gamma-Gamma leaves out.
    Known drawbacks: r follows a few large orders; a dependence that is not monotone shows in neither.
    Source: Fader, Hardie & Lee 2005, Journal of Marketing Research 42(4), 415-430; catalogue 3.13.
    """
    ranks = [_mid_ranks(values, spends.weights) for values in (spends.frequency, spends.mean_spend)]
    return Correlation(
        _correlation(spends.frequency, spends.mean_spend, spends.weights),
        _correlation(ranks[0], ranks[1], spends.weights),
    )


def _mid_ranks(values: Floats, weights: Floats) -> Floats:
    """Average rank among all customers of those with each value."""
    dense = rankdata(values, method="dense").astype(np.intp) - 1
    totals = np.bincount(dense, weights=weights)
    return np.asarray((np.cumsum(totals) - (totals - 1) / 2)[dense])


def _correlation(one: Floats, other: Floats, weights: Floats) -> float:
    total = weights.sum()
    if not total:
        return float("nan")
    first, second = (values - weights @ values / total for values in (one, other))
    variances = float(weights @ first**2) * float(weights @ second**2)
    if not variances > 0:
        return float("nan")
    return float(np.clip(weights @ (first * second) / np.sqrt(variances), -1, 1))
