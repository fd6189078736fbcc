"""Kaplan-Meier on arrays: the edges of the curve, medians and means, late entry, the log-rank test."""

from collections.abc import Sequence

import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from pipelines.metrics.purchases.kaplan_meier import (
    Curve,
    Tenures,
    kaplan_meier,
    log_rank,
    median_days,
    restricted_mean_days,
)

Watched = tuple[int, int, bool, int]
# Entry day, exit day, whether the event ended it, how many customers.


def tenures(*watched: Watched) -> Tenures:
    entry, exit_, is_event, count = zip(*watched, strict=True)
    return Tenures(np.array(entry), np.array(exit_), np.array(is_event, dtype=bool), np.array(count))


def of_days(days: Sequence[int], events: Sequence[bool] | None = None) -> Tenures:
    """One customer per day, watched from the beginning."""
    happened = [True] * len(days) if events is None else events
    return tenures(*((-1, int(day), bool(event), 1) for day, event in zip(days, happened, strict=True)))


def curve(*watched: Watched) -> Curve:
    return kaplan_meier(tenures(*watched), 0.95)


def test_events_come_before_the_leaving_of_the_same_day() -> None:
    """One of two meets the event on day 5, the other leaves that day: half of two, and not all of one."""
    found = curve((-1, 5, True, 1), (-1, 5, False, 1))
    assert found.day.tolist() == [0, 5]
    assert found.at_risk_count.tolist() == [2, 2]
    assert found.share.tolist() == [1.0, 0.5]


def test_at_one_the_interval_is_one_and_at_nought_there_is_none() -> None:
    found = curve((-1, 3, True, 4), (-1, 7, True, 6))
    assert found.share.tolist() == [1.0, 0.6, 0.0]
    assert (found.std_error[0], found.interval.low[0], found.interval.high[0]) == (0, 1, 1)
    assert np.isnan([found.std_error[2], found.interval.low[2], found.interval.high[2]]).all()


def test_nobody_meeting_the_event_keeps_the_curve_at_one() -> None:
    found = curve((-1, 30, False, 9))
    assert (found.day.tolist(), found.share.tolist()) == ([0, 30], [1.0, 1.0])
    assert np.isnan(median_days(found)[0])


def test_an_event_on_the_first_day_counts() -> None:
    found = curve((-1, 0, True, 1), (-1, 9, False, 3))
    assert found.day.tolist() == [0, 9]
    assert found.share.tolist() == [0.75, 0.75]


@pytest.mark.parametrize("customers", range(2, 120, 2))
def test_the_median_is_reached_when_half_have_met_the_event(customers: int) -> None:
    """Whatever the product of fractions comes to: 24, 28, 30 and 38 give a share just above a half."""
    value, _ = median_days(kaplan_meier(of_days(range(1, customers + 1)), 0.95))
    assert value == customers / 2


def test_late_entrants_are_at_risk_from_the_day_after_their_entry() -> None:
    """Day 4: two from the beginning. Day 6: one of them left, and three who entered on day 5."""
    found = curve((-1, 4, True, 1), (-1, 6, True, 1), (5, 6, False, 1), (5, 8, True, 2))
    assert found.day.tolist() == [0, 4, 6, 8]
    assert found.at_risk_count.tolist() == [2, 2, 4, 2]
    assert found.share.tolist() == [1, 0.5, 0.375, 0]
    assert found.starts_after == -1


def test_a_risk_set_that_empties_early_lets_the_curve_start_later() -> None:
    """The one who was watched from the beginning is gone on day 2; the others are watched beyond day 10."""
    found = curve((-1, 2, True, 1), (10, 15, True, 1), (10, 20, False, 3))
    assert found.starts_after == 10
    assert found.day.tolist() == [10, 15, 20]
    assert found.at_risk_count.tolist() == [4, 4, 3]
    assert found.share.tolist() == [1, 0.75, 0.75]


def test_a_risk_set_that_dies_out_lets_the_curve_start_later_too() -> None:
    """On day 5 everybody at risk meets the event while another enters: nought would stay nought for ever."""
    found = curve((-1, 5, True, 2), (5, 9, True, 1), (5, 12, False, 1))
    assert (found.starts_after, found.share.tolist()) == (5, [1, 0.5, 0.5])


def test_customers_who_all_entered_late_are_told_from_their_entry_on() -> None:
    found = curve((7, 9, True, 1), (8, 12, False, 1))
    assert (found.starts_after, found.day.tolist(), found.at_risk_count.tolist()) == (
        7,
        [7, 9, 12],
        [1, 2, 1],
    )


def test_one_customer_makes_a_curve_and_none_makes_none() -> None:
    assert curve((-1, 4, True, 1)).share.tolist() == [1, 0]
    with pytest.raises(ValueError, match="at least one customer"):
        curve((-1, 4, True, 0))


def test_the_curve_is_that_of_statsmodels() -> None:
    generator = np.random.default_rng(3)
    days, events = generator.integers(0, 40, size=300), generator.random(300) < 0.6
    found = kaplan_meier(of_days(days.tolist(), events.tolist()), 0.95)
    theirs = SurvfuncRight(days, events)
    ours = np.searchsorted(found.day, theirs.surv_times)
    np.testing.assert_allclose(found.share[ours], theirs.surv_prob, rtol=1e-12)
    alive = theirs.surv_prob > 0
    np.testing.assert_allclose(found.std_error[ours][alive], theirs.surv_prob_se[alive], rtol=1e-9)


def test_the_curve_never_rises_and_lies_within_its_interval() -> None:
    generator = np.random.default_rng(4)
    for _ in range(50):
        size = int(generator.integers(1, 40))
        entry = generator.integers(-1, 10, size=size)
        watched = Tenures(
            entry,
            entry + generator.integers(1, 30, size=size),
            generator.random(size) < 0.5,
            generator.integers(1, 5, size=size),
        )
        found = kaplan_meier(watched, 0.95)
        assert (np.diff(found.share) <= 0).all()
        said = found.share > 0
        assert (found.interval.low[said] <= found.share[said] + 1e-12).all()
        assert (found.interval.high[said] >= found.share[said] - 1e-12).all()
        assert (found.share[:-1] > 0).all()


def test_the_restricted_mean_is_the_area_below_the_curve() -> None:
    """1 for 4 days, 0.5 for 6 days: 7. Var = A^2 d / (n (n - d)) = 3^2 x 1 / (2 x 1)."""
    found = curve((-1, 4, True, 1), (-1, 20, False, 1))
    assert restricted_mean_days(found, 10) == (7.0, pytest.approx(np.sqrt(4.5), rel=1e-12))


def test_without_leaving_the_restricted_mean_is_the_mean_of_the_shortened_times() -> None:
    days = np.array([1, 3, 3, 8, 20, 50, 400])
    mean, error = restricted_mean_days(kaplan_meier(of_days(days.tolist()), 0.95), 30)
    assert mean == pytest.approx(np.minimum(days, 30).mean(), rel=1e-12)
    assert error == pytest.approx(np.minimum(days, 30).std() / np.sqrt(7), rel=1e-12)


def test_a_curve_that_ends_before_the_horizon_has_no_restricted_mean() -> None:
    assert np.isnan(restricted_mean_days(curve((-1, 4, True, 1), (-1, 20, False, 1)), 21)).all()
    assert restricted_mean_days(curve((-1, 4, True, 2)), 21)[0] == 4


def test_groups_that_meet_the_event_alike_do_not_differ() -> None:
    group = of_days([3, 5, 9])
    test = log_rank([group, group])
    assert (test.chi_square, test.degrees_of_freedom) == (pytest.approx(0, abs=1e-20), 1)
    assert test.p_value == pytest.approx(1, abs=1e-9)


def test_three_groups_are_compared_as_statsmodels_compares_them() -> None:
    generator = np.random.default_rng(5)
    days = np.ceil(generator.exponential([30, 40, 60], size=(80, 3))).astype(int)
    events = generator.random((80, 3)) < 0.7
    groups = [of_days(days[:, place].tolist(), events[:, place].tolist()) for place in range(3)]
    chi_square, p_value = survdiff(days.ravel(), events.ravel(), np.tile([0, 1, 2], 80))
    test = log_rank(groups)
    assert test.degrees_of_freedom == 2
    assert test.chi_square == pytest.approx(chi_square, rel=1e-9)
    assert test.p_value == pytest.approx(p_value, rel=1e-9)


def test_without_an_event_or_an_overlap_there_is_nothing_to_compare() -> None:
    assert log_rank([tenures((-1, 5, False, 3)), tenures((-1, 9, False, 2))]).degrees_of_freedom == 0
    assert log_rank([tenures((-1, 5, True, 3)), tenures((10, 15, True, 2))]).degrees_of_freedom == 0
