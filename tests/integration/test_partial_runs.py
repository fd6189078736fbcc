"""Runs beside the nightly one: of another day, of one step, at the same time, and readers while one goes on."""

import csv
import stat
import struct
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd

from pipelines.gate.tables import JUDGED_TABLES
from tests.integration.homes import NightlyHome
from tests.integration.journeys import EARLIER_DAY, LATE_FILE, Backfilled

STORAGE_OF_1_4 = 67
# DuckDB's number of the storage version that its clients from 1.4.0 on can read.
LAST_QUARTER = "2025-07-01"
# Complete on EARLIER_DAY; some of its orders came late.


def buyers(home: NightlyHome, *, with_late_file: bool) -> int:
    """Customers with a purchase in the quarter, counted in the extracts themselves."""
    found = set()
    for file in (home.paths.landing / "bestellungen").iterdir():
        if file.name == Path(LATE_FILE).name and not with_late_file:
            continue
        with file.open(encoding="cp1252", newline="") as handle:
            for row in csv.DictReader(handle, delimiter=";"):
                day = datetime.strptime(row["Bestelldatum"], "%d.%m.%Y %H:%M").date().isoformat()
                is_purchase = row["Status"] in ("bezahlt", "teilweise erstattet")
                if LAST_QUARTER <= day <= EARLIER_DAY and row["Kundennummer"] and is_purchase:
                    found.add(row["Kundennummer"])
    for file in (home.paths.landing / "schweiz").iterdir():
        with file.open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                # Whoever gave an order of a day back in full has another one of that day.
                is_purchase = row["Status"] == "paid"
                if LAST_QUARTER <= row["Ordered at"][:10] <= EARLIER_DAY and row["Customer"] and is_purchase:
                    found.add(row["Customer"])
    return len(found)


def buyers_said(home: NightlyHome, release: str) -> object:
    """The n of the quarter's repeat purchase rate, as a release said it."""
    return home.value(
        "select n from loyalty.metric_history where release_id = ? and metric = 'repeat_purchase_rate' "
        "and period_grain = 'quarter' and period_start_date = ? and segment_name = 'all'",
        release,
        LAST_QUARTER,
    )


# Readers


def test_the_published_file_is_read_only_and_open_to_every_client_since_1_4(second_draw: NightlyHome) -> None:
    file = second_draw.paths.warehouse_file
    assert stat.S_IMODE(file.stat().st_mode) == 0o444
    assert [path.name for path in file.parent.iterdir() if path.is_file()] == ["treue.duckdb"]
    with file.open("rb") as handle:
        magic, version = struct.unpack("<8x4sQ", handle.read(20))
    assert (magic, version) == (b"DUCK", STORAGE_OF_1_4)
    own = "select tags['storage_version'] from duckdb_databases() where database_name = current_database()"
    assert second_draw.value(own) == "v1.4.0+"


def test_pandas_reads_the_published_tables(second_draw: NightlyHome) -> None:
    with duckdb.connect(str(second_draw.paths.warehouse_file), read_only=True) as connection:
        values = connection.execute("select * from loyalty.metric_values").df()
        customers = connection.execute("select * from loyalty.customers").df()
    assert pd.api.types.is_float_dtype(values["value"])
    assert pd.api.types.is_datetime64_any_dtype(values["period_start_date"])
    # Those that the first shop delivers, and those who ordered from the second.
    assert 2_500 < len(customers) < 2_500 + 125
    assert customers["customer_key"].is_unique


def test_every_published_table_and_column_says_what_it_holds(second_draw: NightlyHome) -> None:
    described = second_draw.query(
        "select table_name, column_name, comment from duckdb_columns() where schema_name = 'loyalty' "
        "union all select table_name, null, comment from duckdb_tables() where schema_name = 'loyalty'"
    )
    # Beside the judged tables readers find the releases and what each of them said.
    assert len({table for table, *_ in described}) == len(JUDGED_TABLES) + 2
    assert [(table, column) for table, column, comment in described if not comment] == []


def test_readers_see_the_old_release_or_the_new_one_while_a_run_goes_on(backfilled: Backfilled) -> None:
    figures = backfilled.home.value("select count(*) from loyalty.metric_values")
    old, new = (1, 1, figures), (2, 2, figures)
    assert backfilled.states == [old] * backfilled.states.count(old) + [new] * backfilled.states.count(new)
    assert backfilled.states.count(old) > 10, "readers must have been let in while the run was going on"
    assert backfilled.states[-1] == new


# A step alone, and two runs at once


def test_publishing_alone_for_another_day_is_refused_and_says_which_run_to_start(
    second_draw: NightlyHome, tmp_path: Path
) -> None:
    home = second_draw.copy(tmp_path / "home")
    step = ("asset", "materialize", "-m", "pipelines.definitions", "--select", "publish/warehouse")
    code, said = home.call(*step, "--partition", "2025-11-30", module="dagster")
    assert code != 0
    assert "treue.duckdb is of 2025-12-31, and this step is for 2025-11-30" in said
    assert "Start the job `nightly` for 2025-11-30" in said
    assert home.fingerprints() == second_draw.fingerprints()
    assert home.value("select count(*) from loyalty.releases") == 1


def test_a_second_run_is_refused_while_the_first_goes_on_and_does_it_no_harm(backfilled: Backfilled) -> None:
    code, said = backfilled.second_run
    assert code != 0
    assert "is in use by" in said
    assert f"process {backfilled.pid}, since" in said
    assert backfilled.home.value("select count(*) from loyalty.releases") == 2


# Another day


def test_a_backfill_of_an_earlier_day_enters_the_history_and_not_the_current_release(
    second_draw: NightlyHome, backfilled: Backfilled
) -> None:
    home = backfilled.home
    assert home.query(
        "select release_id, knowledge, became_current, is_current from loyalty.releases order by published_at"
    ) == [("2025-12-31.1", "now", True, True), ("2025-09-30.1", "then", False, False)]
    assert home.fingerprints() == second_draw.fingerprints()
    assert home.query("select distinct as_of_date::text from loyalty.metric_values") == [("2025-12-31",)]
    assert home.query(
        "select release_id, as_of_date::text, max(period_start_date) <= as_of_date from loyalty.metric_history "
        "group by release_id, as_of_date order by release_id"
    ) == [("2025-09-30.1", "2025-09-30", True), ("2025-12-31.1", "2025-12-31", True)]


def test_what_was_known_then_lacks_the_file_that_came_late_and_what_is_known_now_has_it(
    backfilled: Backfilled,
) -> None:
    home = backfilled.home
    then, now = buyers(home, with_late_file=False), buyers(home, with_late_file=True)
    assert now - then > 10
    assert buyers_said(home, "2025-09-30.1") == then
    assert buyers_said(home, "2025-12-31.1") == now


def test_each_release_has_its_manifest_and_its_figures_beside_the_warehouse(backfilled: Backfilled) -> None:
    paths = backfilled.home.paths
    names = ["2025-09-30.1", "2025-12-31.1"]
    beside = sorted(f"{name}.{kind}" for name in names for kind in ("duckdb", "json"))
    assert sorted(path.name for path in paths.releases.iterdir()) == beside
    assert sorted(path.name for path in paths.history.iterdir()) == [f"{name}.parquet" for name in names]
