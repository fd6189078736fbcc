"""Confidence intervals, on arrays with one element per cell.

Here are the interval formulas that several metrics share; add one when a metric needs it. What a metric
means, thresholds of publication and frames must stay out. An element without observations gives nan, never a
number.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LOWEST_CI_LEVEL = 0.90
# Catalogue section 2: a looser interval invites reading noise as news.

T_BELOW_UNITS = 50
# Catalogue section 2: below 50 independent units the normal quantile is too narrow, t(C - 1) takes its place.

NPS_PSEUDO_COUNT = 0.75
# Added to promoters and to detractors, and 1.5 to passives: 3 in all (Rocks 2016, adjusted Wald).


class Interval(NamedTuple):
    """Lower and upper end, one element per cell."""

    low: Floats
    high: Floats


class AdjustedWald(NamedTuple):
    """Centre and standard error of the adjusted Wald interval, as net shares (not points)."""

    centre: Floats
    std_error: Floats


def require_ci_level(ci_level: float) -> float:
    """Return the confidence level, or refuse one below 0.90 or not below 1."""
    if not LOWEST_CI_LEVEL <= ci_level < 1:
        raise ValueError(f"ci_level is {ci_level}: intervals need at least {LOWEST_CI_LEVEL} and less than 1")
    return ci_level


def normal_quantile(ci_level: float) -> float:
    """The two-sided standard normal quantile: 1.959964 at 0.95."""
    return float(stats.norm.ppf(0.5 + require_ci_level(ci_level) / 2))


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


def wilson_interval(success_count: Counts, total_count: Counts, ci_level: float) -> Interval:
    """The score interval of a proportion, within [0, 1]; nan where the total is 0.

    Source: Wilson 1927; Newcombe 1998, Statistics in Medicine 17, 857-872, method 3.
    """
    alpha = 1 - require_ci_level(ci_level)
    low, high = proportion_confint(success_count, np.where(total_count > 0, total_count, 1), alpha, "wilson")
    # The formula gives 0 and 1 at the ends, floating point only almost: the share must not lie outside.
    low = np.where(success_count == 0, 0.0, np.clip(low, 0, 1))
    high = np.where(success_count == total_count, 1.0, np.clip(high, 0, 1))
    observed = total_count > 0
    return Interval(np.where(observed, low, np.nan), np.where(observed, high, np.nan))


def goodman_interval(
    success_count: Counts, total_count: Counts, class_count: int, ci_level: float
) -> Interval:
    """Simultaneous interval of one of `class_count` shares of a distribution: all of them hold at `ci_level`.

    It is Wilson's interval at confidence 1 - (1 - ci_level) / class_count.
    Source: Goodman 1965, Technometrics 7, 247-254, with the chi-square of one degree of freedom at alpha / k.
    """
    alpha = 1 - require_ci_level(ci_level)
    return wilson_interval(success_count, total_count, 1 - alpha / class_count)


def adjusted_wald(promoter_count: Counts, detractor_count: Counts, total_count: Counts) -> AdjustedWald:
    """Centre and standard error of the adjusted Wald interval of the net promoter score.

    n' = n + 3, P' = (p + 0.75)/n', D' = (d + 0.75)/n', centre P' - D', error sqrt((P' + D' - (P' -
    D')^2)/n').
    Source: Rocks 2016, The American Statistician 70(4), 365-372; catalogue 3.1.
    """
    adjusted_total = total_count + 4 * NPS_PSEUDO_COUNT
    promoter_share = (promoter_count + NPS_PSEUDO_COUNT) / adjusted_total
    detractor_share = (detractor_count + NPS_PSEUDO_COUNT) / adjusted_total
    centre = promoter_share - detractor_share
    variance = np.maximum(0.0, promoter_share + detractor_share - centre**2)
    return AdjustedWald(centre, np.sqrt(variance / adjusted_total))


def adjusted_wald_interval(
    promoter_count: Counts, detractor_count: Counts, total_count: Counts, ci_level: float
) -> Interval:
    """Adjusted Wald interval of P - D, clipped to [-1, 1]; nan where the total is 0."""
    centre, std_error = adjusted_wald(promoter_count, detractor_count, total_count)
    margin = normal_quantile(ci_level) * std_error
    observed = total_count > 0
    return Interval(
        np.where(observed, np.clip(centre - margin, -1, 1), np.nan),
        np.where(observed, np.clip(centre + margin, -1, 1), np.nan),
    )


def influence_interval(value: Floats, std_error: Floats, unit_count: Counts, ci_level: float) -> Interval:
    """Value -+ q SE, with the quantile q of t(C - 1) below 50 independent units and of the normal from there.

    nan where there are fewer than two units: one unit has no spread.
    """
    freedom = np.maximum(unit_count - 1, 1)
    student = stats.t.ppf(0.5 + require_ci_level(ci_level) / 2, freedom)
    quantile = np.where(unit_count < T_BELOW_UNITS, student, normal_quantile(ci_level))
    margin = np.where(unit_count > 1, quantile * std_error, np.nan)
    return Interval(value - margin, value + margin)
