import json
import subprocess
import sys
from datetime import date

import duckdb
import pytest

from pipelines.gate.fingerprint import fingerprint
from pipelines.gate.tables import JUDGED_TABLES
from pipelines.gate.verdict import NotJudged
from pipelines.publish.descriptions import Undescribed, published_tables
from pipelines.publish.duckdb_file import FileFault, wal_of
from pipelines.publish.release_tables import HistoryMissing
from tests.unit.publish.conftest import FAILED_WARNING, SmallHome

YEAR_END = date(2025, 12, 31)
NEW_YEAR = date(2026, 1, 1)
SUMMER = date(2025, 6, 30)


def figures(home: SmallHome) -> object:
    """How many rows metric_values has in the small build."""
    return home.query("select count(*) from loyalty.metric_values")[0][0]


def files_of(home: SmallHome) -> set[str]:
    root = home.paths.warehouse
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_the_published_tables_are_the_judged_ones_to_the_last_bit(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    with (
        duckdb.connect(str(small_home.paths.build_file), read_only=True) as build,
        duckdb.connect(str(small_home.paths.warehouse_file), read_only=True) as warehouse,
    ):
        for table in JUDGED_TABLES:
            judged = fingerprint(build, table.layer, table.name)
            assert fingerprint(warehouse, "loyalty", table.name) == judged


def test_the_warehouse_holds_the_published_tables_and_no_other(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    found = small_home.query("select schema_name, table_name from duckdb_tables()")
    assert sorted(found) == sorted(("loyalty", name) for name in published_tables())


def test_every_table_and_column_carries_its_description(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    tables = published_tables()
    assert sorted(small_home.query("select table_name, comment from duckdb_tables()")) == sorted(
        (name, table.description) for name, table in tables.items()
    )
    columns = small_home.query(
        "select table_name, column_name, comment from duckdb_columns() where schema_name = 'loyalty'"
    )
    assert {(table, column): comment for table, column, comment in columns} == {
        (name, column): words for name, table in tables.items() for column, words in table.columns.items()
    }


def test_key_columns_are_never_null(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    required = small_home.query(
        "select table_name, column_name from duckdb_columns() "
        "where schema_name = 'loyalty' and not is_nullable"
    )
    assert sorted(required) == sorted(
        (name, c) for name, table in published_tables().items() for c in table.key
    )


def test_a_duckdb_of_the_1_x_line_can_open_the_file(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    [(tags,)] = small_home.query(
        "select tags from duckdb_databases() where database_name = current_database()"
    )
    assert tags["storage_version"].startswith("v1.4.0")  # type: ignore[index]


def test_the_file_is_closed_read_only_and_alone(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    assert small_home.paths.warehouse_file.stat().st_mode & 0o777 == 0o444
    assert files_of(small_home) == {
        "treue.duckdb",
        "releases/2025-12-31.1.json",
        "releases/2025-12-31.1.duckdb",
        "history/2025-12-31.1.parquet",
    }


def test_one_build_published_twice_holds_the_same_rows_in_the_same_order(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    first = {table.name: small_home.query(f"from loyalty.{table.name}") for table in JUDGED_TABLES}
    small_home.change("create or replace table marts.orders as from marts.orders order by net_amount desc")
    small_home.pass_gate()
    small_home.publish()
    assert {table.name: small_home.query(f"from loyalty.{table.name}") for table in JUDGED_TABLES} == first


def test_nothing_is_published_without_a_verdict(small_home: SmallHome) -> None:
    small_home.build(YEAR_END)
    with pytest.raises(NotJudged, match="the gate has not judged it in this build"):
        small_home.publish()
    assert not small_home.paths.warehouse.exists()


def test_a_table_changed_after_its_verdict_leaves_readers_the_old_release(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    small_home.build(NEW_YEAR)
    small_home.pass_gate()
    small_home.change("delete from marts.orders where order_key = 'o1'")
    before = files_of(small_home)
    with pytest.raises(NotJudged, match=r"marts\.orders: it is not the table that the gate judged"):
        small_home.publish()
    assert files_of(small_home) == before
    assert small_home.query("select release_id from loyalty.releases") == [("2025-12-31.1",)]


def test_a_verdict_on_another_build_does_not_count(small_home: SmallHome) -> None:
    small_home.build(YEAR_END)
    small_home.pass_gate()
    other = small_home.paths.build / "other.duckdb"
    small_home.paths.build_file.rename(other)
    small_home.build(NEW_YEAR)
    small_home.change(
        f"attach '{other}' as other (read_only)",
        "create schema gate",
        "create table gate.verdicts as from other.gate.verdicts",
        "create table gate.findings as from other.gate.findings",
        "detach other",
    )
    with pytest.raises(NotJudged, match=r"metrics\.metric_values: it is not the table that the gate judged"):
        small_home.publish()


def test_a_reader_keeps_its_snapshot_through_a_swap(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    ask = "select count(*), min(net_amount) from loyalty.orders"
    script = (
        "import duckdb, sys\n"
        f"reader = duckdb.connect({str(small_home.paths.warehouse_file)!r}, read_only=True)\n"
        f"for _ in sys.stdin: print(reader.execute({ask!r}).fetchone(), flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        answers = []
        for publish_next in (True, False):
            reader.stdin.write("again\n")
            reader.stdin.flush()
            answers.append(reader.stdout.readline())
            if publish_next:
                small_home.publish_day(NEW_YEAR, "delete from marts.orders where order_key = 'o12'")
        reader.stdin.close()
    assert answers[0] == answers[1] == "(14, Decimal('-5.00'))\n"
    assert small_home.query(ask) != [(14, -5)]


def test_a_backfill_of_an_earlier_day_leaves_the_current_release_alone(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    orders = small_home.query("from loyalty.orders")
    backfill = small_home.publish_day(SUMMER, "delete from marts.orders where order_key = 'o12'")
    assert not backfill.became_current
    assert small_home.query("from loyalty.orders") == orders
    assert small_home.query("select distinct as_of_date from loyalty.metric_values") == [(YEAR_END,)]
    assert small_home.query(
        "select release_id, became_current, is_current from loyalty.releases order by 1"
    ) == [
        ("2025-06-30.1", False, False),
        ("2025-12-31.1", True, True),
    ]
    assert small_home.query(
        "select release_id, as_of_date, count(*) from loyalty.metric_history group by all order by 1"
    ) == [("2025-06-30.1", SUMMER, figures(small_home)), ("2025-12-31.1", YEAR_END, figures(small_home))]


def test_the_same_day_again_becomes_the_current_release(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    again = small_home.publish_day(YEAR_END, "delete from marts.orders where order_key = 'o13'")
    assert (again.release_id, again.became_current, again.compared_with) == (
        "2025-12-31.2",
        True,
        "2025-12-31.1",
    )
    assert again.what_changed == {"orders": -1}
    assert small_home.query("select release_id from loyalty.releases where is_current") == [("2025-12-31.2",)]


def test_a_release_is_compared_with_the_nearest_before_it(small_home: SmallHome) -> None:
    small_home.publish_day(SUMMER)
    small_home.publish_day(NEW_YEAR, "delete from marts.left_out")
    backfill = small_home.publish_day(YEAR_END)
    assert backfill.compared_with == "2025-06-30.1"
    assert backfill.what_changed == {}


def test_the_manifest_says_what_was_published(small_home: SmallHome) -> None:
    small_home.build(YEAR_END)
    small_home.pass_gate(FAILED_WARNING)
    small_home.publish(run_id="run-7")
    manifest = json.loads((small_home.paths.releases / "2025-12-31.1.json").read_text(encoding="utf-8"))
    assert manifest["run_id"] == "run-7"
    assert manifest["published_at"] == "2026-01-01T04:00:00Z"
    assert manifest["knowledge"] == "now"
    assert manifest["lake_hash"] == "lake-1"
    assert manifest["tables"]["orders"]["row_count"] == 14
    assert manifest["expectation_count"] == 2 * len(JUDGED_TABLES)
    assert manifest["warnings"][0] == {
        "table": "orders",
        "expectation": "not too odd",
        "observed": "1 rows against it",
    }
    [row] = small_home.query("select row_count, warning_count, published_at::text from loyalty.releases")
    row_count = sum(table["row_count"] for table in manifest["tables"].values())
    assert row == (row_count, len(JUDGED_TABLES), "2026-01-01 04:00:00")


def test_a_fault_while_writing_leaves_the_old_file_and_no_trace(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    small_home.build(NEW_YEAR, "alter table marts.orders add column mood text")
    small_home.pass_gate()
    before, content = files_of(small_home), small_home.paths.warehouse_file.read_bytes()
    with pytest.raises(Undescribed, match=r"orders: .* column\(s\) mood"):
        small_home.publish()
    assert files_of(small_home) == before
    assert small_home.paths.warehouse_file.read_bytes() == content


def test_a_null_in_a_key_is_no_release(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    before = files_of(small_home)
    with pytest.raises(duckdb.ConstraintException, match="order_key"):
        small_home.publish_day(NEW_YEAR, "update marts.orders set order_key = null where order_key = 'o1'")
    assert files_of(small_home) == before


def test_a_run_killed_before_the_swap_leaves_nothing_behind(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    pending = small_home.paths.releases / "2026-01-01.1.json.pending"
    pending.write_text("{}", encoding="utf-8")
    (small_home.paths.history / "2026-01-01.1.parquet").write_bytes(b"half")
    (small_home.paths.warehouse / "treue.duckdb.new").write_bytes(b"half")
    release = small_home.publish_day(NEW_YEAR)
    assert release.release_id == "2026-01-01.1"
    assert not pending.exists()
    assert small_home.query("select count(*) from loyalty.metric_history") == [
        (2 * int(str(figures(small_home))),)
    ]


def test_a_run_killed_after_the_swap_is_finished_by_the_next(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    small_home.publish_day(NEW_YEAR)
    manifest = small_home.paths.releases / "2026-01-01.1.json"
    manifest.rename(manifest.with_name(manifest.name + ".pending"))
    assert small_home.publish_day(NEW_YEAR).release_id == "2026-01-01.2"
    assert manifest.exists()


def test_a_wal_beside_the_published_file_is_named_before_anything_is_done(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    wal_of(small_home.paths.warehouse_file).touch()
    with pytest.raises(FileFault, match=r"treue\.duckdb\.wal lies beside .* read-only"):
        small_home.publish_day(NEW_YEAR)


def test_lost_history_is_named(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    (small_home.paths.history / "2025-12-31.1.parquet").unlink()
    with pytest.raises(HistoryMissing, match=r"1 of 2 files .*2025-12-31\.1\.parquet"):
        small_home.publish_day(NEW_YEAR)


def test_history_outlives_a_new_column_of_metric_values(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END, "alter table metrics.metric_values drop column n_overlap")
    small_home.publish_day(NEW_YEAR, "update metrics.metric_values set n_overlap = 3")
    assert small_home.query(
        "select release_id, max(n_overlap) from loyalty.metric_history group by all order by 1"
    ) == [("2025-12-31.1", None), ("2026-01-01.1", 3)]


def test_a_lost_warehouse_file_is_replaced_by_whatever_is_published_next(small_home: SmallHome) -> None:
    small_home.publish_day(YEAR_END)
    small_home.paths.warehouse_file.unlink()
    assert small_home.publish_day(SUMMER).became_current
    assert small_home.query("select release_id from loyalty.releases where is_current") == [("2025-06-30.1",)]
