"""The build is of one day, of explicit files, and refuses steps of another day."""

from datetime import date, datetime

import duckdb
import pytest

from pipelines.ingest.lake import lake_files, lake_hash
from pipelines.settings import Settings
from pipelines.transform.build import WrongBuild, create_build, end_of_day, open_build
from pipelines.transform.periods import Period, periods
from tests.conftest import SECRET, Home
from tests.unit.ingest.test_bad_input import GOOD, HEADER, ORDERS

DAY = date(2025, 12, 31)


def build(home: Home, settings: Settings) -> None:
    files = lake_files(home.paths, settings, SECRET)
    create_build(home.paths.build_file, DAY, "then", settings, files, lake_hash(files))


def test_raw_tables_hold_the_committed_files_and_kinds_that_nobody_declares_are_typed_and_empty(
    home: Home,
) -> None:
    settings = home.settings(ORDERS)
    home.land("orders/a.csv", HEADER + GOOD)
    home.ingest(settings)
    stray = home.paths.lake / "raw" / "orders" / "shop_orders" / "left_by_a_killed_run.parquet"
    stray.write_bytes(b"half a file")
    build(home, settings)
    with open_build(home.paths.build_file, DAY, settings, read_only=True) as connection:
        assert connection.execute("select count(*) from raw.orders").fetchall() == [(1,)]
        assert connection.execute("select count(*) from raw.survey_answers").fetchall() == [(0,)]
        described = dict(row[:2] for row in connection.execute("describe raw.order_lines").fetchall())
        assert described["line_amount"] == "DECIMAL(18,4)"
        run = connection.execute("select as_of_end, known_until from context.run").fetchall()
        assert run == [(datetime(2025, 12, 31, 23, 0), date(2026, 1, 1))]


def test_a_step_of_another_day_or_of_other_settings_is_refused_and_told_what_to_start(home: Home) -> None:
    settings = home.settings(ORDERS)
    with (
        pytest.raises(WrongBuild, match="no run has made a build"),
        open_build(home.paths.build_file, DAY, settings),
    ):
        pass
    build(home, settings)
    other = date(2025, 12, 30)
    with (
        pytest.raises(WrongBuild, match=r"is of 2025-12-31.*Start the job `nightly` for 2025-12-30"),
        open_build(home.paths.build_file, other, settings),
    ):
        pass
    changed = home.settings(ORDERS + "settings: {min_publishable_n: 50}\n")
    with pytest.raises(WrongBuild, match="other settings"), open_build(home.paths.build_file, DAY, changed):
        pass


def test_a_path_with_a_quote_is_registered(home: Home) -> None:
    settings = home.settings(ORDERS)
    home.land("orders/it's.csv", HEADER + GOOD)
    home.ingest(settings)
    build(home, settings)
    with duckdb.connect(str(home.paths.build_file)) as connection:
        assert connection.execute("select path from context.files").fetchall() == [("orders/it's.csv",)]


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        (date(2026, 3, 28), "Europe/Berlin", datetime(2026, 3, 28, 23, 0)),
        (date(2026, 3, 29), "Europe/Berlin", datetime(2026, 3, 29, 22, 0)),
        (date(2026, 10, 25), "Europe/Berlin", datetime(2026, 10, 25, 23, 0)),
        (date(2026, 1, 1), "America/New_York", datetime(2026, 1, 2, 5, 0)),
    ],
)
def test_the_day_ends_at_local_midnight_in_summer_and_winter(
    day: date, zone: str, expected: datetime
) -> None:
    assert end_of_day(day, zone) == expected


def test_periods_are_calendar_months_and_quarters_complete_once_their_last_day_is_over() -> None:
    found = list(periods(date(2025, 11, 15), date(2026, 1, 31)))
    months = [p for p in found if p.grain == "month"]
    assert [(p.start, p.is_complete) for p in months] == [
        (date(2025, 11, 1), True),
        (date(2025, 12, 1), True),
        (date(2026, 1, 1), True),
    ]
    quarters = [(p.start, p.end, p.is_complete) for p in found if p.grain == "quarter"]
    assert quarters == [
        (date(2025, 10, 1), date(2026, 1, 1), True),
        (date(2026, 1, 1), date(2026, 4, 1), False),
    ]
    assert found[-1] == Period("all", date(2025, 11, 15), date(2026, 2, 1), is_complete=True)
