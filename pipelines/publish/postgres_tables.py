"""One published table in PostgreSQL: of exact types, loaded in bulk, verified, with its key, indexes and words.

What must stay out: schemas, roles and connections (postgres), and which tables there are.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from pipelines.gate.fingerprint import Column, table_columns
from pipelines.gate.sql_text import quoted, quoted_text
from pipelines.publish.duckdb_file import Source
from pipelines.refusal import Refusal

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Cursor

ROWS_PER_BATCH = 100_000
INDEXED = ("customer_key", "survey", "release_id")
# What BI joins and filters on besides the keys.
LONGEST_KEY_BYTES = 2000
# An index takes no entry beyond a third of its page, which is 2,704 bytes.

TYPES = {
    "VARCHAR": 'text collate "C"',
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "HUGEINT": "numeric(38, 0)",
    "DOUBLE": "double precision",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
}
# Text in the order of its bytes, as in the DuckDB file: one query sorts alike in both, and keys arrive in order.
# Timestamps in UTC and without a zone, as there: what a reader sees does not depend on the session's zone.
DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
WHOLE_NUMBERS = ("BIGINT", "INTEGER", "HUGEINT")


class PostgresFault(Refusal):
    """The database cannot be reached or does not take what it is given; its readers keep what they have."""


def load_table(build: DuckDBPyConnection, cursor: "Cursor", source: Source, schema: str) -> None:
    """Make the table in this schema and fill it, within the transaction that is open."""
    table = source.table
    columns = table_columns(build, source.layer, table.name, source.catalog)
    target = f"{quoted(schema)}.{quoted(table.name)}"
    typed = ", ".join(
        f"{quoted(c.name)} {postgres_type(c)}" + (" not null" if c.name in table.key else "") for c in columns
    )
    origin = f"{quoted(source.catalog)}.{quoted(source.layer)}.{quoted(table.name)}"
    cursor.execute(f"create table {target} ({typed})")
    said = ", ".join(_said(column) for column in columns)
    rows = build.sql(f"select {said} from {origin}").to_arrow_reader(ROWS_PER_BATCH)
    cursor.adbc_ingest(table.name, rows, mode="append", db_schema_name=schema)
    _verify(build, cursor, origin, target, columns)
    by_name = {column.name: column for column in columns}
    _add_key(build, cursor, origin, target, [by_name[name] for name in table.key])
    for name in (c.name for c in columns if c.name in INDEXED and table.key[:1] != (c.name,)):
        cursor.execute(f"create index on {target} ({quoted(name)})")
    cursor.execute(f"comment on table {target} is {quoted_text(table.description)}")
    for column in columns:
        words = quoted_text(table.columns[column.name])
        cursor.execute(f"comment on column {target}.{quoted(column.name)} is {words}")
    cursor.execute(f"analyze {target}")


def postgres_type(column: Column) -> str:
    """The type that holds exactly what the column holds."""
    decimal = DECIMAL.fullmatch(column.data_type)
    if decimal:
        return f"numeric({decimal[1]}, {decimal[2]})"
    if column.data_type not in TYPES:
        raise PostgresFault(
            f"The column {column.name} is of type {column.data_type}, which has no counterpart in PostgreSQL. "
            f"Published columns are of {', '.join([*TYPES, 'DECIMAL'])}: change its model."
        )
    return TYPES[column.data_type]


def _said(column: Column) -> str:
    """The column as PostgreSQL takes it: its text knows no NUL, for which the sign of an unknown character stands."""
    name = quoted(column.name)
    return f"replace({name}, chr(0), chr(65533)) as {name}" if column.data_type == "VARCHAR" else name


def _verify(
    build: DuckDBPyConnection, cursor: "Cursor", origin: str, target: str, columns: Sequence[Column]
) -> None:
    """Hold the loaded rows to those they came from: how many, how many without a value, and exact sums."""
    told = ["count(*)", *(f"count({quoted(c.name)})" for c in columns)]
    told += [f"sum({quoted(c.name)})" for c in columns if _is_exact(c)]
    query = ", ".join(f"cast({figure} as varchar(60))" for figure in told)
    before = build.execute(f"select {query} from {origin}").fetchone()
    cursor.execute(f"select {query} from {target}")
    after = cursor.fetchone()
    if before != after:
        raise PostgresFault(
            f"{target} does not hold the rows it was given ({before and before[0]} rows, {after and after[0]} "
            "arrived, or other values). Its readers keep the release they have; publish again."
        )


def _is_exact(column: Column) -> bool:
    return column.data_type in WHOLE_NUMBERS or DECIMAL.fullmatch(column.data_type) is not None


def _add_key(
    build: DuckDBPyConnection, cursor: "Cursor", origin: str, target: str, key: Sequence[Column]
) -> None:
    """The primary key; where texts in it are longer than an index takes, the same rule over their hashes."""
    if not key:
        return
    texts = [quoted(column.name) for column in key if column.data_type == "VARCHAR"]
    length = " + ".join(f"strlen({name})" for name in texts) or "0"
    [(longest,)] = build.execute(f"select coalesce(max({length}), 0) from {origin}").fetchall()
    if longest <= LONGEST_KEY_BYTES:
        cursor.execute(f"alter table {target} add primary key ({', '.join(quoted(c.name) for c in key)})")
        return
    hashed = [f"md5({name})" if name in texts else name for name in (quoted(c.name) for c in key)]
    cursor.execute(f"create unique index on {target} ({', '.join(hashed)})")
