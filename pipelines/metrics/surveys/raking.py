"""Raking: weights that make respondents look like a population in each of several margins.

Here is iterative proportional fitting over cells, its cap on weights, and the collapsing of categories in which
nobody answered. What is weighted, frames and thresholds of publication must stay out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipelines.metrics.intervals import Counts, Floats

UNKNOWN = "unknown"
# The category of customers whose value is not known: who is like nobody else may be like them.

CONVERGED = 1e-10
# Largest relative miss of a category at which margins count as met: far below any digit that is published.
LONGEST_FITTING = 200
# Sweeps over all margins. Ordinary margins meet in ten to fifty; those that contradict each other never do.
LONGEST_CAPPING = 20
# Rounds of cutting large weights off and fitting again. What still exceeds the cap then is cut, and its miss told.


@dataclass(frozen=True)
class Margin:
    """One way to divide both respondents and population: `places` gives each cell's category.

    `population` counts each category's customers. Of an ordered margin (deciles) neighbours are alike.
    """

    name: str
    labels: tuple[str, ...]
    places: npt.NDArray[np.int64]
    population: Floats
    is_ordered: bool = False


@dataclass(frozen=True)
class Raking:
    """The weight of each answer in a cell, 1 on average, and by how much margins are missed.

    `margin_error` is the largest share of the population by which the weighted share of a category differs.
    """

    weights: Floats
    margin_error: float


class NoSuchRespondents(ValueError):
    """A category that is the largest of its margin, and in which nobody answered: nobody can stand for it."""


def rake(cell_counts: Counts, margins: Sequence[Margin], weight_cap: float) -> Raking:
    """Weights of cells so that the weighted respondents have the population's share in every category.

    Meaning: who answered less often than others of their kind counts for more.
    Formula: in turn for each margin, w := w x population share / weighted share of the cell's category, until all
        agree; weights above weight_cap x median are cut to it and the fitting starts again from there, until none
        exceeds it.
    Input: `cell_counts` (answers per cell, > 0); margins whose every category has a population > 0 and at least
        one cell (see `collapsed`).
    Output: one weight per cell, with mean 1 over the answers; no weight above the cap; the error left.
    Left out: nothing.
    Known drawbacks: only margins are met, not what they have in common. Margins that contradict each other, and
        the cap, leave an error.
    Raises: ValueError for a count, population or cap that is not positive, or a category without a cell.
    Source: Deming & Stephan 1940; Deville, Saerndal & Sautory 1993, JASA 88(423); capping: Potter 1990; catalogue
        3.1.
    """
    _require_positive(cell_counts, margins, weight_cap)
    weights = _fitted(np.ones(len(cell_counts)), cell_counts, margins)
    for _ in range(LONGEST_CAPPING):
        capped = np.minimum(weights, weight_cap * weighted_median(weights, cell_counts))
        if np.all(weights <= capped * (1 + CONVERGED)):
            break
        before, weights = weights, _fitted(capped, cell_counts, margins)
        if np.allclose(weights, before, rtol=CONVERGED, atol=0):
            # The cap and the margins contradict each other: further rounds change nothing.
            break
    weights = np.minimum(weights, weight_cap * weighted_median(weights, cell_counts))
    weights = weights * cell_counts.sum() / (weights @ cell_counts)
    error = max(float(np.abs(_shares(weights, cell_counts, m) - _targets(m)).max()) for m in margins)
    return Raking(weights, error if error > CONVERGED else 0.0)


def collapsed(margin: Margin, cell_counts: Counts) -> Margin:
    """The margin without categories in which nobody answered: their customers join another category.

    Of an ordered margin the nearest one with answers, of two equally near the lower; otherwise `unknown`, or else
    the largest of the margin. Raises NoSuchRespondents where that one has no answers either.
    """
    answers = np.bincount(margin.places, weights=cell_counts, minlength=len(margin.labels)).astype(float)
    answered = np.flatnonzero(answers > 0)
    into = np.arange(len(margin.labels))
    for place in np.flatnonzero(answers == 0):
        into[place] = (
            answered[np.argmin(np.abs(answered - place))]
            if margin.is_ordered
            else _stand_in(margin, answers, int(place))
        )
    population = np.bincount(into, weights=margin.population, minlength=len(margin.labels))
    return replace(
        margin,
        labels=tuple(margin.labels[place] for place in answered),
        places=np.searchsorted(answered, margin.places),
        population=population[answered].astype(float),
    )


def weighted_median(weights: Floats, cell_counts: Counts) -> float:
    """The weight that half of the answers do not exceed; of an even number the lower one."""
    order = np.argsort(weights, kind="stable")
    reached = np.cumsum(cell_counts[order])
    return float(weights[order][np.searchsorted(2 * reached, reached[-1])])


def dummies(margins: Sequence[Margin]) -> Floats:
    """One column per category of every margin, 1 for the cells in it: what the weights are adjusted to."""
    return np.hstack([np.eye(len(margin.labels))[margin.places] for margin in margins])


def _fitted(weights: Floats, cell_counts: Counts, margins: Sequence[Margin]) -> Floats:
    for _ in range(LONGEST_FITTING):
        worst = 0.0
        for margin in margins:
            factors = _targets(margin) / _shares(weights, cell_counts, margin)
            worst = max(worst, float(np.abs(factors - 1).max()))
            weights = weights * factors[margin.places]
        if worst < CONVERGED:
            break
    return weights


def _shares(weights: Floats, cell_counts: Counts, margin: Margin) -> Floats:
    totals = np.bincount(margin.places, weights=weights * cell_counts, minlength=len(margin.labels))
    return np.asarray(totals / totals.sum())


def _targets(margin: Margin) -> Floats:
    return np.asarray(margin.population / margin.population.sum())


def _stand_in(margin: Margin, answers: Floats, empty: int) -> int:
    if UNKNOWN in margin.labels and answers[margin.labels.index(UNKNOWN)] > 0:
        return margin.labels.index(UNKNOWN)
    largest = int(np.argmax(margin.population))
    if answers[largest] == 0:
        raise NoSuchRespondents(
            f"nobody answered of {margin.name} {margin.labels[empty]}, nor of its largest category "
            f"{margin.labels[largest]}"
        )
    return largest


def _require_positive(cell_counts: Counts, margins: Sequence[Margin], weight_cap: float) -> None:
    if not np.all(cell_counts > 0):
        raise ValueError(
            f"{int(np.sum(~(cell_counts > 0)))} of {len(cell_counts)} cells have no answer or fewer: weights are "
            "made of answers, so leave such cells out"
        )
    if not weight_cap > 1:
        raise ValueError(
            f"weight_cap is {weight_cap}: it must exceed 1, or no weight could differ from the median"
        )
    for margin in margins:
        wrong = np.flatnonzero(~(margin.population > 0))
        if wrong.size:
            raise ValueError(
                f"{wrong.size} of {len(margin.labels)} categories of the margin {margin.name} have a population "
                f"that is not positive, first {margin.labels[wrong[0]]}: {margin.population[wrong[0]]}"
            )
        if np.unique(margin.places).size < len(margin.labels):
            raise ValueError(f"the margin {margin.name} has categories without an answer: collapse it first")
