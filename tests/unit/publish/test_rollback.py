"""A release is taken back: readers get an earlier one again, and everybody can see who wanted that."""

import json
from datetime import UTC, date, datetime

import duckdb
import pytest

from pipelines.gate.fingerprint import fingerprint
from pipelines.gate.tables import JUDGED_TABLES
from pipelines.publish.duckdb_file import FileFault, wal_of
from pipelines.publish.releases import PENDING, ROLLBACKS, current_release, nearest_earlier, read_releases
from pipelines.publish.rollback import CannotTakeBack
from pipelines.publish.settling import settle
from tests.unit.publish.conftest import SmallHome

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 1, day) for day in (5, 6, 7))
LATE_ORDER = "delete from marts.orders where order_key = 'o12'"


@pytest.fixture
def three_days(small_home: SmallHome) -> SmallHome:
    """Monday, Tuesday and Wednesday were published."""
    small_home.publish_day(MONDAY, LATE_ORDER)
    small_home.publish_day(TUESDAY)
    small_home.publish_day(WEDNESDAY)
    return small_home


def record_files(home: SmallHome) -> list[str]:
    return sorted(file.name for file in (home.paths.releases / ROLLBACKS).glob("*"))


def test_readers_get_the_tables_of_the_earlier_release_to_the_last_bit(small_home: SmallHome) -> None:
    first = small_home.publish_day(MONDAY, LATE_ORDER)
    small_home.publish_day(TUESDAY)
    small_home.roll_back("2026-01-05.1")
    with duckdb.connect(str(small_home.paths.warehouse_file), read_only=True) as reader:
        for table in JUDGED_TABLES:
            assert fingerprint(reader, "loyalty", table.name).digest == first.tables[table.name].fingerprint
    assert small_home.paths.warehouse_file.stat().st_mode & 0o777 == 0o444


def test_every_later_release_that_readers_saw_is_marked_with_who_and_why(three_days: SmallHome) -> None:
    three_days.roll_back("2026-01-05.1", by="Anna", reason="Orders of Bonn  twice")
    assert three_days.query(
        "select release_id, is_current, became_current, taken_back_at::text, taken_back_by, taken_back_reason "
        "from loyalty.releases order by 1"
    ) == [
        ("2026-01-05.1", True, True, None, None, None),
        ("2026-01-06.1", False, True, "2026-01-02 09:00:00", "Anna", "Orders of Bonn twice"),
        ("2026-01-07.1", False, True, "2026-01-02 09:00:00", "Anna", "Orders of Bonn twice"),
    ]
    assert three_days.query("select made_current_at::text from loyalty.releases where is_current") == [
        ("2026-01-02 09:00:00",)
    ]


def test_figures_of_a_release_that_was_taken_back_stay_in_the_history(three_days: SmallHome) -> None:
    three_days.roll_back("2026-01-05.1")
    assert three_days.query("select distinct release_id from loyalty.metric_history order by 1") == [
        ("2026-01-05.1",),
        ("2026-01-06.1",),
        ("2026-01-07.1",),
    ]


def test_no_later_run_is_compared_with_a_release_that_was_taken_back(three_days: SmallHome) -> None:
    three_days.roll_back("2026-01-05.1")
    releases = read_releases(three_days.paths.releases)
    nearest = nearest_earlier(releases, WEDNESDAY)
    assert nearest is not None
    assert nearest.release_id == "2026-01-05.1"
    again = three_days.publish_day(TUESDAY)
    assert (again.release_id, again.compared_with, again.became_current) == (
        "2026-01-06.2",
        "2026-01-05.1",
        True,
    )
    assert three_days.current() == "2026-01-06.2"


def test_a_taking_back_can_itself_be_taken_back(three_days: SmallHome) -> None:
    three_days.roll_back("2026-01-05.1")
    three_days.roll_back("2026-01-07.1")
    assert three_days.current() == "2026-01-07.1"
    assert three_days.query("select release_id from loyalty.releases where taken_back_at is not null") == [
        ("2026-01-06.1",)
    ]


def test_the_current_release_again_takes_nothing_back(three_days: SmallHome) -> None:
    three_days.roll_back("2026-01-07.1")
    assert three_days.current() == "2026-01-07.1"
    assert three_days.query("select count(taken_back_at) from loyalty.releases") == [(0,)]


def test_a_backfill_can_be_what_readers_get(small_home: SmallHome) -> None:
    small_home.publish_day(WEDNESDAY)
    backfill = small_home.publish_day(MONDAY, LATE_ORDER)
    small_home.roll_back(backfill.release_id)
    assert small_home.current() == "2026-01-05.1"
    assert small_home.query("select count(*) from loyalty.orders where order_key = 'o12'") == [(0,)]
    assert small_home.query("select release_id from loyalty.releases where taken_back_at is not null") == [
        ("2026-01-07.1",)
    ]


def test_an_unknown_release_is_refused_and_the_kept_ones_are_named(three_days: SmallHome) -> None:
    with pytest.raises(
        CannotTakeBack, match=r"^2026-01-04\.1 is not a release of this home\. Kept are: 2026-01-05"
    ):
        three_days.roll_back("2026-01-04.1")
    with pytest.raises(CannotTakeBack, match=r"^RELEASE is not a release"):
        three_days.roll_back("")
    assert record_files(three_days) == []


def test_a_release_that_is_no_longer_kept_is_refused(small_home: SmallHome) -> None:
    small_home.publish_day(MONDAY)
    small_home.publish_day(TUESDAY)
    small_home.publish_day(WEDNESDAY, keep_releases=2)
    with pytest.raises(
        CannotTakeBack, match=r"05\.1 is no longer kept\. Kept are: 2026-01-06\.1, 2026-01-07\.1\."
    ):
        small_home.roll_back("2026-01-05.1")
    assert small_home.current() == "2026-01-07.1"


@pytest.mark.parametrize(("by", "reason"), [("", "It is wrong."), ("Anna", " \n"), ("", "")])
def test_nobody_takes_back_without_a_name_and_a_reason(three_days: SmallHome, by: str, reason: str) -> None:
    with pytest.raises(CannotTakeBack, match=r"RELEASE=\.\.\. BY=\.\.\. REASON=\.\.\."):
        three_days.roll_back("2026-01-05.1", by=by, reason=reason)
    assert three_days.current() == "2026-01-07.1"


def test_a_kept_file_that_is_another_release_is_refused(three_days: SmallHome) -> None:
    kept = three_days.paths.release_file("2026-01-05.1")
    kept.unlink()
    kept.hardlink_to(three_days.paths.release_file("2026-01-06.1"))
    with pytest.raises(
        CannotTakeBack, match=r"does not hold what release 2026-01-05\.1 held: orders differs"
    ):
        three_days.roll_back("2026-01-05.1")
    assert three_days.current() == "2026-01-07.1"
    assert record_files(three_days) == []


def test_a_taking_back_that_fails_leaves_what_was_there_and_no_record(three_days: SmallHome) -> None:
    wal_of(three_days.paths.warehouse_file).touch()
    with pytest.raises(FileFault, match=r"treue\.duckdb\.wal lies beside"):
        three_days.roll_back("2026-01-05.1")
    wal_of(three_days.paths.warehouse_file).unlink()
    assert three_days.current() == "2026-01-07.1"
    assert record_files(three_days) == []


def test_a_run_killed_after_the_swap_of_a_taking_back_is_finished_by_the_next(three_days: SmallHome) -> None:
    three_days.roll_back("2026-01-05.1")
    [record] = (three_days.paths.releases / ROLLBACKS).glob("*.json")
    record.rename(record.with_name(record.name + PENDING))
    settle(three_days.paths)
    assert record_files(three_days) == ["000004.json"]
    current = current_release(read_releases(three_days.paths.releases))
    assert current is not None
    assert current.release_id == three_days.current() == "2026-01-05.1"


@pytest.mark.parametrize("wanted", ["2026-01-05.1", "2026-01-07.1"])
def test_a_run_killed_before_the_swap_of_a_taking_back_never_was(three_days: SmallHome, wanted: str) -> None:
    record = {
        "sequence": 4,
        "release_id": wanted,
        "taken_back": [],
        "at": datetime(2026, 1, 9, tzinfo=UTC).isoformat(),
        "by": "Anna",
        "reason": "It is wrong.",
        "run_id": "run-9",
    }
    folder = three_days.paths.releases / ROLLBACKS
    folder.mkdir()
    (folder / f"000004.json{PENDING}").write_text(json.dumps(record), encoding="utf-8")
    settle(three_days.paths)
    assert record_files(three_days) == []
    assert three_days.current() == "2026-01-07.1"


def test_the_release_that_was_taken_up_again_is_kept_however_old_it_is(small_home: SmallHome) -> None:
    small_home.publish_day(MONDAY)
    small_home.publish_day(TUESDAY)
    small_home.roll_back("2026-01-05.1")
    small_home.publish_day(date(2026, 1, 1), keep_releases=1)
    small_home.publish_day(date(2026, 1, 2), keep_releases=1)
    assert small_home.current() == "2026-01-05.1"
    assert sorted(file.name for file in small_home.paths.releases.glob("*.duckdb")) == [
        "2026-01-02.1.duckdb",
        "2026-01-05.1.duckdb",
    ]
