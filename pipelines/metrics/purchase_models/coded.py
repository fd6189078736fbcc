"""Values by their codes: whatever depends on one of them alone is computed once per distinct value.

Here is how an array is reduced to its distinct values and how a figure of those is handed back, and how a part of
weighted rows is taken. What the values mean must stay out.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from pipelines.metrics.intervals import Counts, Floats

Codes = npt.NDArray[np.intp]

LARGEST_DIRECT_VALUE = 1_000_000
# Whole numbers up to here are looked up in a table of this length instead of being sorted.


@dataclass(frozen=True, eq=False)
class Coded:
    """Distinct values in ascending order, and for each element which of them it has."""

    values: Floats
    codes: Codes

    @classmethod
    def of(cls, elements: Floats) -> Self:
        if len(elements) and elements.min() >= 0 and elements.max() <= LARGEST_DIRECT_VALUE:
            whole = elements.astype(np.intp)
            if np.array_equal(whole, elements):
                return cls._of_whole_numbers(whole)
        values, codes = np.unique(elements, return_inverse=True)
        return cls(values, codes)

    @classmethod
    def _of_whole_numbers(cls, elements: Codes) -> Self:
        is_present = np.zeros(int(elements.max()) + 1, dtype=bool)
        is_present[elements] = True
        position = np.cumsum(is_present) - 1
        return cls(np.flatnonzero(is_present).astype(float), position[elements])

    def spread(self, figures: Floats) -> Floats:
        """The figure of each element's value."""
        return figures[self.codes]

    def total(self, weights: Floats) -> Floats:
        """The sum of the elements' weights per distinct value."""
        return np.bincount(self.codes, weights=weights, minlength=len(self.values)).astype(float, copy=False)


def evenly_drawn(counts: Counts, wanted: int) -> tuple[Codes, Counts]:
    """The rows that an even draw of `wanted` units meets, and how often; all of them where there are fewer."""
    cumulated = np.cumsum(counts)
    if not len(counts) or cumulated[-1] <= wanted:
        return np.arange(len(counts)), counts
    places = (np.arange(wanted) + 0.5) * (cumulated[-1] / wanted)
    rows, drawn = np.unique(np.searchsorted(cumulated, places, side="right"), return_counts=True)
    return rows, drawn.astype(np.int64)
