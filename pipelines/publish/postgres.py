"""The warehouse as a schema of a PostgreSQL database: loaded beside the old one, verified, and swapped in by name.

Schemas are renamed in one transaction, in a moment in which nobody is within reading: no statement finds a mixture,
and none is held up for longer than a moment. Who never ends reading is not waited for. The old schema is dropped
afterwards, as soon as nobody reads it. The address holds a password, so no message repeats it. A schema that Treue did
not make is never touched.
What must stay out: the tables themselves (postgres_tables), and whether they may be published.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from duckdb import DuckDBPyConnection

from pipelines.gate.sql_text import quoted, quoted_text
from pipelines.publish.descriptions import RELEASES
from pipelines.publish.duckdb_file import SCHEMA, Source
from pipelines.publish.postgres_tables import PostgresFault, load_table

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection, Cursor

NEXT_SCHEMA = f"{SCHEMA}_next"
OLD_SCHEMA = f"{SCHEMA}_old"
# Followed by a number: one per release that is still being read.
MADE_BY = "Published by Treue: replaced as a whole with every release."
# The comment of a schema that may be replaced and dropped.

ONE_AT_A_TIME = 7_286_511
# An advisory lock of the database, so that two homes that name the same one do not mix what they load.
LOAD_LOCK_TIMEOUT = "60s"
# So long the server may still be busy with what a killed run has begun.
LOCK_TIMEOUT = "5s"
# Renaming waits for nobody but another renaming.
READERS_WAIT, BUSY_READERS_WAIT, BUSIEST_READERS_WAIT = "20ms", "45ms", "900ms"
# No longer does an attempt to lock hold anybody up; below the second after which PostgreSQL looks for deadlocks.
SWAP_WAITS = (*[READERS_WAIT] * 40, *[BUSY_READERS_WAIT] * 10, *[BUSIEST_READERS_WAIT] * 2)
DROP_ATTEMPTS, BETWEEN_ATTEMPTS = 30, 0.1
# So often, and after so many seconds, a moment is looked for in which nobody is within a statement or transaction:
# rather is one reader held up for longer than that one sees two releases.
CANCELLED, DEADLOCK = "57014", "40P01"
# PostgreSQL's codes for what took too long, or could never end.
LOAD_MEMORY = "256MB"
# Of this session alone: keys of millions of rows are sorted without spilling.
PATIENCE = {"connect_timeout": "10", "tcp_user_timeout": "60000"}
# Seconds and milliseconds, unless the address says otherwise: a server that is gone is told, not waited for.


@dataclass(frozen=True)
class PostgresTarget:
    """A database that is published to, and the role that may read there."""

    url: str = field(repr=False)
    reader_role: str | None


@contextmanager
def connected(target: PostgresTarget) -> "Iterator[Connection]":
    """A connection to the database, closed at the end; nothing is committed but what commits itself."""
    from adbc_driver_manager import Error
    from adbc_driver_postgresql import dbapi  # type: ignore[import-untyped]

    try:
        connection = dbapi.connect(_patient(target.url))
    except Error as error:
        raise PostgresFault(
            "The PostgreSQL database that TREUE_POSTGRES_URL names cannot be reached. See that it runs and takes "
            f"this user, then start again. It says: {without_secret(str(error), target.url)}"
        ) from None
    try:
        with closing(connection):
            yield connection
    except Error as error:
        raise PostgresFault(
            "PostgreSQL did not do what it was asked to; its readers keep the release they have. "
            f"Mend the cause and start again. It says: {without_secret(str(error), target.url)}"
        ) from None


def _patient(url: str) -> str:
    if "://" not in url:
        return url
    added = "&".join(f"{name}={value}" for name, value in PATIENCE.items() if f"{name}=" not in url)
    return f"{url}{'&' if '?' in url else '?'}{added}" if added else url


def without_secret(text: str, url: str) -> str:
    """A message of the database in one line, without rows, and without the address's password or any piece of it."""
    behind = url.partition("://")[2] or url
    passwords = re.findall(r"password\s*=\s*'?([^'&\s]+)", behind)
    if "@" in behind:
        passwords.append(behind.rpartition("@")[0].partition(":")[2])
    pieces = [piece for password in passwords for piece in re.split(r"[:/@?&=#]+", password)]
    secrets = {url, _patient(url), *passwords, *(piece for piece in pieces if len(piece) > 1)}
    for secret in sorted(secrets | {unquote(each) for each in secrets}, key=len, reverse=True):
        if secret:
            text = text.replace(secret, "...")
    # What follows may quote a row.
    return " ".join(re.split(r"\b(?:DETAIL|CONTEXT):", text)[0].split())


def load(
    build: DuckDBPyConnection, postgres: "Connection", sources: Sequence[Source], target: PostgresTarget
) -> None:
    """Load the tables into a schema beside that of the readers, whole and verified, and let the role read it."""
    with closing(postgres.cursor()) as cursor:
        cursor.execute(f"set local lock_timeout = '{LOAD_LOCK_TIMEOUT}'")
        cursor.execute(f"set local maintenance_work_mem = '{LOAD_MEMORY}'")
        # Until the connection ends: also over the swap.
        cursor.execute(f"select pg_advisory_lock({ONE_AT_A_TIME})")
        cursor.fetchall()
        for schema in (SCHEMA, NEXT_SCHEMA):
            _require_ours(cursor, schema)
        if target.reader_role is not None:
            _require_role(cursor, target.reader_role)
        cursor.execute(f"drop schema if exists {NEXT_SCHEMA} cascade")
        cursor.execute(f"create schema {NEXT_SCHEMA}")
        cursor.execute(f"comment on schema {NEXT_SCHEMA} is {quoted_text(MADE_BY)}")
        for source in sources:
            load_table(build, cursor, source, NEXT_SCHEMA)
        if target.reader_role is not None:
            cursor.execute(f"grant usage on schema {NEXT_SCHEMA} to {quoted(target.reader_role)}")
            cursor.execute(
                f"grant select on all tables in schema {NEXT_SCHEMA} to {quoted(target.reader_role)}"
            )
    postgres.commit()


def _require_ours(cursor: "Cursor", schema: str) -> None:
    cursor.execute(
        "select coalesce(obj_description(n.oid, 'pg_namespace'), '') = "
        f"{quoted_text(MADE_BY)} or not exists (select from pg_class where relnamespace = n.oid) "
        f"from pg_namespace as n where nspname = {quoted_text(schema)}"
    )
    if cursor.fetchone() == (False,):
        raise PostgresFault(
            f"The database has a schema {schema} that Treue did not make, and publishing would replace it. Rename "
            "that schema, or publish to a database of its own. Nothing was touched."
        )


def _require_role(cursor: "Cursor", role: str) -> None:
    """The role that reads, made if it is missing and this user may."""
    cursor.execute(f"select count(*) from pg_roles where rolname = {quoted_text(role)}")
    if cursor.fetchone() == (1,):
        return
    cursor.execute("select rolcreaterole or rolsuper from pg_roles where rolname = current_user")
    if cursor.fetchone() != (True,):
        raise PostgresFault(
            f"The role {role}, which is to read what is published, does not exist, and the user of "
            f"TREUE_POSTGRES_URL may not make it. Let an administrator run: create role {quoted(role)} nologin; or "
            "name another with postgres.reader_role in treue.yml (nothing there: no role is let in). Nothing was "
            "published."
        )
    cursor.execute(f"create role {quoted(role)} nologin")


def swap(postgres: "Connection") -> None:
    """Give the loaded schema the readers' name, in one transaction; what they had goes out of the way."""
    from adbc_driver_manager import Error

    try:
        with closing(postgres.cursor()) as cursor:
            tables = _tables(cursor, SCHEMA) if SCHEMA in _schemas(cursor, SCHEMA) else None
            numbers = [int(name.rpartition("_")[2]) for name in _schemas(cursor, OLD_SCHEMA)]
            old = None if tables is None else f"{OLD_SCHEMA}_{max(numbers, default=0) + 1}"
            # Somebody may hold a transaction open: whoever begins to read in this very moment may then see both.
            if not any(
                _renamed(postgres, cursor, tables or [], old, attempt, wait)
                for attempt, wait in enumerate(SWAP_WAITS)
            ):
                _rename(postgres, cursor, old)
            # Written through only now: while the disk was at it, readers would have waited.
            cursor.execute(f"comment on schema {SCHEMA} is {quoted_text(MADE_BY)}")
        postgres.commit()
    except Error as error:
        raise PostgresFault(f"PostgreSQL says: {without_secret(str(error), '')}") from None


def _renamed(
    postgres: "Connection", cursor: "Cursor", tables: Sequence[str], old: str | None, attempt: int, wait: str
) -> bool:
    """Rename the schemas, once nobody is within reading the old tables; False if that took too long.

    A statement finds its tables one by one. Renamed meanwhile, it would find some in the old schema and some in the
    new one; so does a transaction of several statements. Who comes now waits for the old table, and finds the new one.
    """
    if tables and not _locked(cursor, tables, attempt, wait):
        _let_go(postgres, cursor)
        return False
    _rename(postgres, cursor, old)
    return True


def _rename(postgres: "Connection", cursor: "Cursor", old: str | None) -> None:
    """Rename the loaded schema, and what readers have to the name `old`, if they have any."""
    cursor.execute("set local synchronous_commit = off")
    cursor.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
    if old is not None:
        # Also of one that was there for us, and empty: so that it may be dropped.
        cursor.execute(f"comment on schema {SCHEMA} is {quoted_text(MADE_BY)}")
        cursor.execute(f"alter schema {SCHEMA} rename to {old}")
    cursor.execute(f"alter schema {NEXT_SCHEMA} rename to {SCHEMA}")
    postgres.commit()


def _locked(cursor: "Cursor", tables: Sequence[str], attempt: int, wait: str) -> bool:
    """Lock the tables, beginning with another one at every attempt: readers that wait must hold none of them."""
    from adbc_driver_manager import Error

    first = attempt % len(tables)
    cursor.execute(f"set local statement_timeout = '{wait}'")
    try:
        cursor.execute(f"lock table {', '.join([*tables[first:], *tables[:first]])} in access exclusive mode")
    except Error as error:
        if error.sqlstate not in (CANCELLED, DEADLOCK):
            raise
        return False
    cursor.execute("set local statement_timeout = 0")
    return True


def _let_go(postgres: "Connection", cursor: "Cursor") -> None:
    """Let readers go on for a moment before the next attempt."""
    postgres.rollback()
    cursor.execute(f"select pg_sleep({BETWEEN_ATTEMPTS})")
    cursor.fetchall()
    postgres.rollback()


def drop_old(postgres: "Connection") -> list[str]:
    """Drop the schemas that readers had before; those that must stay for now are named with the reason."""
    from adbc_driver_manager import Error

    kept = []
    with closing(postgres.cursor()) as cursor:
        names = _schemas(cursor, OLD_SCHEMA)
        postgres.commit()
        for name in names:
            try:
                if not any(_dropped(postgres, cursor, name, attempt) for attempt in range(DROP_ATTEMPTS)):
                    kept.append(f"{name}: it is still being read")
            except Error as error:
                postgres.rollback()
                kept.append(f"{name}: {' '.join(str(error).split())}")
    return kept


def _dropped(postgres: "Connection", cursor: "Cursor", schema: str, attempt: int) -> bool:
    """Drop a schema and its tables, but nothing of others that was built upon them; False if they are being read."""
    tables = _tables(cursor, schema)
    if tables and not _locked(cursor, tables, attempt, READERS_WAIT):
        _let_go(postgres, cursor)
        return False
    if tables:
        cursor.execute(f"drop table {', '.join(tables)}")
    cursor.execute(f"drop schema {quoted(schema)}")
    postgres.commit()
    return True


def _tables(cursor: "Cursor", schema: str) -> list[str]:
    cursor.execute(
        f"select relname from pg_class where relnamespace = {quoted_text(schema)}::regnamespace and relkind = 'r' "
        "order by 1"
    )
    return [f"{quoted(schema)}.{quoted(str(name))}" for (name,) in cursor.fetchall()]


def _schemas(cursor: "Cursor", name: str) -> list[str]:
    """The schemas of this name, and of it with a number, that Treue made."""
    pattern = f"^{name}(_[0-9]+)?$"
    cursor.execute(
        f"select nspname from pg_namespace where nspname ~ {quoted_text(pattern)} "
        f"and (nspname = {quoted_text(SCHEMA)} or obj_description(oid, 'pg_namespace') = {quoted_text(MADE_BY)}) "
        "order by 1"
    )
    return [str(found) for (found,) in cursor.fetchall()]


def readers_release(postgres: "Connection") -> str | None:
    """The release that the database's readers see, None where there is none yet."""
    with closing(postgres.cursor()) as cursor:
        cursor.execute(f"select to_regclass('{SCHEMA}.{RELEASES}') is not null")
        if cursor.fetchone() != (True,):
            return None
        cursor.execute(f"select release_id from {SCHEMA}.{RELEASES} where is_current")
        row: tuple[Any, ...] | None = cursor.fetchone()
    return str(row[0]) if row else None
