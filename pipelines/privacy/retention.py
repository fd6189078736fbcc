"""Retention: rows of files that are older than the company keeps them go; their manifests stay and say so.

Whole files of events go once their newest event and their latest delivery are too old. What describes a state
(customers, links, subscriptions, rates) holds until something newer is said, so that of it only full dumps go that were
superseded. What must stay out: when this is done, and what was pruned before (`pruned.py`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pipelines.ingest.comments import COMMENTS
from pipelines.ingest.contracts import Extract
from pipelines.ingest.kinds import KINDS
from pipelines.ingest.lake import committed
from pipelines.ingest.ledger import delivered, read_ledger
from pipelines.ingest.manifests import Manifest, manifest_file, read_manifests, write_manifest
from pipelines.paths import HomePaths
from pipelines.privacy.lake_files import REJECTED, parquet_of, sweep, written
from pipelines.privacy.pruned import note_pruned, read_pruned
from pipelines.settings import Settings

EVENTS = ("orders", "order_lines", "refunds", "survey_responses", "survey_invitations")
# The kinds of which a row is something that happened on a day.


@dataclass(frozen=True)
class Counted:
    """A file that counts, with the day of its latest delivery and whether its extract has no newer one."""

    manifest: Manifest
    delivered_on: date
    is_newest: bool


def prune(paths: HomePaths, settings: Settings, secret: bytes, as_of: date) -> str:
    """Remove what is too old as of a day; what was removed, in words. Killed, it is to be started again."""
    retention = settings.retention
    told = []
    if retention.raw_days is not None:
        oldest = as_of - timedelta(days=retention.raw_days)
        contents = {
            name: [each.manifest.content_hash for each in _too_old(paths, settings, name, secret, oldest)]
            for name in settings.extracts
        }
        if any(contents.values()):
            note_pruned(paths.pruned, as_of, contents)
        told.append(f"{sum(map(len, contents.values()))} file(s) of events before {oldest} are pruned")
    _drop_outputs(paths, as_of)
    if count := sum(_drop_superseded(paths, settings, name, secret) for name in settings.extracts):
        told.append(f"{count} file(s) read under an earlier contract or secret are removed")
    if retention.rejects_days is not None:
        oldest = as_of - timedelta(days=retention.rejects_days)
        count = sum(_blank_rejects(paths, each, as_of, oldest) for each in _all_manifests(paths))
        told.append(f"{count} value(s) of rejected rows from before {oldest} are pruned")
    if retention.comments_days is not None:
        oldest = as_of - timedelta(days=retention.comments_days)
        count = sum(_drop_comments(paths, each, as_of, oldest) for each in _all_manifests(paths))
        told.append(f"{count} comment(s) from before {oldest} are pruned")
    sweep(paths)
    return "\n".join(told) or "treue.yml states no retention: nothing is pruned"


def _too_old(
    paths: HomePaths, settings: Settings, name: str, secret: bytes, oldest: date
) -> Iterator[Counted]:
    """The files of an extract of which nothing happened or was delivered since the oldest day that is kept."""
    extract = settings.extracts[name]
    for each in _counted(paths, settings, name, extract, secret):
        if each.delivered_on >= oldest:
            continue
        if extract.kind in EVENTS:
            # The newest full dump is what there is, however old it is.
            is_kept = extract.delivery == "full" and each.is_newest
            last = _newest_event(paths, each.manifest)
            if not is_kept and (last is None or last < oldest):
                yield each
        elif extract.delivery == "full" and not each.is_newest:
            yield each


def _counted(
    paths: HomePaths, settings: Settings, name: str, extract: Extract, secret: bytes
) -> list[Counted]:
    deliveries = delivered(read_ledger(paths, name), extract)
    latest: dict[str, date] = {}
    for each in deliveries:
        latest[each.content_hash] = max(each.delivered_on, latest.get(each.content_hash, each.delivered_on))
    in_force = [each for each in deliveries if each.replaced_on is None]
    newest = max(in_force, key=lambda each: (each.delivered_on, each.path), default=None)
    manifests = committed(paths, name, extract, settings.time_zone, settings.currency, secret)
    return [
        Counted(
            manifest,
            latest.get(manifest.content_hash, manifest.delivered_date),
            is_newest=newest is not None and newest.content_hash == manifest.content_hash,
        )
        for manifest in manifests
        if manifest.outputs
    ]


def _newest_event(paths: HomePaths, manifest: Manifest) -> date | None:
    import duckdb

    table, columns = next(iter(KINDS[manifest.kind].tables.items()))
    day = next(column for column in columns if column.endswith("_date"))
    with duckdb.connect() as connection:
        query = f"select max({day}) from {parquet_of(paths, manifest.outputs[table])}"
        newest: date | None = connection.execute(query).fetchall()[0][0]
    return newest


def _drop_superseded(paths: HomePaths, settings: Settings, name: str, secret: bytes) -> int:
    """Remove what was read under an earlier contract or secret and read again under those of now; how many files."""
    extract = settings.extracts[name]
    counting = committed(paths, name, extract, settings.time_zone, settings.currency, secret)
    ids, contents = ({getattr(each, key) for each in counting} for key in ("file_id", "content_hash"))
    superseded = [
        each
        for each in read_manifests(paths.manifests, name)
        if each.file_id not in ids and each.content_hash in contents
    ]
    for each in superseded:
        manifest_file(paths.manifests, name, each.file_id).unlink()
    return len(superseded)


def _all_manifests(paths: HomePaths) -> Iterable[Manifest]:
    return [
        manifest
        for folder in sorted(paths.manifests.glob("*"))
        for manifest in read_manifests(paths.manifests, folder.name)
    ]


def _drop_outputs(paths: HomePaths, as_of: date) -> None:
    """Mark the manifests of what the record names, those of earlier contracts among them; their Parquet is swept."""
    pruned = read_pruned(paths.pruned)
    for manifest in _all_manifests(paths):
        if manifest.outputs and manifest.content_hash in pruned.of(manifest.extract):
            write_manifest(paths.manifests, replace(manifest, outputs={}, pruned_on=as_of.isoformat()))


def _blank_rejects(paths: HomePaths, manifest: Manifest, as_of: date, oldest: date) -> int:
    """Take the values out of rejected rows; that they were rejected, and why, is still counted."""
    if REJECTED not in manifest.outputs or manifest.delivered_date >= oldest:
        return 0
    rows = parquet_of(paths, manifest.outputs[REJECTED])
    query = f"select extract, file_id, line, column_name, reason, null::varchar as value from {rows}"
    count = _count(f"select count(value) from {rows}")
    return _replaced(paths, manifest, REJECTED, query, as_of, count)


def _drop_comments(paths: HomePaths, manifest: Manifest, as_of: date, oldest: date) -> int:
    if COMMENTS not in manifest.outputs:
        return 0
    rows = parquet_of(paths, manifest.outputs[COMMENTS])
    query = f"select * from {rows} where responded_date >= date '{oldest}'"
    count = _count(f"select count(*) from {rows} where responded_date < date '{oldest}'")
    return _replaced(paths, manifest, COMMENTS, query, as_of, count)


def _count(query: str) -> int:
    import duckdb

    with duckdb.connect() as connection:
        return int(connection.execute(query).fetchall()[0][0])


def _replaced(paths: HomePaths, manifest: Manifest, table: str, query: str, as_of: date, count: int) -> int:
    """Write one table of a file anew where there is something to remove; how much."""
    import duckdb

    if count:
        with duckdb.connect() as connection:
            place = written(connection, paths, manifest.outputs[table], f"pruned-{as_of}", query)
        outputs = {**manifest.outputs, table: place}
        blanked = as_of.isoformat() if table == REJECTED else manifest.rejects_pruned_on
        write_manifest(paths.manifests, replace(manifest, outputs=outputs, rejects_pruned_on=blanked))
    return count
