"""What the lake holds: the committed files that a build is made from, and what is known of their deliveries.

What must stay out: reading a file in landing.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pipelines.ingest.contracts import Extract
from pipelines.ingest.kinds import KINDS
from pipelines.ingest.ledger import Delivered, delivered, read_ledger
from pipelines.ingest.manifests import Manifest, read_manifests
from pipelines.ingest.pseudonyms import secret_fingerprint
from pipelines.paths import HomePaths
from pipelines.privacy.pruned import read_pruned
from pipelines.settings import Settings


@dataclass(frozen=True)
class LakeFile:
    """One committed file, as a build registers it; `outputs` are absolute Parquet paths by raw table.

    `repeated_row_count` counts the rows of later deliveries of the same cells, which are not loaded again.
    """

    extract: str
    kind: str
    file_id: str
    path: str
    known_on: date
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    repeated_row_count: int
    deliveries: tuple[Delivered, ...]
    outputs: Mapping[str, str]


def committed(
    paths: HomePaths, name: str, extract: Extract, time_zone: str, currency: str, secret: bytes
) -> list[Manifest]:
    """The extract's files that were read under the contract and secret of now, in the order of their ids."""
    contract = extract.contract_hash(time_zone, currency)
    mark = secret_fingerprint(secret)
    return [
        manifest
        for manifest in read_manifests(paths.manifests, name)
        if manifest.contract_hash == contract and manifest.secret_fingerprint == mark
    ]


def lake_files(paths: HomePaths, settings: Settings, secret: bytes) -> list[LakeFile]:
    """Every file that a build of now is made from; names are absolute, since dbt reads from another folder."""
    return [
        file
        for name, extract in settings.extracts.items()
        for file in _files_of(
            paths,
            name,
            extract,
            committed(paths, name, extract, settings.time_zone, settings.currency, secret),
        )
    ]


def _files_of(paths: HomePaths, name: str, extract: Extract, manifests: list[Manifest]) -> list[LakeFile]:
    """The files of one extract: of those with the same cells the first delivered, with the deliveries of all."""
    deliveries = delivered(read_ledger(paths, name), extract)
    # A file that was read is not taken before its delivery is noted; a killed run may have left one so.
    noted = {each.content_hash for each in deliveries}
    # What was pruned counts no more, also before its rows are gone.
    noted -= read_pruned(paths.pruned).of(name)
    taken = [manifest for manifest in manifests if manifest.content_hash in noted]
    by_cells: dict[str, list[Manifest]] = {}
    for manifest in sorted(taken, key=lambda each: (each.delivered_date, each.path, each.file_id)):
        # Files of which nothing is left are not the same file.
        is_empty = manifest.rows_read == manifest.rows_erased
        by_cells.setdefault(manifest.file_id if is_empty else manifest.cells_hash, []).append(manifest)
    files = []
    for same in by_cells.values():
        first = same[0]
        contents = {each.content_hash for each in same}
        mine = tuple(each for each in deliveries if each.content_hash in contents)
        again = (
            max(0, sum(each.replaced_on is None for each in mine) - 1) if extract.delivery != "full" else 0
        )
        files.append(
            LakeFile(
                extract=name,
                kind=extract.kind,
                file_id=first.file_id,
                path=first.path,
                known_on=first.known_date,
                rows_read=first.rows_read,
                rows_loaded=first.rows_loaded,
                rows_rejected=first.rows_rejected,
                repeated_row_count=again * first.rows_read,
                deliveries=mine,
                outputs={table: str(paths.lake / output) for table, output in first.outputs.items()},
            )
        )
    return sorted(files, key=lambda each: each.file_id)


def lake_hash(files: Iterable[LakeFile]) -> str:
    """A hash of which files the lake holds; two runs over the same ones agree on it."""
    text = "\n".join(sorted(f"{f.file_id} {f.rows_loaded} {f.deliveries}" for f in files))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def last_event_day(files: Iterable[LakeFile]) -> date | None:
    """The latest order or response in these files, as a local day of the company."""
    import duckdb

    days: list[date] = []
    with duckdb.connect() as connection:
        for kind, spec in KINDS.items():
            paths = [f.outputs[next(iter(spec.tables))] for f in files if f.kind == kind]
            if spec.event and paths:
                query = f"select max({spec.event}) from read_parquet($paths)"
                days += [day for (day,) in connection.execute(query, {"paths": paths}).fetchall() if day]
    return max(days, default=None)
