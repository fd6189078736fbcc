"""Publishing a build, from its verdict to the swapped file, in the order that leaves readers a whole release.

At every moment either the old release or the new one is in place: the pending manifest and the history are
written first, then the new file beside the old one, then the swap, then the manifest counts. What a killed
run left is settled by the next one.
What must stay out: the orchestrator and the clock (assets).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.gate.fingerprint import Fingerprint
from pipelines.gate.tables import JUDGED_TABLES
from pipelines.gate.verdict import require_passing
from pipelines.paths import HomePaths
from pipelines.publish.descriptions import METRIC_HISTORY, RELEASES, PublishedTable
from pipelines.publish.duckdb_file import (
    SCHEMA,
    Source,
    attached,
    remove_file,
    require_no_wal,
    swap_in,
    verify_file,
    write_file,
)
from pipelines.publish.releases import (
    PENDING,
    Release,
    RunFacts,
    announce,
    confirm,
    create_history_view,
    create_releases_table,
    current_release,
    next_release,
    read_releases,
    withdraw,
    write_history,
)

READERS = "readers"
# The published file as a catalog of the build's connection.


def publish_build(
    connection: DuckDBPyConnection,
    paths: HomePaths,
    tables: Mapping[str, PublishedTable],
    run_id: str,
    published_at: datetime,
) -> Release:
    """Publish the build that the connection holds open, if the gate has passed exactly its tables."""
    verdicts = require_passing(connection)
    require_no_wal(paths.warehouse_file)
    for folder in (paths.warehouse, paths.releases, paths.history):
        folder.mkdir(parents=True, exist_ok=True)
    settle(connection, paths)
    earlier = read_releases(paths.releases)
    current = current_release(earlier) if paths.warehouse_file.exists() else None
    release = next_release(
        earlier,
        current,
        _facts(connection),
        verdicts,
        run_id=run_id,
        published_at=published_at.astimezone(UTC),
    )
    pending = announce(paths.releases, release)
    new_file = paths.warehouse_file.with_name(paths.warehouse_file.name + ".new")
    try:
        write_history(connection, paths.history, release, tables["metric_values"].key)
        create_releases_table(connection, [*earlier, release])
        create_history_view(connection, paths.history, [*earlier, release])
        expected = _write(connection, paths.warehouse_file, new_file, tables, release)
        verify_file(new_file, expected)
        swap_in(new_file, paths.warehouse_file)
    except Exception:
        remove_file(new_file)
        settle(connection, paths)
        raise
    confirm(pending)
    return release


def _facts(connection: DuckDBPyConnection) -> RunFacts:
    [row] = connection.execute(
        "select as_of_date, knowledge, settings_hash, lake_hash from context.run"
    ).fetchall()
    return RunFacts(as_of_date=row[0], knowledge=row[1], settings_hash=row[2], lake_hash=row[3])


def _write(
    connection: DuckDBPyConnection,
    published_file: Path,
    new_file: Path,
    tables: Mapping[str, PublishedTable],
    release: Release,
) -> dict[str, Fingerprint]:
    """Write the new file; a release that does not become current leaves readers the tables they have."""
    if release.became_current:
        build = _current_catalog(connection)
        judged = [Source(tables[table.name], build, table.layer) for table in JUDGED_TABLES]
        written = write_file(connection, new_file, [*judged, *_own_sources(tables)])
        released = {
            name: Fingerprint(table.fingerprint, table.row_count) for name, table in release.tables.items()
        }
        return {**written, **released}
    with attached(connection, published_file, READERS):
        kept = [Source(tables[table.name], READERS, SCHEMA) for table in JUDGED_TABLES]
        return write_file(connection, new_file, [*kept, *_own_sources(tables)])


def _own_sources(tables: Mapping[str, PublishedTable]) -> Sequence[Source]:
    return [Source(tables[name], "temp", "main") for name in (RELEASES, METRIC_HISTORY)]


def _current_catalog(connection: DuckDBPyConnection) -> str:
    [(name,)] = connection.execute("select current_database()").fetchall()
    return str(name)


def settle(connection: DuckDBPyConnection, paths: HomePaths) -> None:
    """Finish or withdraw what a killed run left: a release counts once the readers' file names it."""
    for pending in sorted(paths.releases.glob("*.json" + PENDING)):
        release_id = pending.name.removesuffix(".json" + PENDING)
        if release_id in _releases_that_readers_see(connection, paths.warehouse_file):
            confirm(pending)
        else:
            withdraw(pending, paths.history)


def _releases_that_readers_see(connection: DuckDBPyConnection, published_file: Path) -> set[str]:
    if not published_file.exists():
        return set()
    with attached(connection, published_file, READERS):
        rows = connection.execute(f"select release_id from {READERS}.{SCHEMA}.{RELEASES}").fetchall()
    return {release_id for (release_id,) in rows}
