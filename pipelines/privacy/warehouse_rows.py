"""The rows of persons in the warehouse: whatever holds them is written anew without them, verified and swapped in.

The published file, the kept files of earlier releases, and the database beside them. Figures, and what was said of them
in earlier releases, are sums over many and stay. The manifests of the releases are made again with the rows and
fingerprints that there are now. What must stay out: who the persons are.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.gate.fingerprint import fingerprint
from pipelines.gate.sql_text import quoted
from pipelines.paths import HomePaths
from pipelines.privacy.plan import Plan
from pipelines.publish.descriptions import METRIC_HISTORY, RELEASES, PublishedTable, published_tables
from pipelines.publish.duckdb_file import (
    SCHEMA,
    Source,
    attached,
    decimal_sums,
    file_tables,
    remove_file,
    require_no_wal,
    swap_in,
    verify_file,
    write_durably,
    write_file,
)
from pipelines.publish.kept_files import keep, kept_releases
from pipelines.publish.postgres import PostgresTarget
from pipelines.publish.publication import READERS, new_file_of
from pipelines.publish.release_tables import create_releases_table
from pipelines.publish.releases import Release, ReleasedTable, current_release, manifest_file, read_releases
from pipelines.publish.settling import settle
from pipelines.publish.targets import renew_database

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Persons:
    """Whose rows go: pseudonyms, and the keys of orders and responses, as the tables of the warehouse have them."""

    keys: Sequence[str]
    order_keys: Sequence[str]
    response_keys: Sequence[str]


@dataclass(frozen=True)
class Remainder:
    """A file of the warehouse without the persons: temporary views of its tables, and what they hold."""

    connection: "DuckDBPyConnection"
    tables: Sequence[PublishedTable]
    gone: Mapping[str, int]

    def left(self) -> dict[str, ReleasedTable]:
        """What is left of the judged tables."""
        left = {}
        for table in self.tables:
            if table.name not in (RELEASES, METRIC_HISTORY):
                found = fingerprint(self.connection, "main", table.name, "temp")
                sums = decimal_sums(self.connection, "main", table.name, "temp")
                left[table.name] = ReleasedTable(
                    row_count=found.row_count, fingerprint=found.digest, decimal_sums=sums
                )
        return left

    def write(self, new_file: Path) -> None:
        """Write it into a new file, and verify that."""
        verify_file(
            new_file,
            write_file(self.connection, new_file, [Source(table, "temp", "main") for table in self.tables]),
        )


def count_published(paths: HomePaths, persons: Persons) -> dict[str, int]:
    """How many rows of each published and kept table go; a warehouse that cannot be replaced is refused here."""
    if not paths.warehouse_file.exists():
        return {}
    require_no_wal(paths.warehouse_file)
    releases = read_releases(paths.releases)
    current = current_release(releases)
    files = {
        f"warehouse/releases/{release.release_id}": paths.release_file(release.release_id)
        for release in kept_releases(paths, releases)
        if release is not current
    }
    counts: dict[str, int] = {}
    for place, file in {"warehouse": paths.warehouse_file, **files}.items():
        with _without(file, persons) as remainder:
            counts |= {f"{place}/{name}": count for name, count in remainder.gone.items() if count}
    return counts


def rewrite_warehouse(paths: HomePaths, plan: Plan, postgres: PostgresTarget | None) -> None:
    """Take the persons out of all that readers read or can be given again; done once more, it changes nothing."""
    new_file = new_file_of(paths)
    # A killed run leaves the new file, and figures without a name.
    remove_file(new_file)
    for part in (
        *paths.history.glob("*.part"),
        *paths.releases.glob("*.part"),
        *paths.releases.glob("*.new"),
    ):
        part.unlink()
    if not paths.warehouse_file.exists():
        return
    settle(paths)
    persons = Persons(plan.keys, plan.order_keys, plan.response_keys)
    before = read_releases(paths.releases)
    for release in kept_releases(paths, before):
        _rewrite_kept(paths, release, persons, plan.erased_on)
    with _without(paths.warehouse_file, persons) as remainder:
        current = current_release(read_releases(paths.releases))
        if current is not None:
            _bring_up_to_date(paths, current, remainder.left(), plan.erased_on)
        is_changed = _is_told_anew(remainder, read_releases(paths.releases)) or any(remainder.gone.values())
        if is_changed:
            remainder.write(new_file)
    if is_changed:
        swap_in(new_file, paths.warehouse_file)
        if current is not None and paths.release_file(current.release_id).exists():
            keep(paths.warehouse_file, paths.release_file(current.release_id))
    if postgres is not None:
        renew_database(paths.warehouse_file, postgres, published_tables())


def _rewrite_kept(paths: HomePaths, release: Release, persons: Persons, erased_on: str) -> None:
    file = paths.release_file(release.release_id)
    new_file = file.with_name(file.name + ".new")
    with _without(file, persons) as remainder:
        left = remainder.left()
        is_changed = any(remainder.gone.values())
        if is_changed:
            remainder.write(new_file)
    if is_changed:
        swap_in(new_file, file)
    _bring_up_to_date(paths, release, left, erased_on)


@contextmanager
def _without(file: Path, persons: Persons) -> "Iterator[Remainder]":
    """A file without the persons, as temporary views of a connection of its own."""
    import duckdb

    now = published_tables()
    with duckdb.connect() as connection, attached(connection, file, READERS):
        # The file's own words, which an earlier version of Treue may have written.
        tables = [*file_tables(connection, READERS, now).values()]
        _mark_gone(connection, tables, persons)
        for table in tables:
            rows = f"select * from {READERS}.{SCHEMA}.{quoted(table.name)} where not {_goes(table)}"
            connection.execute(f"create temp view {quoted(table.name)} as {rows}")
        yield Remainder(connection, tables, dict(_gone_counts(connection, tables)))


def _is_told_anew(remainder: Remainder, releases: Sequence[Release]) -> bool:
    """Put the record as it is now in the place of what the file says of it; whether that says otherwise."""
    connection = remainder.connection
    connection.execute(f"drop view {RELEASES}")
    create_releases_table(connection, releases)
    rows = connection.execute(
        f"select count(*) from temp.{RELEASES} as n left join {READERS}.{SCHEMA}.{RELEASES} as b using (release_id) "
        "where n.erased_on is distinct from b.erased_on or n.row_count is distinct from b.row_count"
    ).fetchall()
    return rows != [(0,)]


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


def _gone_counts(
    connection: "DuckDBPyConnection", tables: Sequence[PublishedTable]
) -> Iterator[tuple[str, int]]:
    for table in tables:
        rows = f"{READERS}.{SCHEMA}.{quoted(table.name)}"
        [(count,)] = connection.execute(f"select count(*) from {rows} where {_goes(table)}").fetchall()
        yield table.name, count


def _bring_up_to_date(
    paths: HomePaths, release: Release, left: Mapping[str, ReleasedTable], erased_on: str
) -> None:
    """Let the manifest say what is left of the release; one that says so already stays as it is."""
    if all(
        (told.row_count, told.fingerprint) == (left[name].row_count, left[name].fingerprint)
        for name, told in release.tables.items()
        if name in left
    ):
        return
    tables = {name: left.get(name, told) for name, told in release.tables.items()}
    newer = release.model_copy(update={"tables": tables, "erased_on": date.fromisoformat(erased_on)})
    write_durably(manifest_file(paths.releases, release.release_id), newer.model_dump_json(indent=2) + "\n")
