"""How long customers go without an event: survival curves, their medians and means, and whether segments differ.

Here are the tables; the arithmetic is in `kaplan_meier`. Probabilities from purchase models must stay out.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from pipelines.metrics.inputs import refuse, require_columns, require_counts, require_unique
from pipelines.metrics.intervals import Interval, influence_interval
from pipelines.metrics.marts import TENURE_COUNTS
from pipelines.metrics.metric_row import (
    ALL,
    BELOW_MIN_DISCLOSED_N,
    Estimate,
    Metric,
    counts,
    metric_rows,
)
from pipelines.metrics.purchase_tables import SURVIVAL_CURVES, SURVIVAL_TESTS
from pipelines.metrics.purchases.kaplan_meier import (
    Curve,
    LogRank,
    Tenures,
    kaplan_meier,
    log_rank,
    median_days,
    restricted_mean_days,
)
from pipelines.settings import Definitions

HORIZON_DAYS = 365
# A year: no season is left out, and every company has watched it sooner or later.
EVENTS = ("second_purchase", "subscription_end")
NOTHING_TESTED = LogRank(float("nan"), 0, float("nan"))
GROUP_KEY = ["event", "segment_name", "segment_value"]


def survival_curves(tenure_counts: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Survival per event and segment.

    Meaning: which share of customers has gone without the event after so many days: without a second purchase since
        the first, without the end of the contract since its beginning.
    Formula: Kaplan-Meier, Greenwood's error, log-log interval; see `kaplan_meier`. Who has not met the event is
        censored on the run's day. Contracts that began before the history are watched from its start on.
    Input: `marts.tenure_counts`: event, segment_name, segment_value, entry_day (>= -1), exit_day (> entry_day),
        is_event, customer_count; one row per event, segment, span of days and whether the event happened.
    Output: the table `survival_curves`, one row per day on which a curve falls, begins or ends. A segment of fewer
        customers than `min_disclosed_n` has one row, with nulls and the reason.
    Left out: orders without a customer; all but the earliest contract that was watched of each customer.
    Known drawbacks: censoring is taken to tell nothing: if customers of late differ from those of old, the curve
        mixes both. Contracts that ended before the history are taken not to be known.
    Raises: ValueError for a missing column, a count that is none, an exit that is not after the entry.
    Source: Kaplan & Meier 1958; catalogue 3.10.
    """
    rows = []
    for key, tenures in _groups(_require_tenures(tenure_counts)):
        customer_count = int(tenures.customer_count.sum())
        if customer_count < definitions.min_disclosed_n:
            frame = pd.DataFrame({"tenure_days": [0], "suppression_reason": [BELOW_MIN_DISCLOSED_N]})
        else:
            frame = _curve_rows(kaplan_meier(tenures, definitions.ci_level))
        rows.append(frame.assign(**key, customer_count=customer_count))
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()
    table = table.reindex(columns=list(SURVIVAL_CURVES.column_names))
    for column in ("starts_after_days", "at_risk_count", "event_count"):
        table[column] = table[column].astype("Int64")
    return table.assign(ci_level=definitions.ci_level, ci_method="log_log")


def survival_tests(tenure_counts: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Log-rank tests between the values of each segment.

    Meaning: whether the values of a segment differ in how long customers go without the event, more than by chance.
    Formula: see `kaplan_meier.log_rank`; p from the chi-square distribution.
    Input: as for the curves.
    Output: the table `survival_tests`, one row per event and segment of the settings. Statistic and p are null with
        `one_group` where a segment has one value, `no_events` where nothing happened while two were watched, and
        `below_min_disclosed_n`.
    Left out: nothing; customers whose value is unknown are a group.
    Known drawbacks: p is unadjusted, and several segments are several tests. Curves that cross can differ much and
        the statistic little.
    Raises: ValueError as the curves do.
    Source: Mantel 1966; catalogue 3.10.
    """
    frame = _require_tenures(tenure_counts)
    rows = [
        {"event": event, "segment_name": segment, **_tested(part, definitions)}
        for (event, segment), part in frame[frame["segment_name"] != ALL].groupby(["event", "segment_name"])
    ]
    table = pd.DataFrame(rows, columns=list(SURVIVAL_TESTS.column_names))
    return table.assign(degrees_of_freedom=table["degrees_of_freedom"].astype("Int64"))


def survival(
    tenure_counts: pd.DataFrame, history_start: date, as_of_date: date, definitions: Definitions
) -> pd.DataFrame:
    """Median and restricted mean time to an event, per event and segment.

    Meaning: after how many days half of the customers have met the event; how many of the first 365 days a customer
        goes without it on average.
    Formula: `<event>_median_days` = the smallest t with S(t) <= 0.5, its interval from the days on which the log-log
        interval of S comes down to 0.5 (Brookmeyer & Crowley 1982). `<event>_restricted_mean_days` = area below S
        up to day 365, SE by Greenwood's terms, interval normal (t below 50 customers) within 0 and 365.
    Input: as for the curves; `history_start`, with which the period `all` begins.
    Output: tidy metric rows of grain all, two per event and segment, unit days; n is the number of customers.
        Null with `median_not_reached`, `interval_not_reached` (the upper end stays above a half),
        `horizon_not_reached` (nobody was watched for 365 days) or `beginning_not_observed` (the curve starts later).
    Left out: as for the curves.
    Known drawbacks: as for the curves. The median says nothing of those who never come back.
    Raises: ValueError as the curves do.
    Source: catalogue 3.10; Brookmeyer & Crowley 1982; Klein & Moeschberger 2003, section 4.5.
    """
    groups = list(_groups(_require_tenures(tenure_counts)))
    figures = pd.DataFrame(
        [
            {**key, "n": int(tenures.customer_count.sum()), **_times(tenures, definitions)}
            for key, tenures in groups
            if tenures.customer_count.sum() > 0
        ],
        columns=[*GROUP_KEY, "n", *(f"{what}_{part}" for what in ("median", "mean") for part in _PARTS)],
    ).assign(period_grain=ALL, period_start_date=pd.Timestamp(history_start))
    rows = []
    for event in EVENTS:
        cells = figures[figures["event"] == event].reset_index(drop=True)
        for what, name, definition, method in (
            ("median", "median_days", "first_day_at_or_below=0.5", "log_log_of_curve"),
            ("mean", "restricted_mean_days", f"horizon={HORIZON_DAYS}_days", "greenwood"),
        ):
            metric = Metric(f"{event}_{name}", "days", definition, method)
            rows.append(metric_rows(cells, metric, _estimate(cells, what), as_of_date, definitions))
    return pd.concat(rows, ignore_index=True)


_PARTS = ("value", "std_error", "low", "high", "reason")


def _require_tenures(tenure_counts: pd.DataFrame) -> pd.DataFrame:
    source = TENURE_COUNTS.source
    require_columns(tenure_counts, source, TENURE_COUNTS.columns)
    require_counts(tenure_counts, source, ("customer_count",))
    require_unique(tenure_counts, source, TENURE_COUNTS.key)
    is_wrong = (tenure_counts["entry_day"] < -1) | (tenure_counts["exit_day"] <= tenure_counts["entry_day"])
    refuse(tenure_counts, is_wrong, source, "have an exit_day that is not after their entry_day, -1 at least")
    refuse(tenure_counts, ~tenure_counts["event"].isin(EVENTS), source, f"have an event other than {EVENTS}")
    return tenure_counts.sort_values(list(TENURE_COUNTS.key), ignore_index=True)


def _groups(tenure_counts: pd.DataFrame) -> Iterator[tuple[dict[str, Any], Tenures]]:
    """The tenures of each event and segment value, with their key."""
    for values, part in tenure_counts.groupby(GROUP_KEY):
        yield dict(zip(GROUP_KEY, values, strict=True)), _tenures(part)


def _tenures(part: pd.DataFrame) -> Tenures:
    return Tenures(
        counts(part, "entry_day"),
        counts(part, "exit_day"),
        part["is_event"].to_numpy(dtype=bool),
        counts(part, "customer_count"),
    )


def _curve_rows(curve: Curve) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "tenure_days": curve.day,
            "starts_after_days": curve.starts_after if curve.starts_after >= 0 else pd.NA,
            "at_risk_count": curve.at_risk_count,
            "event_count": curve.event_count,
            "survival_share": curve.share,
            "std_error": curve.std_error,
            "ci_low": curve.interval.low,
            "ci_high": curve.interval.high,
            "suppression_reason": None,
        }
    )


def _tested(part: pd.DataFrame, definitions: Definitions) -> dict[str, Any]:
    groups = [_tenures(rows) for _, rows in part.groupby("segment_value")]
    customer_count = int(part["customer_count"].sum())
    event_count = int(part.loc[part["is_event"], "customer_count"].sum())
    said = {"group_count": len(groups), "customer_count": customer_count, "event_count": event_count}
    test = log_rank(groups) if len(groups) > 1 else NOTHING_TESTED
    reasons = "one_group" if len(groups) < 2 else "no_events" if test.degrees_of_freedom == 0 else None
    if customer_count < definitions.min_disclosed_n:
        test, reasons = NOTHING_TESTED, BELOW_MIN_DISCLOSED_N
    return {
        **said,
        "chi_square": test.chi_square,
        "degrees_of_freedom": test.degrees_of_freedom or None,
        "p_value": test.p_value,
        "suppression_reason": reasons,
    }


def _times(tenures: Tenures, definitions: Definitions) -> dict[str, Any]:
    """Median and restricted mean of one group, each with its interval, or the reason why there is none."""
    curve = kaplan_meier(tenures, definitions.ci_level)
    median, ends = median_days(curve)
    low, high = float(ends.low[0]), float(ends.high[0])
    mean, error = restricted_mean_days(curve, HORIZON_DAYS)
    customers = np.array([tenures.customer_count.sum()])
    margin = influence_interval(np.array([mean]), np.array([error]), customers, definitions.ci_level)
    median_reason = _late(curve) or _unreached(median, high)
    mean_reason = _late(curve) or _beyond(mean)
    mean_low = np.maximum(0.0, margin.low[0])
    mean_high = np.minimum(HORIZON_DAYS, margin.high[0])
    figures = {
        "median": (median, np.nan, low, high, median_reason),
        "mean": (mean, error, mean_low, mean_high, mean_reason),
    }
    return {
        f"{what}_{part}": figure
        for what, parts in figures.items()
        for part, figure in zip(_PARTS, parts, strict=True)
    }


def _late(curve: Curve) -> str | None:
    reasons = "beginning_not_observed"
    return reasons if curve.starts_after >= 0 else None


def _unreached(median: float, high: float) -> str | None:
    reasons = "median_not_reached" if np.isnan(median) else "interval_not_reached"
    return reasons if np.isnan(high) else None


def _beyond(mean: float) -> str | None:
    reasons = "horizon_not_reached"
    return reasons if np.isnan(mean) else None


def _estimate(cells: pd.DataFrame, what: str) -> Estimate:
    value, std_error, low, high = (
        cells[f"{what}_{part}"].to_numpy(dtype=np.float64) for part in _PARTS if part != "reason"
    )
    n = counts(cells, "n")
    unknown = np.full(len(n), np.nan)
    reason = cells[f"{what}_reason"].astype(object)
    return Estimate(
        value, std_error, Interval(low, high), n, unknown, reason.where(reason.notna(), None).to_numpy()
    )
