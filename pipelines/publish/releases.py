"""The record of releases: one manifest per release, and the figures of each as one Parquet file.

The manifests are the truth about what was published; the tables `releases` and `metric_history` are made from
them. A manifest is written as `<release>.json.pending` before readers see its release and loses `.pending`
after, so a killed run leaves either nothing or a release that the next run can settle.
What must stay out: the warehouse file itself, and whether a release may be published.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from duckdb import DuckDBPyConnection
from pydantic import BaseModel, ConfigDict

from pipelines.gate.fingerprint import table_columns
from pipelines.gate.sql_text import quoted, quoted_text
from pipelines.gate.verdict import Verdict
from pipelines.publish.duckdb_file import rename_durably, write_durably

PENDING = ".pending"

RELEASES_COLUMNS = (
    "release_id text, as_of_date date, published_at timestamp, run_id text, knowledge text, "
    "settings_hash text, lake_hash text, became_current boolean, is_current boolean, row_count bigint, "
    "row_counts text, "
    "compared_with text, what_changed text, expectation_count bigint, warning_count bigint, warnings text, "
    "erased_on date"
)


class HistoryMissing(Exception):
    """A release of which the figures have gone."""


class Frozen(BaseModel):
    """Unknown keys are errors, and nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReleasedTable(Frozen):
    row_count: int
    fingerprint: str


class Warned(Frozen):
    table: str
    expectation: str
    observed: str


class RunFacts(Frozen):
    """What the build says of the run that made it."""

    as_of_date: date
    knowledge: str
    settings_hash: str
    lake_hash: str


class Release(RunFacts):
    """The manifest of one release; `sequence` counts a home's releases in the order of their publication."""

    release_id: str
    sequence: int
    published_at: datetime
    run_id: str
    became_current: bool
    compared_with: str | None
    what_changed: dict[str, int] | None
    tables: dict[str, ReleasedTable]
    expectation_count: int
    warnings: list[Warned]
    erased_on: date | None = None


def read_releases(folder: Path) -> list[Release]:
    """All releases of a home in the order of their publication."""
    files = folder.glob("*.json") if folder.exists() else []
    releases = [Release.model_validate_json(file.read_text(encoding="utf-8")) for file in files]
    return sorted(releases, key=lambda release: release.sequence)


def current_release(releases: Sequence[Release]) -> Release | None:
    """The release that became current last."""
    return next((release for release in reversed(releases) if release.became_current), None)


def next_release(
    earlier: Sequence[Release],
    current: Release | None,
    facts: RunFacts,
    verdicts: Sequence[Verdict],
    *,
    run_id: str,
    published_at: datetime,
) -> Release:
    """The manifest of the release to be published; it becomes current unless readers see a later day."""
    of_this_day = [int(r.release_id.rpartition(".")[2]) for r in earlier if r.as_of_date == facts.as_of_date]
    compared = max(
        (release for release in earlier if release.as_of_date <= facts.as_of_date),
        key=lambda release: (release.as_of_date, release.sequence),
        default=None,
    )
    tables = {
        v.table.name: ReleasedTable(row_count=v.fingerprint.row_count, fingerprint=v.fingerprint.digest)
        for v in verdicts
    }
    return Release(
        **facts.model_dump(),
        release_id=f"{facts.as_of_date}.{max(of_this_day, default=0) + 1}",
        sequence=earlier[-1].sequence + 1 if earlier else 1,
        published_at=published_at,
        run_id=run_id,
        became_current=current is None or facts.as_of_date >= current.as_of_date,
        compared_with=compared.release_id if compared else None,
        what_changed=_changes(tables, compared.tables) if compared else None,
        tables=tables,
        expectation_count=sum(len(verdict.findings) for verdict in verdicts),
        warnings=[
            Warned(table=v.table.name, expectation=finding.expectation, observed=finding.observed)
            for v in verdicts
            for finding in v.warning_failures
        ],
    )


def _changes(now: dict[str, ReleasedTable], before: dict[str, ReleasedTable]) -> dict[str, int]:
    """By how many rows each table differs; tables of equal count are not named."""
    count_before = {name: table.row_count for name, table in before.items()}
    differences = {name: table.row_count - count_before.get(name, 0) for name, table in now.items()}
    return {name: difference for name, difference in differences.items() if difference}


def manifest_file(folder: Path, release_id: str) -> Path:
    return folder / f"{release_id}.json"


def history_file(folder: Path, release_id: str) -> Path:
    return folder / f"{release_id}.parquet"


def announce(folder: Path, release: Release) -> Path:
    """Write the manifest of a release that readers do not see yet."""
    pending = folder / (manifest_file(folder, release.release_id).name + PENDING)
    write_durably(pending, release.model_dump_json(indent=2) + "\n")
    return pending


def confirm(pending: Path) -> None:
    """Readers see the release: its manifest counts from now on."""
    rename_durably(pending, pending.with_name(pending.name.removesuffix(PENDING)))


def withdraw(pending: Path, history_folder: Path) -> None:
    """Readers never saw the release: leave no trace of it."""
    release_id = pending.name.removesuffix(".json" + PENDING)
    history_file(history_folder, release_id).unlink(missing_ok=True)
    pending.unlink(missing_ok=True)


def write_history(connection: DuckDBPyConnection, folder: Path, release: Release, key: Sequence[str]) -> None:
    """Keep what the build's figures say, as one Parquet file in the order of their key."""
    file = history_file(folder, release.release_id)
    part = file.with_name(file.name + ".part")
    order = ", ".join(f"{quoted(name)} nulls last" for name in key)
    name = quoted_text(release.release_id)
    said = f"select {name} as release_id, * from metrics.metric_values order by {order}"
    connection.execute(f"copy ({said}) to {quoted_text(str(part))} (format parquet)")
    rename_durably(part, file)


def create_releases_table(connection: DuckDBPyConnection, releases: Sequence[Release]) -> None:
    """The temporary table `releases`, from the manifests."""
    current = current_release(releases)
    connection.execute(f"create or replace temp table releases ({RELEASES_COLUMNS})")
    for r in releases:
        row_counts = {name: table.row_count for name, table in r.tables.items()}
        row = [
            r.release_id, r.as_of_date, r.published_at.replace(tzinfo=None), r.run_id, r.knowledge,
            r.settings_hash, r.lake_hash, r.became_current, r is current, sum(row_counts.values()),
            json.dumps(row_counts), r.compared_with,
            None if r.what_changed is None else json.dumps(r.what_changed),
            r.expectation_count, len(r.warnings),
            json.dumps([warned.model_dump() for warned in r.warnings], ensure_ascii=False), r.erased_on,
        ]  # fmt: skip
        connection.execute(f"insert into temp.releases values ({', '.join('?' * len(row))})", row)


def create_history_view(connection: DuckDBPyConnection, folder: Path, releases: Sequence[Release]) -> None:
    """The temporary view `metric_history`: the releases' Parquet files in the columns of `metric_values`."""
    files = [history_file(folder, release.release_id) for release in releases]
    gone = [file for file in files if not file.is_file()]
    if gone:
        raise HistoryMissing(
            f"{len(gone)} of {len(files)} files of metric_history are gone, first {gone[0]}. Restore them "
            "from a backup, or move the manifests of these releases away to publish without them."
        )
    listed = "[" + ", ".join(quoted_text(str(file)) for file in files) + "]"
    read = f"read_parquet({listed}, union_by_name = true)"
    kept = {row[0] for row in connection.execute(f"describe select * from {read}").fetchall()}
    selected = ", ".join(
        f"{quoted(c.name) if c.name in kept else 'null'}::{c.data_type} as {quoted(c.name)}"
        for c in table_columns(connection, "metrics", "metric_values")
    )
    said = f"select release_id, {selected} from {read}"
    connection.execute(f"create or replace temp view metric_history as {said}")
