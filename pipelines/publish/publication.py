"""Publishing a build, from its verdict to the swapped targets, in the order that leaves readers a whole release.

At every moment either the old release or the new one is in place: the pending manifest and the history are
written first, then the new file beside the old one, then the swaps, then the manifest counts. What a killed
run left is settled by the next one.
What must stay out: the orchestrator and the clock (assets), and what each target takes (targets).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.gate.fingerprint import Fingerprint
from pipelines.gate.tables import JUDGED_TABLES
from pipelines.gate.verdict import Verdict, require_passing
from pipelines.paths import HomePaths
from pipelines.publish.descriptions import METRIC_HISTORY, RELEASES, PublishedTable
from pipelines.publish.duckdb_file import (
    SCHEMA,
    Source,
    attached,
    decimal_sums,
    file_tables,
    remove_file,
    require_no_writer,
    verify_file,
    write_file,
)
from pipelines.publish.kept_files import keep, prune_files
from pipelines.publish.postgres import PostgresTarget
from pipelines.publish.release_tables import create_history_view, create_releases_table, write_history
from pipelines.publish.releases import (
    Release,
    RunFacts,
    announce,
    confirm,
    current_release,
    history_file,
    next_release,
    read_releases,
)
from pipelines.publish.restated import restated_figures
from pipelines.publish.settling import settle
from pipelines.publish.targets import bring_out

READERS = "readers"
# The published file, or a kept one, as a catalog of the connection.


def publish_build(
    connection: DuckDBPyConnection,
    paths: HomePaths,
    tables: Mapping[str, PublishedTable],
    run_id: str,
    published_at: datetime,
    *,
    keep_releases: int,
    postgres: PostgresTarget | None = None,
) -> Release:
    """Publish the build that the connection holds open, if the gate has passed exactly its tables."""
    verdicts = require_passing(connection)
    require_no_writer(paths.warehouse_file)
    for folder in (paths.warehouse, paths.releases, paths.history):
        folder.mkdir(parents=True, exist_ok=True)
    settle(paths)
    earlier = read_releases(paths.releases)
    release = _release(connection, paths, earlier, verdicts, run_id, published_at)
    pending = announce(paths.releases, release)
    new_file = new_file_of(paths)
    try:
        write_history(connection, paths.history, release, tables["metric_values"].key)
        create_releases_table(connection, [*earlier, release])
        create_history_view(connection, paths.history, [*earlier, release])
        expected = _write(connection, paths.warehouse_file, new_file, tables, release)
        verify_file(new_file, expected)
        _keep(connection, paths, new_file, tables, release)
        bring_out(new_file, paths.warehouse_file, postgres, tables)
    except Exception:
        remove_file(new_file)
        settle(paths)
        raise
    confirm(pending)
    prune_files(paths, [*earlier, release], keep_releases)
    return release


def new_file_of(paths: HomePaths) -> Path:
    """Where the file is written that is to replace the published one."""
    return paths.warehouse_file.with_name(paths.warehouse_file.name + ".new")


def _release(
    connection: DuckDBPyConnection,
    paths: HomePaths,
    earlier: Sequence[Release],
    verdicts: Sequence[Verdict],
    run_id: str,
    published_at: datetime,
) -> Release:
    current = current_release(earlier) if paths.warehouse_file.exists() else None
    release = next_release(
        earlier,
        current,
        _facts(connection),
        verdicts,
        {v.table.name: decimal_sums(connection, v.table.layer, v.table.name) for v in verdicts},
        run_id=run_id,
        published_at=published_at.astimezone(UTC),
    )
    if release.compared_with is None:
        return release
    before = history_file(paths.history, release.compared_with)
    if not before.is_file():
        # Publishing names what is gone, and stops there.
        return release
    count, largest = restated_figures(connection, before)
    return release.model_copy(update={"restated_count": count, "restated": largest})


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
        written = write_file(connection, new_file, [*_judged(connection, tables), *own_sources(tables)])
        return {**written, **_released(release)}
    with attached(connection, published_file, READERS):
        return write_file(
            connection, new_file, [*judged_of_file(connection, READERS, tables), *own_sources(tables)]
        )


def _keep(
    connection: DuckDBPyConnection,
    paths: HomePaths,
    new_file: Path,
    tables: Mapping[str, PublishedTable],
    release: Release,
) -> None:
    """Keep the release beside what readers see; of one that does not become current, its own judged tables."""
    kept = paths.release_file(release.release_id)
    if release.became_current:
        keep(new_file, kept)
        return
    own = new_file.with_name(kept.name + ".new")
    try:
        write_file(connection, own, _judged(connection, tables))
        verify_file(own, _released(release))
        keep(own, kept)
    finally:
        remove_file(own)


def _released(release: Release) -> dict[str, Fingerprint]:
    return {name: Fingerprint(table.fingerprint, table.row_count) for name, table in release.tables.items()}


def _judged(connection: DuckDBPyConnection, tables: Mapping[str, PublishedTable]) -> list[Source]:
    [(build,)] = connection.execute("select current_database()").fetchall()
    return [Source(tables[table.name], str(build), table.layer) for table in JUDGED_TABLES]


def judged_of_file(
    connection: DuckDBPyConnection, catalog: str, now: Mapping[str, PublishedTable]
) -> list[Source]:
    """The judged tables of an attached file, as it has and describes them itself, whichever version wrote it."""
    return [
        Source(table, catalog, SCHEMA)
        for name, table in file_tables(connection, catalog, now).items()
        if name not in (RELEASES, METRIC_HISTORY)
    ]


def own_sources(tables: Mapping[str, PublishedTable]) -> list[Source]:
    """The tables about publishing, as they were made for this connection."""
    return [Source(tables[name], "temp", "main") for name in (RELEASES, METRIC_HISTORY)]
