"""Taking back: readers get an earlier release again, whole and in every target, and it is recorded who wanted that.

The file is made from the kept file of that release, in its shape and words, with the record as it is now. Every
release after it that readers had seen counts as taken back: no later run is compared with it.
What must stay out: the orchestrator and the clock (release_jobs).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import duckdb

from pipelines.paths import HomePaths
from pipelines.publish.descriptions import PublishedTable
from pipelines.publish.duckdb_file import (
    SCHEMA,
    attached,
    decimal_sums,
    remove_file,
    require_no_wal,
    verify_file,
    write_file,
)
from pipelines.publish.kept_files import kept_releases
from pipelines.publish.postgres import PostgresTarget
from pipelines.publish.publication import READERS, judged_of_file, new_file_of, own_sources
from pipelines.publish.release_tables import create_history_view, create_releases_table
from pipelines.publish.releases import (
    Release,
    Rollback,
    after_rollbacks,
    announce_rollback,
    confirm,
    current_release,
    next_sequence,
    read_releases,
)
from pipelines.publish.settling import settle
from pipelines.publish.targets import bring_out
from pipelines.refusal import Refusal


class CannotTakeBack(Refusal):
    """A release that readers cannot be given again, or nobody who answers for it."""


def roll_back(
    paths: HomePaths,
    tables: Mapping[str, PublishedTable],
    release_id: str,
    *,
    by: str,
    reason: str,
    run_id: str,
    at: datetime,
    postgres: PostgresTarget | None = None,
) -> Rollback:
    """Give readers this release again, in every target."""
    by, reason = (" ".join(said.split()) for said in (by, reason))
    if not by or not reason:
        raise CannotTakeBack(
            "Taking back names who answers for it and why: make rollback RELEASE=... BY=... REASON=..., none of them "
            "blank. Nothing was changed."
        )
    require_no_wal(paths.warehouse_file)
    settle(paths)
    releases = read_releases(paths.releases)
    release = _wanted(paths, releases, release_id)
    record = Rollback(
        sequence=next_sequence(releases),
        release_id=release_id,
        taken_back=_taken_back(releases, release),
        at=at.astimezone(UTC),
        by=by,
        reason=reason,
        run_id=run_id,
    )
    pending = announce_rollback(paths.releases, record)
    try:
        _write(paths, tables, release, after_rollbacks(releases, [record]))
        bring_out(new_file_of(paths), paths.warehouse_file, postgres, tables)
    except Exception:
        remove_file(new_file_of(paths))
        settle(paths)
        raise
    confirm(pending)
    return record


def _wanted(paths: HomePaths, releases: Sequence[Release], release_id: str) -> Release:
    kept = {release.release_id: release for release in kept_releases(paths, releases)}
    if release_id in kept:
        return kept[release_id]
    is_known = release_id in {release.release_id for release in releases}
    what = "is no longer kept" if is_known else "is not a release of this home"
    there = ", ".join(kept) if kept else "none"
    raise CannotTakeBack(f"{release_id or 'RELEASE'} {what}. Kept are: {there}. Nothing was changed.")


def _taken_back(releases: Sequence[Release], wanted: Release) -> list[str]:
    """What readers saw of later days, or later of the same day; nothing, where the release is the current one."""
    current = current_release(releases)
    if current is not None and current.release_id == wanted.release_id:
        return []
    place = (wanted.as_of_date, wanted.sequence)
    return [
        release.release_id
        for release in releases
        if release.current_since is not None
        and release.taken_back is None
        and (release.as_of_date, release.sequence) > place
    ]


def _write(
    paths: HomePaths, tables: Mapping[str, PublishedTable], release: Release, standing: Sequence[Release]
) -> None:
    """Write the new file from the kept one, which must be the release that the manifest tells of."""
    file, new_file = paths.release_file(release.release_id), new_file_of(paths)
    with duckdb.connect() as connection, attached(connection, file, READERS):
        create_releases_table(connection, standing)
        create_history_view(connection, paths.history, standing)
        judged = judged_of_file(connection, READERS, tables)
        written = write_file(connection, new_file, [*judged, *own_sources(tables)])
        for name, told in release.tables.items():
            found = written.get(name)
            sums = decimal_sums(connection, SCHEMA, name, READERS) if told.decimal_sums and found else {}
            if found is None or found.row_count != told.row_count or sums != told.decimal_sums:
                raise CannotTakeBack(
                    f"{file} does not hold what release {release.release_id} held: "
                    f"{name} differs. Take another release, or bring the file back from a backup. Nothing was changed."
                )
    verify_file(new_file, written)
