"""The warehouse as a schema of a PostgreSQL database: loaded beside the old one, verified, and swapped in by name.

Schemas are renamed in one transaction, which waits for no reader: whoever reads keeps the tables that the
statement began with, and the next statement finds the new ones. The old schema is dropped afterwards, as soon as
nobody reads it. The address holds a password, so no message repeats it.
What must stay out: which tables are published and whether they may be.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from duckdb import DuckDBPyConnection

from pipelines.gate.fingerprint import Column, table_columns
from pipelines.gate.sql_text import quoted, quoted_text
from pipelines.publish.descriptions import RELEASES
from pipelines.publish.duckdb_file import SCHEMA, Source
from pipelines.refusal import Refusal

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection, Cursor

NEXT_SCHEMA = f"{SCHEMA}_next"
OLD_SCHEMA = f"{SCHEMA}_old"
# Followed by a number: one per release that is still being read.

ROWS_PER_BATCH = 100_000
LOCK_TIMEOUT = "5s"
# Dropping waits for readers of the old tables; renaming for nobody but another renaming.

INDEXED = ("customer_key", "survey", "release_id")
# What BI joins and filters on besides the keys.

TYPES = {
    "VARCHAR": "text",
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "HUGEINT": "numeric(38, 0)",
    "DOUBLE": "double precision",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
}
DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


class PostgresFault(Refusal):
    """The database cannot be reached or does not take what it is given; its readers keep what they have."""


@contextmanager
def connected(url: str) -> "Iterator[Connection]":
    """A connection to the database, closed at the end; nothing is committed but what commits itself."""
    from adbc_driver_manager import Error
    from adbc_driver_postgresql import dbapi

    try:
        connection = dbapi.connect(url)
    except Error as error:
        raise PostgresFault(
            "The PostgreSQL database that TREUE_POSTGRES_URL names cannot be reached. See that it runs and takes "
            f"this user, then publish again. It says: {without_address(str(error), url)}"
        ) from None
    with closing(connection):
        try:
            yield connection
        except Error as error:
            raise PostgresFault(
                "PostgreSQL did not take the release; its readers keep the one they have. "
                f"Mend the cause and publish again. It says: {without_address(str(error), url)}"
            ) from None


def without_address(text: str, url: str) -> str:
    """A message of the database in one line, without the address and whatever stands in it."""
    secrets = [url, *(part for part in re.split(r"[:/@?&=]+", url.partition("://")[2]) if len(part) > 3)]
    for secret in secrets:
        text = text.replace(secret, "...")
    return " ".join(text.split())


def load(
    build: DuckDBPyConnection, postgres: "Connection", sources: Sequence[Source], reader_roles: Sequence[str]
) -> None:
    """Load the tables into a schema beside that of the readers, whole and verified, and grant it to the roles."""
    with closing(postgres.cursor()) as cursor:
        cursor.execute(f"drop schema if exists {NEXT_SCHEMA} cascade")
        cursor.execute(f"create schema {NEXT_SCHEMA}")
        for source in sources:
            _load_table(build, cursor, source)
        for role in reader_roles:
            cursor.execute(f"grant usage on schema {NEXT_SCHEMA} to {quoted(role)}")
            cursor.execute(f"grant select on all tables in schema {NEXT_SCHEMA} to {quoted(role)}")
    postgres.commit()


def _load_table(build: DuckDBPyConnection, cursor: "Cursor", source: Source) -> None:
    table = source.table
    columns = table_columns(build, source.layer, table.name, source.catalog)
    target = f"{NEXT_SCHEMA}.{quoted(table.name)}"
    typed = ", ".join(
        f"{quoted(c.name)} {postgres_type(c)}" + (" not null" if c.name in table.key else "") for c in columns
    )
    names = ", ".join(quoted(column.name) for column in columns)
    origin = f"{quoted(source.catalog)}.{quoted(source.layer)}.{quoted(table.name)}"
    cursor.execute(f"create table {target} ({typed})")
    rows = build.execute(f"select {names} from {origin}").to_arrow_reader(ROWS_PER_BATCH)
    cursor.adbc_ingest(table.name, rows, mode="append", db_schema_name=NEXT_SCHEMA)
    _verify(build, cursor, origin, target, columns)
    key = ", ".join(quoted(name) for name in table.key)
    cursor.execute(f"alter table {target} add primary key ({key})")
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
    return (
        column.data_type in ("BIGINT", "INTEGER", "HUGEINT")
        or DECIMAL.fullmatch(column.data_type) is not None
    )


def swap(postgres: "Connection") -> None:
    """Give the loaded schema the readers' name, in one transaction; what they had goes out of the way."""
    with closing(postgres.cursor()) as cursor:
        cursor.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
        old = _schemas(cursor, OLD_SCHEMA)
        if SCHEMA in _schemas(cursor, SCHEMA):
            number = max((int(name.rpartition("_")[2]) for name in old), default=0) + 1
            cursor.execute(f"alter schema {SCHEMA} rename to {OLD_SCHEMA}_{number}")
        cursor.execute(f"alter schema {NEXT_SCHEMA} rename to {SCHEMA}")
    postgres.commit()


def drop_old(postgres: "Connection") -> list[str]:
    """Drop the schemas that readers had before; returns those that are still being read, for the next time."""
    from adbc_driver_manager import Error

    kept = []
    with closing(postgres.cursor()) as cursor:
        names = _schemas(cursor, OLD_SCHEMA)
        postgres.commit()
        for name in names:
            try:
                cursor.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
                cursor.execute(f"drop schema {quoted(name)} cascade")
                postgres.commit()
            except Error:
                postgres.rollback()
                kept.append(name)
    return kept


def _schemas(cursor: "Cursor", prefix: str) -> list[str]:
    pattern = f"^{prefix}(_[0-9]+)?$"
    cursor.execute(f"select nspname from pg_namespace where nspname ~ {quoted_text(pattern)} order by 1")
    return [str(name) for (name,) in cursor.fetchall()]


def readers_release(postgres: "Connection") -> str | None:
    """The release that the database's readers see, None where there is none yet."""
    with closing(postgres.cursor()) as cursor:
        cursor.execute(f"select to_regclass('{SCHEMA}.{RELEASES}') is not null")
        if cursor.fetchone() != (True,):
            return None
        cursor.execute(f"select release_id from {SCHEMA}.{RELEASES} where is_current")
        row: tuple[Any, ...] | None = cursor.fetchone()
    return str(row[0]) if row else None
