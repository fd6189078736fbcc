"""Purchase histories: how many customers share each.

Here are the distinct histories that purchase models read, with the rules that they keep. How orders become
histories must stay out: that is SQL's.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from pipelines.metrics.intervals import Counts, Floats
from pipelines.metrics.purchase_models.coded import Coded, Codes, evenly_drawn

DAYS_PER_WEEK = 7.0
# The unit of the published fits.


@dataclass(frozen=True, eq=False)
class Histories:
    """Distinct histories, one element each; times are in days, `unit_days` is the unit of fitted parameters.

    frequency: purchase occasions after the first, 0 or more. recency: days from the first to the last
    occasion, 0 exactly where there was no other. age: days from the first occasion to the as-of day.
    customer_count: customers with this history, 1 or more. Raises ValueError where one of this is broken.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    customer_count: Counts
    unit_days: float = DAYS_PER_WEEK

    def __post_init__(self) -> None:
        for name in ("frequency", "recency", "age"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=float))
        object.__setattr__(self, "customer_count", whole_counts(self.customer_count))
        columns = (self.frequency, self.recency, self.age, self.customer_count)
        if len({column.shape for column in columns}) != 1 or self.frequency.ndim != 1:
            raise ValueError(
                "frequency, recency, age and customer_count are one element per history each, got shapes "
                f"{', '.join(str(column.shape) for column in columns)}"
            )
        if not (np.isfinite(self.unit_days) and self.unit_days > 0):
            raise ValueError(f"unit_days is {self.unit_days}: it is a number of days above 0, such as 7")
        require_all("frequency", is_whole(self.frequency), "a whole number, 0 or more")
        require_all("recency", (self.recency == 0) | (self.frequency > 0), "0 where frequency is 0")
        require_all("recency", (self.recency > 0) | (self.frequency == 0), "above 0 where frequency is")
        require_all("age", np.isfinite(self.age) & (self.age >= self.recency), "a number not below recency")

    @cached_property
    def customer_total(self) -> int:
        return int(self.customer_count.sum())

    @property
    def unit(self) -> str:
        return f"{self.unit_days:g} days"

    @cached_property
    def weights(self) -> Floats:
        return self.customer_count.astype(float)

    @cached_property
    def by_frequency(self) -> Coded:
        return Coded.of(self.frequency)

    @cached_property
    def by_recency(self) -> Coded:
        """Distinct recencies, in days."""
        return Coded.of(self.recency)

    @cached_property
    def by_age(self) -> Coded:
        """Distinct ages, in days."""
        return Coded.of(self.age)

    @cached_property
    def by_frequency_and_age(self) -> tuple[Coded, tuple[Codes, Codes]]:
        """Distinct pairs of the two, and for each pair the place of either among its distinct values."""
        ages = len(self.by_age.values)
        pairs = Coded.of((self.by_frequency.codes * ages + self.by_age.codes).astype(float))
        frequency_codes, age_codes = np.divmod(pairs.values.astype(np.intp), max(ages, 1))
        return pairs, (frequency_codes, age_codes)

    @cached_property
    def days(self) -> "Days":
        return Days.of(self)

    @cached_property
    def frequency_weights(self) -> Floats:
        """Customers per distinct frequency."""
        return self.by_frequency.total(self.weights)

    @cached_property
    def age_weights(self) -> Floats:
        """Customers per distinct age."""
        return self.by_age.total(self.weights)

    @cached_property
    def age_frequency_sums(self) -> Floats:
        """Repeat occasions of all customers per distinct age."""
        return self.by_age.total(self.weights * self.frequency)

    @cached_property
    def mean_age(self) -> float:
        """In units, over customers; 1 where nobody has any."""
        mean = float(self.weights @ self.age) / max(self.customer_total, 1) / self.unit_days
        return mean if mean > 0 else 1.0

    @cached_property
    def purchase_rate(self) -> float:
        """Repeat occasions per customer and unit, never quite 0."""
        repeats = float(self.weights @ self.frequency) + 0.5
        return repeats / (max(self.customer_total, 1) * self.mean_age)

    def in_units(self, horizon: float) -> float:
        """A horizon of so many days; ValueError for one that is none."""
        if not (np.isfinite(horizon) and horizon >= 0):
            raise ValueError(f"horizon is {horizon}: it is a number of days, 0 or more")
        return horizon / self.unit_days

    def part(self, customers: int) -> Self:
        """About so many of the customers, evenly drawn from all, always the same ones."""
        rows, drawn = evenly_drawn(self.customer_count, customers)
        if len(rows) == len(self.customer_count):
            return self
        return self._of_rows(rows, drawn)

    def _of_rows(self, rows: Codes, customer_count: Counts) -> Self:
        return type(self)(
            self.frequency[rows], self.recency[rows], self.age[rows], customer_count, self.unit_days
        )


@dataclass(frozen=True, eq=False)
class Days:
    """All distinct recencies and ages of some histories on one line, for what is tabulated per frequency and day.

    edges: the days in ascending order. largest_frequency: per gap between two edges, that of histories whose
    recency is not after it. recency_cells, age_cells: per history, its place in a table of edges by frequencies.
    """

    edges: Floats
    largest_frequency: Floats
    recency_cells: Codes
    age_cells: Codes

    frequency_count: int

    def table(self, cells: Codes, weights: Floats) -> Floats:
        """The sum of the weights per edge and frequency."""
        shape = (len(self.edges), self.frequency_count)
        sums = np.bincount(cells, weights=weights, minlength=shape[0] * shape[1])
        return np.asarray(sums, dtype=float).reshape(shape)

    @classmethod
    def of(cls, histories: Histories) -> Self:
        by_frequency, by_recency, by_age = histories.by_frequency, histories.by_recency, histories.by_age
        edges = np.union1d(by_recency.values, by_age.values)
        recency_places = np.searchsorted(edges, by_recency.values)
        age_places = np.searchsorted(edges, by_age.values)
        largest = np.zeros(len(edges))
        np.maximum.at(largest, recency_places[by_recency.codes], histories.frequency)
        frequencies = len(by_frequency.values)
        return cls(
            edges,
            np.maximum.accumulate(largest)[:-1],
            recency_places[by_recency.codes] * frequencies + by_frequency.codes,
            age_places[by_age.codes] * frequencies + by_frequency.codes,
            frequencies,
        )


def one_new_customer(unit_days: float) -> Histories:
    """One customer on the day of the first purchase."""
    nothing = np.zeros(1)
    return Histories(nothing, nothing, nothing, np.ones(1, dtype=np.int64), unit_days)


def whole_counts(counts: npt.ArrayLike) -> Counts:
    """Numbers of customers; ValueError for one that is none."""
    given = np.asarray(counts)
    require_all("customer_count", is_whole(given) & (given >= 1), "a whole number, 1 or more")
    return given.astype(np.int64)


def is_whole(numbers: npt.NDArray[np.number]) -> npt.NDArray[np.bool_]:
    finite = np.isfinite(numbers)
    return np.asarray(finite & (numbers >= 0) & (np.floor(np.where(finite, numbers, 0)) == numbers))


def require_all(column: str, is_kept: npt.NDArray[np.bool_], rule: str) -> None:
    """Name the column, the rule and how many histories break it."""
    broken = np.flatnonzero(~is_kept)
    if len(broken):
        raise ValueError(
            f"{len(broken)} of {len(is_kept)} histories break a rule, the first is number {broken[0] + 1}: "
            f"{column} is {rule}"
        )
