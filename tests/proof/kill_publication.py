"""A home that publishes to a file and a database, two judged builds in turns, and a publication that may be killed.

A publication is killed before it runs a chosen line of the stage's own code for the first time, or after a time. What
must stay out: when it is killed, and what is expected.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import duckdb
import pandas as pd  # noqa: F401 - imported before the fork, as a run has long imported it when it publishes
from adbc_driver_postgresql import dbapi  # imported before the fork too

from pipelines.gate.fingerprint import Fingerprint, fingerprint, table_columns
from pipelines.gate.sql_text import quoted
from pipelines.gate.suites import Finding
from pipelines.gate.tables import JUDGED_TABLES
from pipelines.gate.verdict import fingerprints, make_verdicts, write_verdicts
from pipelines.paths import HomePaths
from pipelines.publish.descriptions import published_tables
from pipelines.publish.postgres import PostgresTarget
from pipelines.publish.publication import publish_build
from pipelines.publish.releases import Release
from pipelines.publish.targets import drop_what_is_no_longer_read

STAGE = str(Path(sys.modules[publish_build.__module__].__file__ or "").parent)
FIRST_MOMENT = datetime(2026, 1, 1, 4, tzinfo=UTC)
PASSED = Finding(
    1, "the key is unique", "critical", passed=True, observed="0 rows against it", why="BI joins on it."
)
ROLE = "loyalty_reader"

Line = tuple[str, int]


def other_build(build: Path, other: Path) -> None:
    """The same build with a row less in every judged table that has two, judged as well."""
    shutil.copyfile(build, other)
    with duckdb.connect(str(other)) as connection:
        for table in JUDGED_TABLES:
            name = f"{quoted(table.layer)}.{quoted(table.name)}"
            connection.execute(
                f"delete from {name} where rowid = (select max(rowid) from {name}) "
                f"and (select count(*) from {name}) > 1"
            )
        pass_gate(connection)


def pass_gate(connection: duckdb.DuckDBPyConnection) -> None:
    """Store a passing verdict on the tables as they stand."""
    now = fingerprints(connection)
    [(as_of,)] = connection.execute("select as_of_date from context.run").fetchall()
    verdicts = make_verdicts({table: [PASSED] for table in JUDGED_TABLES}, now, now)
    write_verdicts(connection, verdicts, date.fromisoformat(str(as_of)))


def take_build(root: Path, build: Path) -> None:
    """Give the home this build; it is only read."""
    file = HomePaths(root).build_file
    file.unlink(missing_ok=True)
    file.symlink_to(build)


def publish(root: Path, address: str | None) -> Release:
    """What the last asset of a night does with a judged build."""
    paths = HomePaths(root)
    target = PostgresTarget(address, ROLE) if address else None
    with duckdb.connect(str(paths.build_file), read_only=True) as connection:
        count = len(list(paths.releases.glob("*.json"))) if paths.releases.exists() else 0
        moment = FIRST_MOMENT + timedelta(minutes=count)
        release = publish_build(
            connection, paths, published_tables(), "run", moment, keep_releases=7, postgres=target
        )
    drop_what_is_no_longer_read(target)
    return release


def publishing(root: Path, address: str | None, ready: Path, before: Line | None = None) -> None:
    """A publication that kills itself before a line, or, to the end, says which lines it came by, in their order."""
    lines: dict[Line, None] = {}

    def on_line(line: Line) -> None:
        lines[line] = None
        if line == before:
            os.kill(os.getpid(), signal.SIGKILL)

    ready.write_text("0", encoding="utf-8")
    _traced(on_line, lambda: publish(root, address))
    ready.write_text(json.dumps(list(lines)), encoding="utf-8")


def publishing_untraced(root: Path, address: str | None, ready: Path) -> None:
    """A publication that says when it begins."""
    ready.write_text("0", encoding="utf-8")
    publish(root, address)
    ready.write_text("[]", encoding="utf-8")


def _traced(on_line: Callable[[Line], None], act: Callable[[], object]) -> None:
    def within(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            on_line((Path(frame.f_code.co_filename).name, frame.f_lineno))
        return within

    def entered(frame: FrameType, event: str, _: Any) -> Any:
        return within if frame.f_code.co_filename.startswith(STAGE) else None

    sys.settrace(entered)
    try:
        act()
    finally:
        sys.settrace(None)


def fingerprints_of_build(build: Path) -> dict[str, Fingerprint]:
    with duckdb.connect(str(build), read_only=True) as connection:
        return {table.name: found for table, found in fingerprints(connection).items()}


def fingerprints_of_file(root: Path) -> dict[str, Fingerprint]:
    """What readers of the file find in the judged tables."""
    with duckdb.connect(str(HomePaths(root).warehouse_file), read_only=True) as connection:
        return {table.name: fingerprint(connection, "loyalty", table.name) for table in JUDGED_TABLES}


def fingerprints_of_database(root: Path, address: str) -> dict[str, Fingerprint]:
    """What readers of the database find in them, in the types of the file."""
    file = HomePaths(root).warehouse_file
    with (
        dbapi.connect(address) as session,
        session.cursor() as cursor,
        duckdb.connect(str(file), read_only=True) as like,
        duckdb.connect() as connection,
    ):
        found = {}
        for name in (table.name for table in JUDGED_TABLES):
            columns = table_columns(like, "loyalty", name)
            cursor.execute(f"select {', '.join(quoted(c.name) for c in columns)} from loyalty.{quoted(name)}")
            rows = cursor.fetch_arrow_table()
            typed = ", ".join(f"cast({quoted(c.name)} as {c.data_type}) as {quoted(c.name)}" for c in columns)
            connection.register("rows", rows)
            connection.execute(f"create table main.{quoted(name)} as select {typed} from rows")
            connection.unregister("rows")
            found[name] = fingerprint(connection, "main", name)
        return found


def leftovers(root: Path, address: str | None) -> list[str]:
    """What a publication must have cleared away when it has ended."""
    paths = HomePaths(root)
    odd = [
        path.relative_to(root).as_posix()
        for path in paths.warehouse.rglob("*")
        if path.is_file() and path.suffix in (".new", ".pending", ".part", ".wal")
    ]
    if address is None:
        return odd
    with dbapi.connect(address) as session, session.cursor() as cursor:
        cursor.execute("select nspname from pg_namespace where nspname like 'loyalty%' order by 1")
        return odd + [name for (name,) in cursor.fetchall() if name != "loyalty"]
