"""The rows of persons in the warehouse: the published file is written anew without them, verified and swapped in.

Figures, and what was said of them in earlier releases, are sums over many and stay. The manifest of the release is
made again with the rows and fingerprints that there are now. What must stay out: who the persons are.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pipelines.gate.fingerprint import Fingerprint, fingerprint
from pipelines.gate.sql_text import quoted
from pipelines.paths import HomePaths
from pipelines.privacy.plan import Plan
from pipelines.publish.descriptions import METRIC_HISTORY, RELEASES, PublishedTable, published_tables
from pipelines.publish.duckdb_file import (
    SCHEMA,
    Source,
    attached,
    remove_file,
    require_no_wal,
    swap_in,
    verify_file,
    write_durably,
    write_file,
)
from pipelines.publish.publication import READERS, settle
from pipelines.publish.releases import (
    Release,
    ReleasedTable,
    create_releases_table,
    current_release,
    manifest_file,
    read_releases,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Persons:
    """Whose rows go: pseudonyms, and the keys of orders and responses, as the tables of the warehouse have them."""

    keys: Sequence[str]
    order_keys: Sequence[str]
    response_keys: Sequence[str]


def count_published(paths: HomePaths, persons: Persons) -> dict[str, int]:
    """How many rows of each published table go; a warehouse that cannot be replaced is refused here."""
    if not paths.warehouse_file.exists():
        return {}
    require_no_wal(paths.warehouse_file)
    with _read(paths) as connection:
        tables = _tables(connection)
        _mark_gone(connection, tables, persons)
        counts = {
            table.name: connection.execute(
                f"select count(*) from {READERS}.{SCHEMA}.{quoted(table.name)} where {_goes(table)}"
            ).fetchall()[0][0]
            for table in tables
        }
    return {f"warehouse/{name}": count for name, count in counts.items() if count}


def rewrite_warehouse(paths: HomePaths, plan: Plan) -> None:
    """Take the persons out of the published file and bring the record of its release up to date; again, nothing."""
    new_file = paths.warehouse_file.with_name(paths.warehouse_file.name + ".new")
    # A killed run leaves the new file, and figures without a name.
    remove_file(new_file)
    for part in (*paths.history.glob("*.part"), *paths.releases.glob("*.part")):
        part.unlink()
    if not paths.warehouse_file.exists():
        return
    persons = Persons(plan.keys, plan.order_keys, plan.response_keys)
    with _read(paths, is_settled=True) as connection:
        tables = _tables(connection)
        _mark_gone(connection, tables, persons)
        for table in tables:
            rows = f"select * from {READERS}.{SCHEMA}.{quoted(table.name)} where not {_goes(table)}"
            connection.execute(f"create temp view {quoted(table.name)} as {rows}")
        left = {
            table.name: fingerprint(connection, "main", table.name, "temp")
            for table in tables
            if table.name not in (RELEASES, METRIC_HISTORY)
        }
        releases = read_releases(paths.releases)
        release = _brought_up_to_date(current_release(releases), left, plan.erased_on)
        is_changed = any(count for count in _gone_counts(connection, tables))
        if is_changed:
            connection.execute(f"drop view {RELEASES}")
            create_releases_table(connection, [_newer(each, release) for each in releases])
            expected = write_file(connection, new_file, [Source(table, "temp", "main") for table in tables])
    if is_changed:
        verify_file(new_file, expected)
        swap_in(new_file, paths.warehouse_file)
    if release is not None and release not in releases:
        write_durably(
            manifest_file(paths.releases, release.release_id), release.model_dump_json(indent=2) + "\n"
        )


@contextmanager
def _read(paths: HomePaths, *, is_settled: bool = False) -> "Iterator[DuckDBPyConnection]":
    """The published file as a catalog of a connection of its own."""
    import duckdb

    with duckdb.connect() as connection:
        if is_settled:
            settle(connection, paths)
        with attached(connection, paths.warehouse_file, READERS):
            yield connection


def _tables(connection: "DuckDBPyConnection") -> list[PublishedTable]:
    """What the file itself says of its tables, which an earlier version of Treue may have written."""
    words = connection.execute(
        "select table_name, comment from duckdb_tables() "
        "where database_name = ? and schema_name = ? order by table_name",
        [READERS, SCHEMA],
    ).fetchall()
    tables = []
    for name, description in words:
        columns = connection.execute(
            "select column_name, comment, is_nullable from duckdb_columns() "
            "where database_name = ? and schema_name = ? and table_name = ? order by column_index",
            [READERS, SCHEMA, name],
        ).fetchall()
        key = tuple(column for column, _, is_nullable in columns if not is_nullable)
        tables.append(PublishedTable(name, description, key, {column: said for column, said, _ in columns}))
    # Made anew from the manifests, in the columns of now.
    return [published_tables()[RELEASES] if table.name == RELEASES else table for table in tables]


def _mark_gone(connection: "DuckDBPyConnection", tables: Sequence[PublishedTable], persons: Persons) -> None:
    """The tables of keys that go: `gone_<key>`; a customer whose orders or answers go is made anew by the next run."""
    given = {
        "customer_key": persons.keys,
        "order_key": persons.order_keys,
        "response_key": persons.response_keys,
    }
    for key, values in given.items():
        connection.execute(
            f"create temp table gone_{key} as select unnest($1::text[]) as key", [list(values)]
        )
    for key in ("order_key", "response_key"):
        for table in (each for each in tables if {key, "customer_key"} <= each.columns.keys()):
            rows = f"{READERS}.{SCHEMA}.{quoted(table.name)}"
            connection.execute(
                f"insert into gone_{key} select {key} from {rows} where customer_key in (from gone_customer_key)"
            )
    connection.execute("create temp table gone_customers as from gone_customer_key")
    for key in ("order_key", "response_key"):
        for table in (each for each in tables if {key, "customer_key"} <= each.columns.keys()):
            rows = f"{READERS}.{SCHEMA}.{quoted(table.name)}"
            connection.execute(
                f"insert into gone_customers select customer_key from {rows} where {key} in (from gone_{key})"
            )


def _goes(table: PublishedTable) -> str:
    """Whether a row goes, as SQL that is never null."""
    keys = [key for key in ("customer_key", "order_key", "response_key") if key in table.columns]
    conditions = [f"{key} in (from gone_{key})" for key in keys]
    if table.key == ("customer_key",):
        conditions.append("customer_key in (from gone_customers)")
    return f"coalesce({' or '.join(conditions or ['false'])}, false)"


def _gone_counts(connection: "DuckDBPyConnection", tables: Sequence[PublishedTable]) -> Iterator[int]:
    for table in tables:
        rows = f"{READERS}.{SCHEMA}.{quoted(table.name)}"
        yield connection.execute(f"select count(*) from {rows} where {_goes(table)}").fetchall()[0][0]


def _newer(release: Release, changed: Release | None) -> Release:
    return changed if changed is not None and changed.release_id == release.release_id else release


def _brought_up_to_date(
    release: Release | None, left: dict[str, Fingerprint], erased_on: str
) -> Release | None:
    """The release as it is without the persons; unchanged where it holds what it says."""
    if release is None:
        return None
    tables = {
        name: ReleasedTable(row_count=left[name].row_count, fingerprint=left[name].digest)
        if name in left
        else table
        for name, table in release.tables.items()
    }
    if tables == release.tables:
        return release
    return release.model_copy(update={"tables": tables, "erased_on": date.fromisoformat(erased_on)})
