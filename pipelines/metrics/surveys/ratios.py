"""Ratios of sums over counted answers, with their errors by the influence of each unit, over all cells at once.

Here is the one ratio that shares, net shares and means of scores are, m = sum w f / sum w g, and its covariance with
that of the period before. What f and g are, intervals and tests must stay out.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.metrics.intervals import Counts, Floats
from pipelines.metrics.surveys.answers import Answers, Index, Pairs

ScoreFunction = Callable[[Index, Floats], Floats]
"""What a score counts for: takes the places of cells and scores, one element each."""


def everyone(_cell: Index, score: Floats) -> Floats:
    """Counts every score."""
    return np.ones(len(score))


@dataclass(frozen=True)
class Base:
    """Of whom a figure speaks: those whose scores are `within`, counted as `name` in the mart of units."""

    name: str = "answered"
    within: ScoreFunction = everyone


ANSWERED = Base()


@dataclass(frozen=True)
class Ratio:
    """The ratio of every cell, with what its intervals and changes need.

    `variance` is that of the answers (population form), `influence` the sum of the squared influences of the units
    and `std_error` the error made of it. `n_effective` is `variance` over the squared error, `n_of_influence` over
    `influence` alone; both are n where every unit has one answer.
    """

    code: ScoreFunction
    base: Base
    mean: Floats
    variance: Floats
    weight: Floats
    influence: Floats
    std_error: Floats
    unit_count: Counts
    overlap_count: Counts
    is_clustered: npt.NDArray[np.bool_]
    n_effective: Floats
    n_of_influence: Floats


def ratio(
    answers: Answers,
    code: ScoreFunction,
    base: Base = ANSWERED,
    *,
    by_unit: bool = False,
    of_sample: bool = False,
) -> Ratio:
    """m = sum w f / sum w g, with its error.

    u_c = sum over the unit's answers of w (f - m g) / sum w g; SE^2 = C/(C - 1) sum_c u_c^2 over C units. Where every
    unit has one answer that is v / n without the factor, and with it for means (`of_sample`). Under `by_unit`, the
    mean of the units' own means, the factor always applies.
    """
    scores = answers.scores
    length = len(answers.cells)
    weight = _summed(scores.cell, scores.weight * base.within(scores.cell, scores.score), length)
    observed = np.where(weight > 0, weight, np.nan)
    mean = _summed(scores.cell, scores.weight * code(scores.cell, scores.score), length) / observed
    units = _counted(answers.unit_counts, base, length)
    answer_count = _summed(scores.cell, scores.answer_count * base.within(scores.cell, scores.score), length)
    deviation = _deviation(code, base, mean, scores.cell, scores.score)
    variance = _summed(scores.cell, scores.weight * deviation**2, length) / observed
    is_clustered = (units < answer_count) | by_unit
    products = product_sum(answers.same, code, base, mean, mean) / observed**2
    influence = np.where(is_clustered, products, variance / np.where(units > 0, units, np.nan))
    squared_error = influence * np.where(is_clustered | of_sample, small_sample_factor(units), 1.0)
    sample_variance = variance * np.where(of_sample, small_sample_factor(answer_count), 1.0)
    return Ratio(
        code=code,
        base=base,
        mean=mean,
        variance=variance,
        weight=weight,
        influence=influence,
        std_error=np.sqrt(squared_error),
        unit_count=units,
        overlap_count=_counted(answers.overlap_counts, base, length),
        is_clustered=is_clustered,
        n_effective=_effective(sample_variance, squared_error, units, is_clustered),
        n_of_influence=_effective(variance, influence, units, is_clustered),
    )


def product_sum(
    pairs: Pairs, code: ScoreFunction, base: Base, centre: Floats, other_centre: Floats
) -> Floats:
    """Sum over the units of each cell of the product of their two weighted deviations from these centres.

    Both centres have one element per cell that looks at the pair, also where the other score is of another cell.
    """
    deviation = _deviation(code, base, centre, pairs.cell, pairs.score)
    other = code(pairs.other_cell, pairs.other_score) - other_centre[pairs.cell] * base.within(
        pairs.other_cell, pairs.other_score
    )
    return _summed(pairs.cell, pairs.weight_product * deviation * other, len(centre))


def small_sample_factor(unit_count: Counts | Floats) -> Floats:
    """C / (C - 1), nan for fewer than two units."""
    return np.where(unit_count > 1, unit_count / np.where(unit_count > 1, unit_count - 1, 1), np.nan)


def _deviation(code: ScoreFunction, base: Base, centre: Floats, cell: Index, score: Floats) -> Floats:
    return code(cell, score) - centre[cell] * base.within(cell, score)


def _summed(cell: Index, figures: Floats, length: int) -> Floats:
    """Sum of the figures of each cell; without figures there are only zeros, still no whole numbers."""
    return np.bincount(cell, figures, length).astype(np.float64)


def _counted(counts: dict[str, Counts], base: Base, length: int) -> Counts:
    return counts.get(base.name, np.zeros(length, dtype=np.int64))


def _effective(
    variance: Floats, squared_error: Floats, unit_count: Counts, is_clustered: npt.NDArray[np.bool_]
) -> Floats:
    """v / Var; the number of units where each has one answer, and where both are 0."""
    has_error = is_clustered & ~(squared_error <= 0)
    effective: Floats = np.divide(variance, squared_error, out=unit_count.astype(float), where=has_error)
    return effective
