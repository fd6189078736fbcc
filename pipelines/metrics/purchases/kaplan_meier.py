"""Survival from numbers of customers by entry, exit and event: the curve, its median and mean, the log-rank test.

Here is the arithmetic on arrays, for one group or several. What an event is, frames, and thresholds of publication
must stay out. A tenure is in whole days; customers were watched over the days (entry, exit], with -1 as the entry
of those who were watched from the beginning.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from pipelines.metrics.intervals import Counts, Floats, Interval, normal_quantile

MEDIAN_SHARE = 0.5 + 1e-9
# The product of fractions gives 0.5000000000000001 for 24, 28, 30 or 38 customers: one event too late without it.


@dataclass(frozen=True)
class Tenures:
    """Numbers of customers by the days over which they were watched, one element per kind of customer."""

    entry_day: Counts
    exit_day: Counts
    is_event: npt.NDArray[np.bool_]
    customer_count: Counts

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Tenures":
        """The chosen kinds."""
        return Tenures(
            self.entry_day[chosen], self.exit_day[chosen], self.is_event[chosen], self.customer_count[chosen]
        )


@dataclass(frozen=True)
class Curve:
    """Survival after each day, of those who came beyond `starts_after` (-1: of all)."""

    starts_after: int
    day: Counts
    at_risk_count: Counts
    event_count: Counts
    share: Floats
    std_error: Floats
    interval: Interval
    log_variance: Floats
    # Greenwood's sum of d / (n (n - d)), the variance of the logarithm of the share.


@dataclass(frozen=True)
class LogRank:
    """Whether groups differ; nan where nothing can be compared."""

    chi_square: float
    degrees_of_freedom: int
    p_value: float


def at_risk(tenures: Tenures, days: Counts) -> Counts:
    """Customers watched on each day without the event before it: entry < day <= exit."""
    return _count_below(tenures.entry_day, tenures, days) - _count_below(tenures.exit_day, tenures, days)


def events_on(tenures: Tenures, days: Counts) -> Counts:
    """Events on each of these days, which ascend."""
    happened = tenures.where(tenures.is_event)
    counts = np.zeros(len(days), dtype=np.int64)
    place = np.searchsorted(days, happened.exit_day)
    is_there = place < len(days)
    is_there[is_there] = days[place[is_there]] == happened.exit_day[is_there]
    np.add.at(counts, place[is_there], happened.customer_count[is_there])
    return counts


def kaplan_meier(tenures: Tenures, ci_level: float) -> Curve:
    """The product-limit estimate, with Greenwood's error and the log-log interval.

    Formula: S(t) = prod over t_i <= t of (1 - d_i / n_i), d_i events on day t_i, n_i watched on it: whoever left
        without an event on that day was still there. SE = S sqrt(sum d / (n (n - d))); interval S^exp(+-z se /
        |ln S|) with se the root. At S = 1 the interval is [1, 1]; at S = 0 error and interval are nan.
    Output: the days on which S falls, with the first and the last day that were watched. Where nobody is left to
        watch and others enter later, the curve starts later, and S is that of tenures beyond `starts_after`.
    Raises: ValueError without any customer.
    Source: Kaplan & Meier 1958, JASA 53, 457-481; Greenwood 1926; catalogue 3.10.
    """
    if tenures.customer_count.sum() < 1:
        raise ValueError("a survival curve needs at least one customer")
    starts_after = _start(tenures)
    watched = tenures.where(tenures.exit_day > starts_after)
    first, last = max(starts_after, 0), int(watched.exit_day.max())
    day = np.unique(np.concatenate([[first], watched.exit_day[watched.is_event], [last]])).astype(np.int64)
    event_count = events_on(watched, day)
    risk = at_risk(watched, day)
    if starts_after >= 0:
        # Nobody is asked on that day itself: those are at risk who are there after it.
        risk[0] = at_risk(watched, day[:1] + 1)[0]
    survivors = risk - event_count
    share: Floats = np.cumprod(survivors / risk, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_variance = np.cumsum(event_count / (risk * survivors.astype(float)))
    log_variance = np.where(share > 0, log_variance, np.nan).astype(np.float64)
    std_error = share * np.sqrt(log_variance)
    interval = _log_log(share, log_variance, ci_level)
    return Curve(starts_after, day, risk, event_count, share, std_error, interval, log_variance)


def median_days(curve: Curve) -> tuple[float, Interval]:
    """The first day on which half have met the event, and the days on which the interval's ends say so.

    nan where the curve, or an end of its interval, does not come down to a half.
    Source: Brookmeyer & Crowley 1982, Biometrics 38, 29-41.
    """
    value, low, high = (
        float(curve.day[share <= MEDIAN_SHARE][0]) if (share <= MEDIAN_SHARE).any() else np.nan
        for share in (curve.share, curve.interval.low, curve.interval.high)
    )
    return value, Interval(np.array([low]), np.array([high]))


def restricted_mean_days(curve: Curve, horizon_days: int) -> tuple[float, float]:
    """Mean time without the event within the horizon, and its standard error; nan where the curve ends before.

    Formula: the area A below the curve up to the horizon; Var = sum over t_i of A_i^2 d_i / (n_i (n_i - d_i)),
        A_i the area from t_i on. Of a curve that starts later, time counts from its start.
    Source: Klein & Moeschberger 2003, Survival Analysis, 2nd edition, section 4.5.
    """
    if curve.day[-1] < horizon_days and curve.share[-1] > 0:
        return np.nan, np.nan
    within = curve.day < horizon_days
    width = np.diff(np.append(curve.day[within], horizon_days))
    area_from = np.cumsum((curve.share[within] * width)[::-1])[::-1]
    events, risk = curve.event_count[within], curve.at_risk_count[within]
    survivors = risk - events
    # Where nobody survives no area is left either.
    parts = np.divide(area_from**2 * events, risk * survivors, out=np.zeros(len(events)), where=survivors > 0)
    return float(area_from[0]) if len(area_from) else 0.0, float(np.sqrt(parts.sum()))


def log_rank(groups: list[Tenures]) -> LogRank:
    """The log-rank test of several groups, also of groups that were watched late.

    Formula: U_j = sum over days of d_j - d n_j / n; chi-square = U' V^- U with V the sum of the hypergeometric
        covariances d (n - d) / (n - 1) (diag(n_j / n) - n_j n_k / n^2); degrees of freedom are the rank of V.
    Source: Mantel 1966; Peto & Peto 1972, JRSS A 135, 185-207.
    """
    day = np.unique(np.concatenate([group.exit_day[group.is_event] for group in groups]))
    risk = np.array([at_risk(group, day) for group in groups], dtype=np.float64)
    events = np.array([events_on(group, day) for group in groups], dtype=np.float64)
    all_risk, all_events = risk.sum(axis=0), events.sum(axis=0)
    part = np.divide(risk, all_risk, out=np.zeros_like(risk), where=all_risk > 0)
    excess = (events - all_events * part).sum(axis=1)
    weight = all_events * (all_risk - all_events) / np.maximum(all_risk - 1, 1)
    covariance = np.diag((weight * part).sum(axis=1)) - (weight * part) @ part.T
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    if rank == 0:
        return LogRank(np.nan, 0, np.nan)
    chi_square = float(excess @ np.linalg.pinv(covariance, hermitian=True) @ excess)
    return LogRank(chi_square, rank, float(stats.chi2.sf(chi_square, rank)))


def _count_below(days_of_kinds: Counts, tenures: Tenures, days: Counts) -> Counts:
    """Customers of the kinds whose day lies before each of the days."""
    order = np.argsort(days_of_kinds, kind="stable")
    running = np.concatenate([[0], np.cumsum(tenures.customer_count[order])])
    counted: Counts = running[np.searchsorted(days_of_kinds[order], days, side="left")].astype(np.int64)
    return counted


def _start(tenures: Tenures) -> int:
    """The tenure beyond which somebody was watched at every time up to the end, and not all of them gone."""
    day = np.unique(tenures.exit_day)[:-1]
    risk, left = at_risk(tenures, day), at_risk(tenures, day + 1)
    emptied = day[(left == 0) | (events_on(tenures, day) == risk)]
    start = int(emptied.max()) if len(emptied) else -1
    later = tenures.exit_day > start
    return max(start, int(tenures.entry_day[later].min()))


def _log_log(share: Floats, log_variance: Floats, ci_level: float) -> Interval:
    quantile = normal_quantile(ci_level)
    is_inner = (share > 0) & (share < 1)
    inner = np.where(is_inner, share, 0.5)
    spread = np.exp(quantile * np.sqrt(np.where(is_inner, log_variance, 0)) / np.abs(np.log(inner)))
    ends = np.where(share > 0, 1.0, np.nan)
    return Interval(np.where(is_inner, inner**spread, ends), np.where(is_inner, inner ** (1 / spread), ends))
