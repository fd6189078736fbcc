"""The warehouse as a DuckDB file: written anew beside the old one, verified, and swapped in.

Readers of the old file keep it for as long as they hold it open; whoever opens the file after the swap sees
the new one, whole. Nothing is ever built inside the published file.
What must stay out: which tables are published and whether they may be.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from pipelines.gate.fingerprint import Column, Fingerprint, fingerprint, table_columns
from pipelines.gate.sql_text import quoted, quoted_text
from pipelines.publish.descriptions import PublishedTable, Undescribed
from pipelines.refusal import Refusal

SCHEMA = "loyalty"
STORAGE_VERSION = "v1.4.0"
# What DuckDB 2.0 writes by default no 1.x client can open.
READ_ONLY_MODE = 0o444
# A BI tool that opens the file for writing leaves a .wal beside it, which breaks every reader after a swap.


class FileFault(Refusal):
    """The new file is not what it should be, or a file is in the way; the old one is untouched."""


@dataclass(frozen=True)
class Source:
    """Where the rows of a published table come from: a table or view that the connection sees."""

    table: PublishedTable
    catalog: str
    layer: str


def write_file(
    connection: DuckDBPyConnection, file: Path, sources: Sequence[Source]
) -> dict[str, Fingerprint]:
    """Write the tables into a new file, closed and complete, and say what each of them holds."""
    remove_file(file)
    connection.execute(
        f"attach {quoted_text(str(file))} as release (read_write, storage_version '{STORAGE_VERSION}')"
    )
    try:
        connection.execute(f"create schema release.{SCHEMA}")
        written = {source.table.name: _write_table(connection, source) for source in sources}
        connection.execute("checkpoint release")
    finally:
        connection.execute("detach release")
    return written


def _write_table(connection: DuckDBPyConnection, source: Source) -> Fingerprint:
    table = source.table
    columns = table_columns(connection, source.layer, table.name, source.catalog)
    _require_described(table, columns)
    target = f"release.{SCHEMA}.{quoted(table.name)}"
    names = ", ".join(quoted(column.name) for column in columns)
    typed = ", ".join(
        f"{quoted(column.name)} {column.data_type}" + (" not null" if column.name in table.key else "")
        for column in columns
    )
    key = ", ".join(f"{quoted(name)} nulls last" for name in table.key)
    origin = f"{quoted(source.catalog)}.{quoted(source.layer)}.{quoted(table.name)}"
    connection.execute(f"create table {target} ({typed})")
    connection.execute(f"insert into {target} ({names}) select {names} from {origin} order by {key}")
    connection.execute(f"comment on table {target} is {quoted_text(table.description)}")
    for column in columns:
        words = quoted_text(table.columns[column.name])
        connection.execute(f"comment on column {target}.{quoted(column.name)} is {words}")
    return fingerprint(connection, source.layer, table.name, source.catalog)


def _require_described(table: PublishedTable, columns: Sequence[Column]) -> None:
    silent = [column.name for column in columns if not table.columns.get(column.name)]
    if silent or not table.description:
        what = f"column(s) {', '.join(silent)}" if silent else "the table itself"
        raise Undescribed(
            f"{table.name}: nobody says what it holds: {what}. Describe it where it is made "
            "(marts: their YAML; metrics: pipelines/metrics/columns.py; else pipelines/publish/tables.yml)."
        )


def decimal_sums(
    connection: DuckDBPyConnection, layer: str, name: str, catalog: str | None = None
) -> dict[str, str]:
    """The exact sum of every decimal column, as text; 0 where there is no value."""
    columns = [
        c.name for c in table_columns(connection, layer, name, catalog) if c.data_type.startswith("DECIMAL")
    ]
    if not columns:
        return {}
    relation = ".".join(quoted(part) for part in (catalog, layer, name) if part is not None)
    sums = ", ".join(f"coalesce(sum({quoted(column)}), 0)::text" for column in columns)
    [row] = connection.execute(f"select {sums} from {relation}").fetchall()
    return dict(zip(columns, row, strict=True))


def verify_file(file: Path, expected: dict[str, Fingerprint]) -> None:
    """Open the closed file as a reader would and hold every table to its rows and fingerprint."""
    wal = wal_of(file)
    if wal.exists():
        raise FileFault(f"{wal} is left beside the new file, so it is not complete. Publish again.")
    with duckdb.connect(str(file), read_only=True) as reader:
        for name, before in expected.items():
            found = fingerprint(reader, SCHEMA, name)
            if found != before:
                raise FileFault(
                    f"{name} has {found.row_count} rows in {file} and {before.row_count} where they came "
                    "from, or other content. Readers keep the release they have; publish again."
                )


def require_no_wal(target: Path) -> None:
    """Refuse to go on while the published file has a .wal, which would not fit the file that replaces it."""
    if wal_of(target).exists():
        raise FileFault(
            f"{wal_of(target)} lies beside the published file: a program opened it for writing. Close that "
            "program, delete the .wal file, and publish again; connect BI tools read-only."
        )


def require_no_writer(target: Path) -> None:
    """Refuse to go on while a program holds the published file open for writing: its .wal would fit no other file."""
    require_no_wal(target)
    if not target.exists():
        return
    try:
        duckdb.connect(str(target), read_only=True).close()
    except duckdb.IOException as error:
        raise FileFault(
            f"{target} cannot be read, so that nothing is published over it. If a program holds it open for writing, "
            f"close it there, and publish again; connect BI tools read-only. DuckDB says: {error}"
        ) from error


def swap_in(file: Path, target: Path) -> None:
    """Put the verified file in the target's place, in one step and for good."""
    require_no_writer(target)
    file.chmod(READ_ONLY_MODE)
    _sync(file)
    file.replace(target)
    _sync(target.parent)


def remove_file(file: Path) -> None:
    """Remove what a killed run may have left of a new file."""
    for leftover in (file, wal_of(file)):
        leftover.unlink(missing_ok=True)


def wal_of(file: Path) -> Path:
    """Where DuckDB keeps what it has not yet written into the file."""
    return file.with_name(file.name + ".wal")


@contextmanager
def attached(connection: DuckDBPyConnection, file: Path, alias: str) -> Iterator[None]:
    """The published file as a read-only catalog of this connection."""
    try:
        connection.execute(f"attach {quoted_text(str(file))} as {quoted(alias)} (read_only)")
    except duckdb.IOException as error:
        raise FileFault(
            f"{file} cannot be read. If a program holds it open for writing, close it (connect BI tools "
            f"read-only), then publish again. DuckDB says: {error}"
        ) from error
    try:
        yield
    finally:
        connection.execute(f"detach {quoted(alias)}")


def file_tables(
    connection: DuckDBPyConnection, catalog: str, now: Mapping[str, PublishedTable]
) -> dict[str, PublishedTable]:
    """What an attached file itself says of its tables, which an earlier version of Treue may have written."""
    words = connection.execute(
        "select table_name, comment from duckdb_tables() "
        "where database_name = ? and schema_name = ? order by table_name",
        [catalog, SCHEMA],
    ).fetchall()
    tables = {}
    for name, description in words:
        columns = connection.execute(
            "select column_name, comment, is_nullable from duckdb_columns() "
            "where database_name = ? and schema_name = ? and table_name = ? order by column_index",
            [catalog, SCHEMA, name],
        ).fetchall()
        key = tuple(column for column, _, is_nullable in columns if not is_nullable)
        if name in now and set(key) == set(now[name].key):
            # The same columns in an order that tells more.
            key = now[name].key
        tables[name] = PublishedTable(name, description, key, {column: said for column, said, _ in columns})
    return tables


def write_durably(file: Path, content: str) -> None:
    """Write a small file so that it is there whole or not at all, also after a power cut."""
    part = file.with_name(file.name + ".part")
    part.write_text(content, encoding="utf-8")
    rename_durably(part, file)


def rename_durably(part: Path, file: Path) -> None:
    """Give a finished file its name, for good."""
    _sync(part)
    part.replace(file)
    _sync(file.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
