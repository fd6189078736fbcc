"""Confidence intervals, on arrays with one element per cell.

Here are the interval formulas of one sample that several metrics share; add one when a metric needs it. Those of
changes stand in `differences.py`. What a metric means, thresholds of publication and frames must stay out. An
element without observations gives nan, never a number.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special, stats
from statsmodels.stats.proportion import proportion_confint

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LOWEST_CI_LEVEL = 0.90
# Catalogue section 2: a looser interval invites reading noise as news.

T_BELOW_UNITS = 50
# Catalogue section 2: below 50 independent units the normal quantile is too narrow, t(C - 1) takes its place.


class Interval(NamedTuple):
    """Lower and upper end, one element per cell."""

    low: Floats
    high: Floats


class AdjustedWald(NamedTuple):
    """Centre and standard error of the adjusted Wald interval, in the unit of the scores."""

    centre: Floats
    std_error: Floats


class PseudoAnswers(NamedTuple):
    """Answers that are added for an interval or a test only: how many, their mean and their mean square.

    They draw the centre towards the middle of the scale and keep the error above 0 where all answered alike.
    """

    number: float
    mean: float | Floats
    mean_square: float | Floats


NET_PSEUDO_ANSWERS = PseudoAnswers(3, 0, 0.5)
# 0.75 at +1, 0.75 at -1 and 1.5 at 0 (Rocks 2016, adjusted Wald).

SHARE_PSEUDO_ANSWERS = PseudoAnswers(2, 0.5, 0.5)
# One yes and one no in each of two samples that are compared (Agresti & Caffo 2000).


def scale_pseudo_answers(low: Floats, high: Floats) -> PseudoAnswers:
    """The pseudo-answers of the net promoter score, laid on a scale: 0.75 at either end, 1.5 in the middle."""
    middle = (low + high) / 2
    return PseudoAnswers(3, middle, (low**2 + high**2 + 2 * middle**2) / 4)


def require_ci_level(ci_level: float) -> float:
    """Return the confidence level, or refuse one below 0.90 or not below 1."""
    if not LOWEST_CI_LEVEL <= ci_level < 1:
        raise ValueError(f"ci_level is {ci_level}: intervals need at least {LOWEST_CI_LEVEL} and less than 1")
    return ci_level


def normal_quantile(ci_level: float) -> float:
    """The two-sided standard normal quantile: 1.959964 at 0.95."""
    return float(stats.norm.ppf(0.5 + require_ci_level(ci_level) / 2))


def unit_quantile(unit_count: Counts, ci_level: float) -> Floats:
    """The quantile for a mean over independent units: of t(C - 1) below 50 of them, of the normal from there.

    nan where there are fewer than two units: one unit has no spread.
    """
    student = special.stdtrit(np.maximum(unit_count - 1, 1), 0.5 + require_ci_level(ci_level) / 2)
    quantile = np.where(unit_count < T_BELOW_UNITS, student, normal_quantile(ci_level))
    of_many: Floats = np.where(unit_count > 1, quantile, np.nan)
    return of_many


def proportion(success_count: Counts, total_count: Counts) -> Floats:
    """The share success_count / total_count, nan where the total is 0."""
    share: Floats = np.divide(
        success_count, total_count, out=np.full(len(total_count), np.nan), where=total_count > 0
    )
    return share


def proportion_std_error(success_count: Counts, total_count: Counts) -> Floats:
    """sqrt(p (1 - p) / n), nan where n is 0."""
    share = proportion(success_count, total_count)
    return np.sqrt(share * (1 - share) / np.where(total_count > 0, total_count, 1))


def wilson_interval(
    success_count: Counts | Floats,
    total_count: Counts | Floats,
    ci_level: float,
    quantile: Floats | None = None,
) -> Interval:
    """The score interval of a proportion, within [0, 1]; nan where the total is 0.

    For clustered or weighted answers total_count is their effective number, success_count the share of it, and
    `quantile` that of t where there are few clusters.
    Source: Wilson 1927; Newcombe 1998, Statistics in Medicine 17, 857-872, method 3.
    """
    alpha = 2 * stats.norm.sf(normal_quantile(ci_level) if quantile is None else quantile)
    low, high = proportion_confint(success_count, np.where(total_count > 0, total_count, 1), alpha, "wilson")
    # The formula gives 0 and 1 at the ends, floating point only almost: the share must not lie outside.
    low = np.where(success_count == 0, 0.0, np.clip(low, 0, 1))
    high = np.where(success_count == total_count, 1.0, np.clip(high, 0, 1))
    observed = (total_count > 0) & ~np.isnan(alpha)
    return Interval(np.where(observed, low, np.nan), np.where(observed, high, np.nan))


def simultaneous_level(class_count: int, ci_level: float) -> float:
    """The confidence of each of `class_count` intervals so that all of them hold together at `ci_level`."""
    return 1 - (1 - require_ci_level(ci_level)) / class_count


def goodman_interval(
    success_count: Counts | Floats, total_count: Counts | Floats, class_count: int, ci_level: float
) -> Interval:
    """Simultaneous interval of one of `class_count` shares of a distribution: all of them hold at `ci_level`.

    It is Wilson's interval at confidence 1 - (1 - ci_level) / class_count.
    Source: Goodman 1965, Technometrics 7, 247-254, with the chi-square of one degree of freedom at alpha / k.
    """
    return wilson_interval(success_count, total_count, simultaneous_level(class_count, ci_level))


def adjusted_wald_mean(mean: Floats, variance: Floats, n: Floats, pseudo: PseudoAnswers) -> AdjustedWald:
    """Centre and standard error of a mean of scores once pseudo-answers are added to the n of the sample.

    With n' = n + k: centre = (n mean + k mean_k) / n', error sqrt((s' - centre^2) / n') with s' the mean square of
    answers and pseudo-answers together. n is the effective number where answers are clustered or weighted.
    Source: Rocks 2016, The American Statistician 70(4), 365-372, for the codes -1, 0, 1; Agresti & Caffo 2000,
        The American Statistician 54(4), 280-288, for shares; catalogue 3.1.
    """
    adjusted_n = n + pseudo.number
    centre = (n * mean + pseudo.number * pseudo.mean) / adjusted_n
    mean_square = (n * (variance + mean**2) + pseudo.number * pseudo.mean_square) / adjusted_n
    return AdjustedWald(centre, np.sqrt(np.maximum(0.0, mean_square - centre**2) / adjusted_n))


def adjusted_wald(
    promoter_count: Counts | Floats, detractor_count: Counts | Floats, total_count: Counts | Floats
) -> AdjustedWald:
    """Centre and standard error of the adjusted Wald interval of the net promoter score, as net shares.

    n' = n + 3, P' = (p + 0.75)/n', D' = (d + 0.75)/n', centre P' - D', error sqrt((P' + D' - (P' -
    D')^2)/n').
    Source: Rocks 2016, The American Statistician 70(4), 365-372; catalogue 3.1.
    """
    answered = np.where(total_count > 0, total_count, 1)
    mean = (promoter_count - detractor_count) / answered
    variance = (promoter_count + detractor_count) / answered - mean**2
    return adjusted_wald_mean(mean, variance, np.asarray(total_count, dtype=float), NET_PSEUDO_ANSWERS)


def adjusted_wald_interval(
    promoter_count: Counts | Floats,
    detractor_count: Counts | Floats,
    total_count: Counts | Floats,
    ci_level: float,
    quantile: Floats | None = None,
) -> Interval:
    """Adjusted Wald interval of P - D, clipped to [-1, 1]; nan where the total is 0."""
    centre, std_error = adjusted_wald(promoter_count, detractor_count, total_count)
    margin = (normal_quantile(ci_level) if quantile is None else quantile) * std_error
    observed = total_count > 0
    return Interval(
        np.where(observed, np.clip(centre - margin, -1, 1), np.nan),
        np.where(observed, np.clip(centre + margin, -1, 1), np.nan),
    )


def influence_interval(value: Floats, std_error: Floats, unit_count: Counts, ci_level: float) -> Interval:
    """Value -+ q SE, with the quantile q of t(C - 1) below 50 independent units and of the normal from there.

    nan where there are fewer than two units: one unit has no spread.
    """
    margin = unit_quantile(unit_count, ci_level) * std_error
    return Interval(value - margin, value + margin)


def student_interval(mean: Floats, std_error: Floats, unit_count: Counts, ci_level: float) -> Interval:
    """Mean -+ t(C - 1) SE at every number of units C; nan where there are fewer than two."""
    quantile = special.stdtrit(np.maximum(unit_count - 1, 1), 0.5 + require_ci_level(ci_level) / 2)
    margin = np.where(unit_count > 1, quantile * std_error, np.nan)
    return Interval(mean - margin, mean + margin)


def median_ranks(n: Floats, ci_level: float) -> Floats:
    """The rank r so that the r-th answer from below and the r-th from above enclose the median.

    r - 1 is the largest number of answers below the median that is met with at most (1 - ci_level) / 2; 0 where n
    is too small for any. The interval holds at least at `ci_level`, on scales of few points usually far above.
    Source: Conover 1999, Practical Nonparametric Statistics, 3.2; David & Nagaraja 2003, Order Statistics, 7.1.
    """
    tail = (1 - require_ci_level(ci_level)) / 2
    rank = stats.binom.ppf(tail, np.floor(n), 0.5)
    # ppf gives the smallest k with P(B <= k) >= tail: the answers below it alone stay under the tail.
    return np.where(stats.binom.cdf(rank, np.floor(n), 0.5) <= tail, rank + 1, rank)


def feldt_interval(alpha: Floats, respondent_count: Floats, item_count: int, ci_level: float) -> Interval:
    """Interval of Cronbach's alpha for normal, tau-equivalent items; nan below two respondents or two items.

    With a the estimate and q = 1 - ci_level: 1 - (1 - a) F(1 - q/2; n - 1, (n - 1)(k - 1)) to
    1 - (1 - a) / F(1 - q/2; (n - 1)(k - 1), n - 1).
    Source: Feldt 1965, Psychometrika 30, 357-370; catalogue 3.5.
    """
    upper = 0.5 + require_ci_level(ci_level) / 2
    between = np.where(respondent_count > 1, respondent_count - 1, np.nan)
    within = between * (item_count - 1) if item_count > 1 else np.full_like(between, np.nan)
    low = 1 - (1 - alpha) * stats.f.ppf(upper, between, within)
    return Interval(low, 1 - (1 - alpha) / stats.f.ppf(upper, within, between))


def fisher_interval(correlation: Floats, n: Floats, ci_level: float) -> Interval:
    """Interval of a correlation by Fisher's z, with error 1 / sqrt(n - 3); nan below four observations.

    Source: Fisher 1921, Metron 1, 3-32.
    """
    # At 1 and -1 z is infinite, and both ends are the correlation itself.
    with np.errstate(divide="ignore", invalid="ignore"):
        margin = normal_quantile(ci_level) / np.sqrt(np.where(n > 3, n - 3, np.nan))
        z = np.arctanh(np.clip(correlation, -1, 1))
        return Interval(np.tanh(z - margin), np.tanh(z + margin))


def percentile_interval(replicates: Floats, ci_level: float) -> Interval:
    """Percentiles of a bootstrap's replicates (axis 0); nan where fewer than half of them have a value.

    Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 13.
    """
    tail = (1 - require_ci_level(ci_level)) / 2
    enough = np.isfinite(replicates).mean(axis=0) >= 0.5
    known = np.where(enough, replicates, 0.0)
    low, high = np.nanquantile(known, [tail, 1 - tail], axis=0)
    return Interval(np.where(enough, low, np.nan), np.where(enough, high, np.nan))


def wilson_interval_of_error(
    share: Floats, std_error: Floats, least_error_n: Floats, unit_count: Counts, ci_level: float
) -> Interval:
    """Wilson's interval of a share of money: with as many units as would give its standard error.

    n' = p (1 - p) / SE^2; where nothing varies, SE = 0, n' is `least_error_n`, Kish's (sum w)^2 / sum w^2, since
    that all of a few customers stayed does not prove that all do. t(C - 1) for z below 50 units; nan below two.
    Source: Wilson 1927, with the effective sample size of catalogue section 2.
    """
    variance = np.maximum(0.0, share * (1 - share))
    varies = (std_error > 0) & (variance > 0)
    n = np.where(varies, variance / np.where(varies, std_error, 1) ** 2, least_error_n)
    square = unit_quantile(unit_count, ci_level) ** 2
    centre = (share + square / (2 * n)) / (1 + square / n)
    margin = np.sqrt(square * variance / n + square**2 / (4 * n**2)) / (1 + square / n)
    observed = unit_count > 1
    low, high = np.minimum(share, centre - margin), np.maximum(share, centre + margin)
    return Interval(
        np.where(observed, np.clip(low, 0, 1), np.nan), np.where(observed, np.clip(high, 0, 1), np.nan)
    )
