"""The release before, copied into schema `earlier` of the build, where the suites compare with it in SQL.

Great Expectations sees one connection, so what it compares with stands in the build: the tables of the release in
the columns of now, and the one-row table `earlier.release`. Without a release to compare with they are there and
empty. Of tables of persons only what is counted and summed is copied, never a key.
What must stay out: which release that is (publish), and what is compared (expectations).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from pipelines.gate.fingerprint import Column, TableMissing, table_columns
from pipelines.gate.sql_text import quoted, quoted_text
from pipelines.gate.tables import JUDGED_TABLES
from pipelines.refusal import Refusal

EARLIER = "earlier"
COMPARED: Mapping[str, tuple[str, ...] | None] = {
    "metric_values": None,
    "customers": ("last_purchase_date", "net_amount", "expected_orders_365"),
    "orders": ("source", "ordered_date", "is_purchase", "gross_amount", "net_amount_company", "currency"),
    "survey_responses": ("survey", "responded_date"),
    "survey_answers": ("survey", "question", "construct", "is_missing"),
}
# By table the columns that suites read of it; None stands for all.


class EarlierUnreadable(Refusal):
    """The kept file of the release before cannot be read."""


@dataclass(frozen=True)
class EarlierRelease:
    """A release to compare with: its kept file, and the schema in which its tables stand there."""

    release_id: str
    as_of_date: date
    file: Path
    schema: str


def copy_earlier(connection: DuckDBPyConnection, release: EarlierRelease | None) -> str | None:
    """Make schema `earlier` anew; the id of the release that it holds, None where there is none to be had."""
    connection.execute(f"drop schema if exists {EARLIER} cascade")
    connection.execute(f"create schema {EARLIER}")
    connection.execute(f"create table {EARLIER}.release (release_id text, as_of_date date)")
    columns = {name: _columns(connection, name) for name in COMPARED}
    for name in COMPARED:
        typed = ", ".join(f"{quoted(column.name)} {column.data_type}" for column in columns[name])
        connection.execute(f"create table {EARLIER}.{name} ({typed})")
    if release is None or not release.file.is_file():
        return None
    with _attached(connection, release):
        for name in COMPARED:
            _fill(connection, release.schema, name, columns[name])
    row = [release.release_id, release.as_of_date]
    connection.execute(f"insert into {EARLIER}.release values (?, ?)", row)
    return release.release_id


def _columns(connection: DuckDBPyConnection, name: str) -> list[Column]:
    [layer] = [table.layer for table in JUDGED_TABLES if table.name == name]
    chosen = COMPARED[name]
    return [c for c in table_columns(connection, layer, name) if chosen is None or c.name in chosen]


@contextmanager
def _attached(connection: DuckDBPyConnection, release: EarlierRelease) -> Iterator[None]:
    try:
        connection.execute(f"attach {quoted_text(str(release.file))} as kept (read_only)")
    except duckdb.Error as error:
        raise EarlierUnreadable(
            f"{release.file}, the kept file of release {release.release_id}, cannot be read, and the new tables are "
            "compared with it. Restore it from a backup, or move it away: then nothing is compared. DuckDB says: "
            f"{error}"
        ) from error
    try:
        yield
    finally:
        connection.execute("detach kept")


def _fill(connection: DuckDBPyConnection, schema: str, name: str, columns: Sequence[Column]) -> None:
    try:
        known = {column.name for column in table_columns(connection, schema, name, "kept")}
    except TableMissing:
        # A release of an earlier version of Treue, which had no such table.
        return
    # What was of another type then is compared where it can be read as the type of now.
    said = ", ".join(
        f"try_cast({quoted(c.name)} as {c.data_type})" if c.name in known else f"null::{c.data_type}"
        for c in columns
    )
    origin = f"kept.{quoted(schema)}.{quoted(name)}"
    connection.execute(f"insert into {EARLIER}.{name} select {said} from {origin}")
