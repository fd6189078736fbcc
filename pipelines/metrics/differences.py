"""Differences between two samples that may share units: intervals and tests, on arrays with one element per cell.

Here is what a change between two waves needs, with the waves' common customers as a covariance or correlation of
the two estimates. Formulas of one sample stand in `intervals.py`; what is compared with what must stay out.
"""

from typing import NamedTuple

import numpy as np
from scipy import special, stats

from pipelines.metrics.intervals import (
    T_BELOW_UNITS,
    Counts,
    Floats,
    Interval,
    normal_quantile,
    unit_quantile,
)

EXACT_BELOW_DISCORDANT = 25
# Catalogue 3.3: below it the chi-square of McNemar's test is too rough, and the binomial takes its place.

PAIRED_CONTINUITY = 0.5
# Newcombe 1998 (paired data), method 10: taken off a positive sum of products before it becomes a correlation.


class DifferenceTest(NamedTuple):
    """Interval of a difference and the two-sided p of no difference, one element per cell."""

    interval: Interval
    p_value: Floats


def wald_difference(
    difference: Floats, variance: Floats, smaller_unit_count: Counts, ci_level: float
) -> DifferenceTest:
    """Interval and test of a difference by its standard error.

    Student's t with as many degrees of freedom as the smaller sample has units less one, where these are below 50;
    the normal distribution from there. A variance of 0 tells nothing: p and interval are nan.
    """
    std_error = np.sqrt(np.where(variance > 0, variance, np.nan))
    statistic = np.abs(difference) / std_error
    freedom = np.maximum(smaller_unit_count - 1, 1)
    tail = np.where(
        smaller_unit_count < T_BELOW_UNITS, special.stdtr(freedom, -statistic), special.ndtr(-statistic)
    )
    margin = unit_quantile(smaller_unit_count, ci_level) * std_error
    p_value = np.where(smaller_unit_count > 1, 2 * tail, np.nan)
    return DifferenceTest(Interval(difference - margin, difference + margin), p_value)


def newcombe_interval(
    before: Floats,
    before_interval: Interval,
    now: Floats,
    now_interval: Interval,
    correlation: Floats | float,
) -> Interval:
    """Interval of the difference of two shares, now - before, made of the Wilson intervals of each.

    low = d - sqrt(a^2 - 2 r a b + b^2), a = now - low of now, b = high of before - before; high likewise with the
    other ends. r = 0 is the interval of independent samples; with all units in both samples and the correlation of
    `paired_correlation` it is that of paired samples; between them it takes the correlation of the two estimates.
    Source: Newcombe 1998, Statistics in Medicine 17, 873-890, method 10 (independent) and 17, 2635-2650, method
        10 (paired); the same limits for any correlation: Zou & Donner 2008, Statistics in Medicine 27, 1693-1702.
    """
    difference = now - before
    down, up = now - now_interval.low, now_interval.high - now
    before_down, before_up = before - before_interval.low, before_interval.high - before
    below = down**2 - 2 * correlation * down * before_up + before_up**2
    above = up**2 - 2 * correlation * up * before_down + before_down**2
    return Interval(
        difference - np.sqrt(np.maximum(0.0, below)), difference + np.sqrt(np.maximum(0.0, above))
    )


def paired_correlation(
    product_sum: Floats, before_weight: Floats, now_weight: Floats, before_error: Floats, now_error: Floats
) -> Floats:
    """Correlation of two shares' estimates, from the sum of products of the common units' deviations.

    product_sum = sum over common units of (f_now - m_now) (f_before - m_before); half a unit is taken off where it
    is positive. With all units in both samples, n of them, it is Newcombe's phi with continuity correction:
    n product_sum = ad - bc of the table of both answers. 0 where a share is 0 or 1.
    """
    reduced = np.where(product_sum > 0, np.maximum(product_sum - PAIRED_CONTINUITY, 0), product_sum)
    scale = before_weight * now_weight * before_error * now_error
    correlation = np.divide(reduced, scale, out=np.zeros_like(reduced), where=scale > 0)
    return np.clip(correlation, -1, 1)


def mcnemar_p_value(lost_count: Counts, gained_count: Counts) -> Floats:
    """Two-sided p of no change from the discordant pairs: exact below 25 of them, else chi-square; nan without.

    Source: McNemar 1947, Psychometrika 12, 153-157; the exact form is the binomial test of one half.
    """
    discordant = lost_count + gained_count
    exact = np.minimum(1.0, 2 * stats.binom.cdf(np.minimum(lost_count, gained_count), discordant, 0.5))
    rough = stats.chi2.sf((lost_count - gained_count) ** 2 / np.maximum(discordant, 1), 1)
    p_value = np.where(discordant < EXACT_BELOW_DISCORDANT, exact, rough)
    return np.where(discordant > 0, p_value, np.nan)


def ratio_interval(
    count: Counts, total_count: Counts, base_count: Counts, base_total_count: Counts, ci_level: float
) -> tuple[Floats, Interval]:
    """Ratio of two independent shares with its interval by the logarithm; nan where a count is 0.

    ln R -+ z sqrt(1/a - 1/n_a + 1/b - 1/n_b) for R = (a / n_a) / (b / n_b); nan, too, where both shares are 1: they
    leave no spread.
    Source: Katz, Baptista, Azen & Pike 1978, Biometrics 34, 469-474.
    """
    has_spread = (count > 0) & (base_count > 0) & ((count < total_count) | (base_count < base_total_count))
    a, b, n_a, n_b = (
        np.where(has_spread, each, np.nan) for each in (count, base_count, total_count, base_total_count)
    )
    ratio: Floats = (a / n_a) / (b / n_b)
    factor = np.exp(normal_quantile(ci_level) * np.sqrt(1 / a - 1 / n_a + 1 / b - 1 / n_b))
    return ratio, Interval(ratio / factor, ratio * factor)
