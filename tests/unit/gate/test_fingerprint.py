from pathlib import Path

import duckdb
import pytest

from pipelines.gate.fingerprint import TableMissing, fingerprint


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create table numbers (i integer, word text)")
    connection.execute("insert into numbers values (1, 'a'), (2, 'b'), (2, 'b')")
    return connection


def test_the_order_of_rows_does_not_matter(connection: duckdb.DuckDBPyConnection) -> None:
    before = fingerprint(connection, "main", "numbers")
    connection.execute("create or replace table numbers as from numbers order by i desc")
    assert fingerprint(connection, "main", "numbers") == before


@pytest.mark.parametrize(
    "change",
    [
        "update numbers set word = 'c' where i = 1",
        "insert into numbers values (3, 'c')",
        "delete from numbers where i = 2",
        "insert into numbers values (4, 'd'), (4, 'd')",
        "alter table numbers rename column word to text",
        "alter table numbers alter i type bigint",
        "alter table numbers add column note text",
        "update numbers set word = null where i = 1",
        "update numbers set i = 3 - i",
    ],
)
def test_every_change_of_content_name_or_type_changes_it(
    connection: duckdb.DuckDBPyConnection, change: str
) -> None:
    before = fingerprint(connection, "main", "numbers")
    connection.execute(change)
    assert fingerprint(connection, "main", "numbers").digest != before.digest


def test_it_is_the_same_in_another_file(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    connection.execute(f"attach '{tmp_path / 'old.duckdb'}' as old_file (storage_version 'v1.4.0')")
    connection.execute("create table old_file.numbers as from numbers")
    assert fingerprint(connection, "main", "numbers", "old_file") == fingerprint(
        connection, "main", "numbers"
    )


def test_an_empty_table_has_one(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("delete from numbers")
    assert fingerprint(connection, "main", "numbers").row_count == 0


def test_a_missing_table_is_named(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(TableMissing, match=r"marts\.orders is not there"):
        fingerprint(connection, "marts", "orders")
