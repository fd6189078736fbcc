"""The record of releases: one manifest per release, and one record for every time that a release was taken back.

The manifests are the truth about what was published; the tables `releases` and `metric_history` are made from
them. A manifest is written as `<release>.json.pending` before readers see its release and loses `.pending`
after, so a killed run leaves either nothing or a release that the next run can settle. A taking back likewise.
What must stay out: files and databases that readers read, and whether a release may be published.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from pipelines.gate.suites import Finding
from pipelines.gate.verdict import Verdict
from pipelines.publish.duckdb_file import rename_durably, write_durably

PENDING = ".pending"
ROLLBACKS = "rollbacks"


class Frozen(BaseModel):
    """Unknown keys are errors, and nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReleasedTable(Frozen):
    row_count: int
    fingerprint: str
    decimal_sums: dict[str, str] = {}
    # By decimal column, exact: with the number of rows, what any reader can hold a snapshot to in any database.


class Warned(Frozen):
    table: str
    expectation: str
    observed: str


class Overridden(Frozen):
    """Who answers for a release that the gate would have kept back, why, and what had failed."""

    by: str
    reason: str
    failures: list[Warned]


class Restated(Frozen):
    """A figure that two releases state differently; `figure` is its key but for the as-of day."""

    figure: dict[str, str]
    value: float | None
    value_before: float | None


class TakenBack(Frozen):
    """When, by whom and why a release was taken back."""

    at: datetime
    by: str
    reason: str


class RunFacts(Frozen):
    """What the build says of the run that made it."""

    as_of_date: date
    knowledge: str
    settings_hash: str
    lake_hash: str


class Release(RunFacts):
    """The manifest of one release; `sequence` counts releases and takings back in the order in which they were."""

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
    override: Overridden | None = None
    restated_count: int | None = None
    restated: list[Restated] = []
    erased_on: date | None = None

    # Not in the manifest: what the records of takings back make of it.
    current_since: int | None = Field(default=None, exclude=True)
    made_current_at: datetime | None = Field(default=None, exclude=True)
    taken_back: TakenBack | None = Field(default=None, exclude=True)


class Rollback(Frozen):
    """The record that readers got an earlier release again, and which ones were taken back by that."""

    sequence: int
    release_id: str
    taken_back: list[str]
    at: datetime
    by: str
    reason: str
    run_id: str


def read_releases(folder: Path) -> list[Release]:
    """All releases of a home in the order of their publication, each as it stands after all takings back."""
    files = folder.glob("*.json") if folder.exists() else []
    releases = [Release.model_validate_json(file.read_text(encoding="utf-8")) for file in files]
    records = (folder / ROLLBACKS).glob("*.json")
    rollbacks = [Rollback.model_validate_json(file.read_text(encoding="utf-8")) for file in records]
    standing = [_as_published(release) for release in releases]
    return after_rollbacks(sorted(standing, key=lambda release: release.sequence), rollbacks)


def _as_published(release: Release) -> Release:
    if not release.became_current:
        return release
    return release.model_copy(
        update={"current_since": release.sequence, "made_current_at": release.published_at}
    )


def after_rollbacks(releases: Sequence[Release], rollbacks: Sequence[Rollback]) -> list[Release]:
    """The releases as they stand after these takings back."""
    standing = {release.release_id: release for release in releases}
    for record in sorted(rollbacks, key=lambda each: each.sequence):
        said = TakenBack(at=record.at, by=record.by, reason=record.reason)
        again = {"current_since": record.sequence, "made_current_at": record.at, "taken_back": None}
        changes: dict[str, dict[str, Any]] = {
            **{gone: {"taken_back": said} for gone in record.taken_back},
            record.release_id: again,
        }
        for release_id in changes.keys() & standing.keys():
            standing[release_id] = standing[release_id].model_copy(update=changes[release_id])
    return list(standing.values())


def current_release(releases: Sequence[Release]) -> Release | None:
    """The release that became current last, by its publication or by a taking back."""
    were_current = [release for release in releases if release.current_since is not None]
    return max(were_current, key=lambda release: release.current_since or 0, default=None)


def nearest_earlier(releases: Sequence[Release], as_of: date) -> Release | None:
    """The release that a run of this day is compared with: of the latest day up to it, the last one that stands."""
    return max(
        (release for release in releases if release.as_of_date <= as_of and release.taken_back is None),
        key=lambda release: (release.as_of_date, release.sequence),
        default=None,
    )


def next_sequence(releases: Sequence[Release]) -> int:
    """The number of whatever happens next."""
    return max((max(r.sequence, r.current_since or 0) for r in releases), default=0) + 1


def next_release(
    earlier: Sequence[Release],
    current: Release | None,
    facts: RunFacts,
    verdicts: Sequence[Verdict],
    decimal_sums: Mapping[str, dict[str, str]],
    *,
    run_id: str,
    published_at: datetime,
) -> Release:
    """The manifest of the release to be published; it becomes current unless readers see a later day."""
    of_this_day = [int(r.release_id.rpartition(".")[2]) for r in earlier if r.as_of_date == facts.as_of_date]
    compared = nearest_earlier(earlier, facts.as_of_date)
    tables = {
        v.table.name: ReleasedTable(
            row_count=v.fingerprint.row_count,
            fingerprint=v.fingerprint.digest,
            decimal_sums=decimal_sums[v.table.name],
        )
        for v in verdicts
    }
    release = Release(
        **facts.model_dump(),
        release_id=f"{facts.as_of_date}.{max(of_this_day, default=0) + 1}",
        sequence=next_sequence(earlier),
        published_at=published_at,
        run_id=run_id,
        became_current=current is None or facts.as_of_date >= current.as_of_date,
        compared_with=compared.release_id if compared else None,
        what_changed=_changes(tables, compared.tables) if compared else None,
        tables=tables,
        expectation_count=sum(len(verdict.findings) for verdict in verdicts),
        warnings=_warned({v.table.name: v.warning_failures for v in verdicts}),
        override=_overridden(verdicts),
    )
    return _as_published(release)


def _warned(failures: Mapping[str, Sequence[Finding]]) -> list[Warned]:
    return [
        Warned(table=table, expectation=finding.expectation, observed=finding.observed)
        for table, findings in failures.items()
        for finding in findings
    ]


def _overridden(verdicts: Sequence[Verdict]) -> Overridden | None:
    """One person answers for all that one run would have been kept back over."""
    said = {verdict.table.name: verdict for verdict in verdicts if verdict.override is not None}
    override = next((verdict.override for verdict in said.values()), None)
    if override is None:
        return None
    failures = _warned({name: verdict.critical_failures for name, verdict in said.items()})
    return Overridden(by=override.by, reason=override.reason, failures=failures)


def _changes(now: dict[str, ReleasedTable], before: dict[str, ReleasedTable]) -> dict[str, int]:
    """By how many rows each table differs; tables of equal count are not named."""
    count_now = {name: table.row_count for name, table in now.items()}
    count_before = {name: table.row_count for name, table in before.items()}
    names = dict.fromkeys([*count_now, *count_before])
    differences = {name: count_now.get(name, 0) - count_before.get(name, 0) for name in names}
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


def announce_rollback(folder: Path, record: Rollback) -> Path:
    """Write the record of a taking back that readers do not see yet."""
    pending = folder / ROLLBACKS / f"{record.sequence:06}.json{PENDING}"
    pending.parent.mkdir(exist_ok=True)
    write_durably(pending, record.model_dump_json(indent=2) + "\n")
    return pending


def confirm(pending: Path) -> None:
    """Readers see what was announced: it counts from now on."""
    rename_durably(pending, pending.with_name(pending.name.removesuffix(PENDING)))


def withdraw(pending: Path, history_folder: Path) -> None:
    """Readers never saw the release: leave no trace of it."""
    release_id = pending.name.removesuffix(".json" + PENDING)
    history_file(history_folder, release_id).unlink(missing_ok=True)
    pending.unlink(missing_ok=True)
