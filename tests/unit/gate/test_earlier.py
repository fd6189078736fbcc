from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.gate.earlier import COMPARED, EarlierRelease, EarlierUnreadable, copy_earlier
from pipelines.gate.evaluation import evaluation, run_suites
from pipelines.gate.tables import JUDGED_TABLES
from tests.unit.gate.small_build import make_small_build

COUNTS = "select (select count(*) from earlier.orders), (select count(*) from earlier.metric_values)"


@pytest.fixture
def build(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(make_small_build(tmp_path / "build.duckdb")))


def kept_file(file: Path, *changes: str) -> EarlierRelease:
    """A kept release: the judged tables of the small build in one schema, then changed."""
    make_small_build(file)
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema loyalty")
        for table in JUDGED_TABLES:
            connection.execute(f"create table loyalty.{table.name} as from {table.source}")
        for change in changes:
            connection.execute(change)
    return EarlierRelease("2025-12-30.1", date(2025, 12, 30), file, "loyalty")


def test_the_tables_of_the_release_before_stand_in_the_build(
    tmp_path: Path, build: duckdb.DuckDBPyConnection
) -> None:
    release = kept_file(tmp_path / "kept.duckdb", "delete from loyalty.orders where order_key <> 'o1'")
    assert copy_earlier(build, release) == "2025-12-30.1"
    assert build.execute(COUNTS).fetchone() == (
        1,
        build.execute("select count(*) from metrics.metric_values").fetchall()[0][0],
    )
    assert build.execute("select * from earlier.release").fetchall() == [("2025-12-30.1", date(2025, 12, 30))]


def test_without_a_release_the_tables_are_there_and_empty(build: duckdb.DuckDBPyConnection) -> None:
    assert copy_earlier(build, None) is None
    assert build.execute(COUNTS).fetchone() == (0, 0)
    assert build.execute("select count(*) from earlier.release").fetchone() == (0,)


def test_a_release_that_is_not_kept_any_more_is_nothing_to_compare_with(
    tmp_path: Path, build: duckdb.DuckDBPyConnection
) -> None:
    gone = EarlierRelease("2025-12-30.1", date(2025, 12, 30), tmp_path / "gone.duckdb", "loyalty")
    assert copy_earlier(build, gone) is None
    assert build.execute(COUNTS).fetchone() == (0, 0)


def test_a_first_release_meets_every_expectation(tmp_path: Path) -> None:
    file = make_small_build(tmp_path / "build.duckdb")
    with duckdb.connect(str(file)) as connection:
        copy_earlier(connection, None)
    with evaluation(file) as opened:
        found = run_suites(opened, JUDGED_TABLES)
    assert [f for findings in found.values() for f in findings if not f.passed] == []


def test_no_key_of_a_person_is_copied(build: duckdb.DuckDBPyConnection) -> None:
    copied = {
        (table.name, column)
        for table in JUDGED_TABLES
        if table.is_of_persons and table.name in COMPARED
        for (column, *_) in build.execute(f"describe earlier.{table.name}").fetchall()
    }
    assert copied
    assert [place for place in copied if place[1].endswith("_key")] == []


def test_a_table_or_column_that_the_release_had_not_is_empty(
    tmp_path: Path, build: duckdb.DuckDBPyConnection
) -> None:
    release = kept_file(
        tmp_path / "kept.duckdb",
        "drop table loyalty.survey_answers",
        "alter table loyalty.orders drop column net_amount_company",
    )
    copy_earlier(build, release)
    counted = "select count(*), count(net_amount_company), count(gross_amount) from earlier.orders"
    assert build.execute(counted).fetchone() == (14, 0, 14)
    assert build.execute("select count(*) from earlier.survey_answers").fetchone() == (0,)


def test_a_column_of_another_type_is_read_where_it_can_be(
    tmp_path: Path, build: duckdb.DuckDBPyConnection
) -> None:
    release = kept_file(
        tmp_path / "kept.duckdb",
        "alter table loyalty.orders alter gross_amount type text",
        "update loyalty.orders set gross_amount = 'many' where order_key = 'o1'",
    )
    copy_earlier(build, release)
    assert build.execute("select count(*), count(gross_amount) from earlier.orders").fetchone() == (14, 13)


def test_a_second_copy_replaces_the_first(tmp_path: Path, build: duckdb.DuckDBPyConnection) -> None:
    copy_earlier(build, kept_file(tmp_path / "kept.duckdb"))
    copy_earlier(build, None)
    assert build.execute(COUNTS).fetchone() == (0, 0)


def test_a_damaged_file_is_told_with_what_to_do(tmp_path: Path, build: duckdb.DuckDBPyConnection) -> None:
    file = tmp_path / "kept.duckdb"
    file.write_bytes(b"no database" * 1000)
    with pytest.raises(EarlierUnreadable, match=r"kept\.duckdb.*2025-12-30\.1.*Restore it.*or move it away"):
        copy_earlier(build, EarlierRelease("2025-12-30.1", date(2025, 12, 30), file, "loyalty"))
