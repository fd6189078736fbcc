"""What a release states otherwise than the one before is counted, and the largest of it is named."""

import json
from datetime import date

from tests.unit.publish.conftest import SmallHome

YEAR_END = date(2025, 12, 31)
NEW_YEAR = date(2026, 1, 1)


def figure(value: str, *, grain: str = "month", start: str = "2025-02-01") -> str:
    """A statement that makes the net promoter score of one period."""
    return (
        "insert into metrics.metric_values by name select * replace ("
        f"'{grain}' as period_grain, date '{start}' as period_start_date, {value} as value) from "
        "(from metrics.metric_values where metric = 'nps_points' and period_grain = 'all' limit 1)"
    )


def restated(home: SmallHome, release_id: str) -> tuple[object, ...]:
    [(count, largest)] = home.query(
        f"select restated_count, restated from loyalty.releases where release_id = '{release_id}'"
    )
    return count, json.loads(str(largest)) if largest is not None else None


def test_the_first_release_restates_nothing_and_says_that_it_could_not(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    assert restated(small_home, "2025-12-31.1") == (None, None)


def test_equal_figures_are_not_restated(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END, figure("12.5"))
    small_home.publish_day(YEAR_END, figure("12.5"))
    assert restated(small_home, "2025-12-31.2") == (0, [])


def test_a_figure_of_a_period_that_was_over_is_restated_with_both_values(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END, figure("12.5"), figure("7", start="2025-03-01"))
    small_home.publish_day(NEW_YEAR, figure("10.0"), figure("null", start="2025-03-01"))
    count, largest = restated(small_home, "2026-01-01.1")
    assert count == 2
    assert isinstance(largest, list)
    assert [
        (each["figure"]["period_start_date"], each["value_before"], each["value"]) for each in largest
    ] == [
        ("2025-03-01", 7, None),
        ("2025-02-01", 12.5, 10),
    ]
    assert largest[0]["figure"]["metric"] == "nps_points"


def test_a_period_that_goes_on_is_restated_only_between_releases_of_one_day(small_home: SmallHome) -> None:
    running = "update metrics.metric_values set value = value + 1 where period_grain = 'all' and metric = 'nps_points'"
    small_home.publish_day(date(2025, 12, 30), figure("3", start="2025-12-01"))
    small_home.publish_day(YEAR_END, figure("4", start="2025-12-01"), running)
    assert restated(small_home, "2025-12-31.1") == (0, [])
    small_home.publish_day(YEAR_END, figure("5", start="2025-12-01"))
    count, _ = restated(small_home, "2025-12-31.2")
    assert isinstance(count, int)
    assert count >= 2


def test_what_is_only_rounded_otherwise_is_not_restated(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END, figure("0.1 + 0.2::double"))
    small_home.publish_day(NEW_YEAR, figure("0.3::double + 1e-14"))
    assert restated(small_home, "2026-01-01.1") == (0, [])
