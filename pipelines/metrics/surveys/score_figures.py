"""Shares, net shares and means of scores with their intervals and their changes between periods.

Here a ratio becomes a figure: which interval and which test go with which kind. The ratio and its errors stand in
`ratios.py`, the formulas of intervals and tests in `intervals.py` and `differences.py`; which scores count must stay
out.
"""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from pipelines.metrics.differences import (
    DifferenceTest,
    newcombe_interval,
    paired_correlation,
    wald_difference,
)
from pipelines.metrics.intervals import (
    NET_PSEUDO_ANSWERS,
    SHARE_PSEUDO_ANSWERS,
    Counts,
    Floats,
    Interval,
    PseudoAnswers,
    adjusted_wald_mean,
    normal_quantile,
    scale_pseudo_answers,
    simultaneous_level,
    student_interval,
    unit_quantile,
    wilson_interval,
)
from pipelines.metrics.metric_row import Change, Estimate
from pipelines.metrics.surveys.answers import Answers, Index
from pipelines.metrics.surveys.ratios import (
    ANSWERED,
    Base,
    Ratio,
    ScoreFunction,
    product_sum,
    ratio,
    small_sample_factor,
)
from pipelines.settings import Definitions

ONE_CUSTOMER = "one_customer_has_no_spread"

Figures = TypeVar("Figures", Floats, Counts)


def share_figure(
    answers: Answers,
    code: ScoreFunction,
    definitions: Definitions,
    base: Base = ANSWERED,
    class_count: int = 1,
) -> Estimate:
    """A share: Wilson's interval, Goodman's for one of several classes; Newcombe's interval for the change.

    The p of the change is that of the adjusted Wald test, with one yes and one no added to each wave: its size holds
    whatever the overlap of the waves, which that of the interval turned into a test does not.
    """
    level = definitions.ci_level
    is_by_unit = _is_by_unit(definitions)
    found = ratio(answers, code, base, by_unit=is_by_unit, of_sample=is_by_unit)
    interval = _wilson(found, level)
    published = interval if class_count == 1 else _wilson(found, simultaneous_level(class_count, level))
    waves = Waves(answers, found, definitions)
    change_interval = newcombe_interval(
        waves.before(found.mean),
        Interval(waves.before(interval.low), waves.before(interval.high)),
        found.mean,
        interval,
        waves.correlation(),
    )
    return _estimate(
        found, published, waves.change(change_interval, waves.adjusted(SHARE_PSEUDO_ANSWERS).p_value)
    )


def net_figure(answers: Answers, code: ScoreFunction, definitions: Definitions) -> Estimate:
    """A difference of two shares, the codes being -1, 0 and 1: adjusted Wald interval and test."""
    length = len(answers.cells)
    low, high = np.full(length, -1.0), np.full(length, 1.0)
    if _is_by_unit(definitions):
        return _mean_of_units(answers, code, low, high, definitions)
    found = ratio(answers, code)
    waves = Waves(answers, found, definitions)
    test = waves.adjusted(NET_PSEUDO_ANSWERS)
    interval = _adjusted_interval(found, NET_PSEUDO_ANSWERS, low, high, definitions.ci_level)
    return _estimate(found, interval, waves.change(_within(test.interval, 2 * low, 2 * high), test.p_value))


def mean_figure(
    answers: Answers, code: ScoreFunction, low: Floats, high: Floats, definitions: Definitions
) -> Estimate:
    """A mean of scores on a scale from `low` to `high`: adjusted Wald interval; the change by its plain error.

    The interval adds three answers that are spread over the scale: without them it misses the truth far too often
    where nearly all answer alike, and has no width where all do.
    """
    if _is_by_unit(definitions):
        return _mean_of_units(answers, code, low, high, definitions)
    found = ratio(answers, code, of_sample=True)
    waves = Waves(answers, found, definitions)
    interval = _adjusted_interval(found, scale_pseudo_answers(low, high), low, high, definitions.ci_level)
    return _estimate(found, interval, waves.change(*waves.plain()))


def times(factor: float, estimate: Estimate) -> Estimate:
    """The same figures in another unit, such as points of a hundred."""
    change = estimate.change
    if change is not None:
        change = replace(change, value=factor * change.value, interval=_times(factor, change.interval))
    return replace(
        estimate,
        value=factor * estimate.value,
        std_error=factor * estimate.std_error,
        interval=_times(factor, estimate.interval),
        change=change,
    )


def the_score(_cell: Index, score: Floats) -> Floats:
    """Counts a score as what it is."""
    return score


def interval_method(definitions: Definitions) -> str:
    """How intervals of means and net shares are made, as the rows name it."""
    return "student_t" if _is_by_unit(definitions) else "adjusted_wald"


@dataclass(frozen=True)
class Waves:
    """The ratio of every cell beside that of the period before.

    A cell without a period before is compared with itself, and its change is nan in the end.
    """

    answers: Answers
    found: Ratio
    definitions: Definitions

    def before(self, figures: Figures) -> Figures:
        """The figures of the period before."""
        place = self.answers.before
        return figures[np.where(place >= 0, place, np.arange(len(place)))]

    def change(self, interval: Interval, p_value: Floats) -> Change:
        """The raw difference; nan where the period before is missing or not disclosed."""
        found = self.found
        is_told = (self.answers.before >= 0) & (self._smaller() >= self.definitions.min_disclosed_n)
        return Change(
            value=np.where(is_told, found.mean - self.before(found.mean), np.nan),
            interval=interval,
            p_value=p_value,
            n_overlap=np.where(is_told, found.overlap_count, np.nan),
        )

    def correlation(self) -> Floats:
        """Of the two periods' shares, by the units that are in both."""
        found = self.found
        return paired_correlation(
            product_sum(self.answers.earlier, found.code, found.base, found.mean, self.before(found.mean)),
            self.before(found.weight),
            found.weight,
            np.sqrt(self.before(found.influence)),
            np.sqrt(found.influence),
        )

    def plain(self) -> DifferenceTest:
        """SE^2 = C/(C - 1) sum_c (u_c now - u_c before)^2 over the C units of either period.

        Without a common unit the periods are independent samples: SE^2 is the sum of their own.
        """
        found = self.found
        centre_before = self.before(found.mean)
        common = (
            found.influence + self.before(found.influence) - 2 * self._covariance(found.mean, centre_before)
        )
        apart = found.std_error**2 + self.before(found.std_error) ** 2
        return self._test(found.mean - centre_before, self._variance(common, apart))

    def adjusted(self, pseudo: PseudoAnswers) -> DifferenceTest:
        """The same once pseudo-answers are added to both periods, as units that are in no other period."""
        found = self.found
        overlaps = found.overlap_count > 0
        n = np.where(overlaps, found.n_of_influence, found.n_effective)
        n_before = np.where(overlaps, self.before(found.n_of_influence), self.before(found.n_effective))
        now = adjusted_wald_mean(found.mean, found.variance, n, pseudo)
        then = adjusted_wald_mean(self.before(found.mean), self.before(found.variance), n_before, pseudo)
        kept = n / (n + pseudo.number) * n_before / (n_before + pseudo.number)
        apart = now.std_error**2 + then.std_error**2
        common = apart - 2 * kept * self._covariance(now.centre, then.centre)
        return self._test(now.centre - then.centre, self._variance(common, apart))

    def _covariance(self, centre: Floats, centre_before: Floats) -> Floats:
        """Of the two periods' ratios, without C/(C - 1)."""
        found = self.found
        products = product_sum(self.answers.earlier, found.code, found.base, centre, centre_before)
        weights = found.weight * self.before(found.weight)
        return products / np.where(weights > 0, weights, np.nan)

    def _variance(self, common: Floats, apart: Floats) -> Floats:
        found = self.found
        either = found.unit_count + self.before(found.unit_count) - found.overlap_count
        return np.where(found.overlap_count > 0, small_sample_factor(either) * common, apart)

    def _smaller(self) -> Counts:
        return np.minimum(self.found.unit_count, self.before(self.found.unit_count))

    def _test(self, difference: Floats, variance: Floats) -> DifferenceTest:
        return wald_difference(difference, variance, self._smaller(), self.definitions.ci_level)


def _is_by_unit(definitions: Definitions) -> bool:
    return definitions.multiple_responses_policy == "mean_of_codes"


def _mean_of_units(
    answers: Answers, code: ScoreFunction, low: Floats, high: Floats, definitions: Definitions
) -> Estimate:
    """The mean of the units' own means: SE = s / sqrt(C), interval with t(C - 1), the change by its plain error."""
    found = ratio(answers, code, by_unit=True, of_sample=True)
    waves = Waves(answers, found, definitions)
    interval = student_interval(found.mean, found.std_error, found.unit_count, definitions.ci_level)
    return _estimate(found, _within(interval, low, high), waves.change(*waves.plain()))


def _estimate(found: Ratio, interval: Interval, change: Change) -> Estimate:
    reasons = np.full(len(found.mean), None, dtype=object)
    # Several answers of one customer: they say nothing about others.
    reasons[found.is_clustered & (found.unit_count == 1)] = ONE_CUSTOMER
    return Estimate(
        value=found.mean,
        std_error=found.std_error,
        interval=interval,
        n=found.unit_count,
        n_effective=found.n_effective,
        undefined_reason=reasons,
        change=change,
    )


def _quantile(found: Ratio, ci_level: float) -> Floats:
    """Of t(C - 1) for few clusters; the normal one where every unit has one answer."""
    return np.where(found.is_clustered, unit_quantile(found.unit_count, ci_level), normal_quantile(ci_level))


def _wilson(found: Ratio, ci_level: float) -> Interval:
    """Of the effective number of answers and their share of it; of plain counts where answers are independent."""
    n = found.n_effective
    successes = np.where(found.is_clustered, found.mean * n, found.mean * found.weight)
    return wilson_interval(np.nan_to_num(successes), np.nan_to_num(n), ci_level, _quantile(found, ci_level))


def _adjusted_interval(
    found: Ratio, pseudo: PseudoAnswers, low: Floats, high: Floats, ci_level: float
) -> Interval:
    """The adjusted Wald interval within the scale; of less than four answers it is made to hold the mean."""
    centre, std_error = adjusted_wald_mean(found.mean, found.variance, found.n_effective, pseudo)
    margin = _quantile(found, ci_level) * std_error
    around = Interval(np.minimum(centre - margin, found.mean), np.maximum(centre + margin, found.mean))
    return _within(around, low, high)


def _within(interval: Interval, low: Floats, high: Floats) -> Interval:
    return Interval(np.clip(interval.low, low, high), np.clip(interval.high, low, high))


def _times(factor: float, interval: Interval) -> Interval:
    return Interval(factor * interval.low, factor * interval.high)
