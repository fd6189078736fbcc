"""Freireich et al. 1963: weeks of remission under 6-mercaptopurine and under placebo, 21 patients each.

Source: Freireich et al. 1963, Blood 21, 699-716; the curve and its errors as the metric catalogue prints them (4.7)
and as Kleinbaum & Klein 2012, Survival Analysis, chapter 2, do; their log-rank statistic is 16.79.
"""

import numpy as np
import pytest

from pipelines.metrics.purchases.kaplan_meier import Tenures, kaplan_meier, log_rank, median_days

# A negative week is one after which the patient was no longer watched.
TREATED = (6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35)
PLACEBO = (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)

PRINTED = [
    (6, 21, 3, 0.8571, 0.0764),
    (7, 17, 1, 0.8067, 0.0869),
    (10, 15, 1, 0.7529, 0.0963),
    (13, 12, 1, 0.6902, 0.1068),
    (16, 11, 1, 0.6275, 0.1141),
    (23, 6, 1, 0.4482, 0.1346),
]


def remissions(weeks: tuple[int, ...]) -> Tenures:
    told = np.array(weeks)
    return Tenures(np.full(len(told), -1), np.abs(told), told > 0, np.ones(len(told), dtype=np.int64))


@pytest.mark.parametrize(("week", "at_risk", "events", "share", "std_error"), PRINTED)
def test_the_curve_of_the_treated_is_the_printed_one(
    week: int, at_risk: int, events: int, share: float, std_error: float
) -> None:
    curve = kaplan_meier(remissions(TREATED), 0.95)
    (place,) = np.flatnonzero(curve.day == week)
    assert (curve.at_risk_count[place], curve.event_count[place]) == (at_risk, events)
    assert curve.share[place] == pytest.approx(share, abs=5e-5)
    assert curve.std_error[place] == pytest.approx(std_error, abs=5e-5)


def test_the_log_log_interval_of_week_10_is_the_printed_one() -> None:
    curve = kaplan_meier(remissions(TREATED), 0.95)
    (place,) = np.flatnonzero(curve.day == 10)
    assert curve.interval.low[place] == pytest.approx(0.5032, abs=5e-5)
    assert curve.interval.high[place] == pytest.approx(0.8894, abs=5e-5)


def test_half_of_the_treated_relapse_within_23_weeks_and_half_of_the_others_within_8() -> None:
    assert median_days(kaplan_meier(remissions(TREATED), 0.95))[0] == 23
    assert median_days(kaplan_meier(remissions(PLACEBO), 0.95))[0] == 8


def test_the_log_rank_statistic_is_the_published_one() -> None:
    test = log_rank([remissions(TREATED), remissions(PLACEBO)])
    assert test.degrees_of_freedom == 1
    assert test.chi_square == pytest.approx(16.79, abs=5e-3)
