"""One delivered file, from landing to the lake: read, typed, written, committed by its manifest.

A file is read in a scratch database of its own and its Parquet is moved into place before the manifest is
written, so that a killed run leaves nothing that counts. What must stay out: which files there are (`stage.py`).
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.ingest.cells import Surroundings
from pipelines.ingest.contracts import Extract
from pipelines.ingest.deliveries import Delivery
from pipelines.ingest.expressions import literal
from pipelines.ingest.expressions import name as quoted
from pipelines.ingest.ledger import KNOWN_FROM_THE_START
from pipelines.ingest.manifests import Manifest, file_id, first_seen_on, write_manifest
from pipelines.ingest.pseudonyms import secret_fingerprint
from pipelines.ingest.readers import read_source
from pipelines.ingest.rejects import Reject, judge_rejects
from pipelines.ingest.rows import file_cells, type_rows, wanted_columns, write_rows
from pipelines.paths import HomePaths

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SCRATCH_PREFIX = ".scratch-"
SCRATCH_MEMORY = "1GB"
# Beyond it DuckDB spills to the scratch folder; a night's file must not decide how much memory a run takes.


@dataclass(frozen=True)
class Ingest:
    """What every file of one night shares."""

    paths: HomePaths
    time_zone: str
    currency: str
    secret: bytes
    seen_on: date

    def contract_of(self, extract: Extract) -> str:
        """The hash of all that decides which rows the extract's files give."""
        return extract.contract_hash(self.time_zone, self.currency)


@dataclass(frozen=True)
class FileOutcome:
    """What became of a file's rows; `rejects` are ordered by how many rows they concern."""

    manifest: Manifest
    rejects: list[Reject]


def load_file(
    ingest: Ingest, name: str, extract: Extract, delivery: Delivery, *, commit: bool = True
) -> FileOutcome:
    """Read one file into the lake; without `commit` only say what it would give. A `FileFault` takes no row."""
    first_seen = first_seen_on(ingest.paths.manifests, name, delivery.content_hash) or ingest.seen_on
    known = KNOWN_FROM_THE_START if extract.initial_load else delivery.delivered_on or first_seen
    contract, mark = ingest.contract_of(extract), secret_fingerprint(ingest.secret)
    manifest = Manifest(
        extract=name,
        kind=extract.kind,
        file_id=file_id(name, delivery.content_hash, contract, mark),
        path=delivery.relative,
        size_bytes=delivery.size_bytes,
        content_hash=delivery.content_hash,
        contract_hash=contract,
        secret_fingerprint=mark,
        delivered_on=delivery.delivered_on.isoformat() if delivery.delivered_on else None,
        first_seen_on=first_seen.isoformat(),
        known_on=known.isoformat(),
    )
    with _scratch(ingest.paths) as (scratch, connection):
        drafts = scratch / "drafts"
        drafts.mkdir()
        manifest, rejects = _read(connection, ingest, extract, delivery, manifest, scratch, drafts)
        if commit:
            manifest = replace(manifest, outputs=_move(drafts, ingest.paths, name, manifest.file_id))
    if commit:
        write_manifest(ingest.paths.manifests, manifest)
    return FileOutcome(manifest, rejects)


def _read(
    connection: "DuckDBPyConnection",
    ingest: Ingest,
    extract: Extract,
    delivery: Delivery,
    manifest: Manifest,
    scratch: Path,
    drafts: Path,
) -> tuple[Manifest, list[Reject]]:
    """Read, type and judge the rows; write those that may be loaded to drafts and complete the manifest."""
    source = read_source(
        connection, delivery.path, delivery.relative, extract.format, wanted_columns(extract), scratch
    )
    around = Surroundings(ingest.time_zone, ingest.currency, extract.format, source.type)
    type_rows(connection, file_cells(extract, source.names, around))
    write_rows(
        connection, extract, manifest, around, ingest.secret, lambda table: drafts / f"{table}.parquet"
    )
    (rows_read, rows_loaded, rows_rejected), rejects = _counts(connection)
    judge_rejects(rejects, delivery.relative, rows_read, extract)
    read = replace(
        manifest,
        file_type=source.type,
        encoding=source.encoding,
        delimiter=source.delimiter,
        headings=source.headings,
        cells_hash=_cells_hash(connection),
        rows_read=rows_read,
        rows_loaded=rows_loaded,
        rows_rejected=rows_rejected,
        rejected_by_reason=_by_reason(rejects),
    )
    return read, rejects


def clear_scratch(paths: HomePaths) -> None:
    """Remove what killed runs left; a scratch folder in use is locked by the process that uses it."""
    for folder in paths.lake.glob(f"{SCRATCH_PREFIX}*"):
        with _locked(folder) as is_free:
            if is_free:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(handle)


@contextmanager
def _scratch(paths: HomePaths) -> "Iterator[tuple[Path, DuckDBPyConnection]]":
    import duckdb

    paths.lake.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=SCRATCH_PREFIX, dir=paths.lake) as folder,
        _locked(Path(folder)),
    ):
        scratch = Path(folder)
        # In memory, with a folder to spill to: a database file would be written out in full when it is closed.
        with duckdb.connect() as connection:
            connection.execute(f"set temp_directory = {literal(str(scratch / 'spill'))}")
            connection.execute(f"set memory_limit = '{SCRATCH_MEMORY}'")
            connection.execute("set timezone = 'UTC'")
            yield scratch, connection


def _counts(connection: "DuckDBPyConnection") -> tuple[tuple[int, int, int], list[Reject]]:
    typed, loaded, unsplit = connection.execute(
        "select (select count(*) from typed), (select count(*) from loaded), (select count(*) from unsplit)"
    ).fetchall()[0]
    rejects = [
        Reject(*row)
        for row in connection.execute(
            """
            select column_name, reason, count(*) as row_count, min(line) as first_line, arg_min(value, line) as example
            from rejected
            group by column_name, reason
            order by row_count desc, first_line
            """
        ).fetchall()
    ]
    return (typed + unsplit, loaded, sum(reject.row_count for reject in rejects)), rejects


def _cells_hash(connection: "DuckDBPyConnection") -> str:
    """A hash of all typed rows in whatever order: the same cells in other bytes have the same one."""
    columns = [row[0] for row in connection.execute("describe select * exclude (line) from typed").fetchall()]
    query = f"select count(*), sum(hash({', '.join(map(quoted, columns))})::hugeint) from typed"
    return hashlib.sha256(repr(connection.execute(query).fetchall()).encode()).hexdigest()[:20]


def _by_reason(rejects: list[Reject]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for reject in rejects:
        totals[reject.reason] = totals.get(reject.reason, 0) + reject.row_count
    return totals


def _move(drafts: Path, paths: HomePaths, name: str, identity: str) -> dict[str, str]:
    """Move the Parquet files to their places in the lake; give their paths below it, by table."""
    outputs = {}
    for draft in sorted(drafts.iterdir()):
        folder = "rejected" if draft.stem == "rejected" else f"raw/{draft.stem}"
        place = paths.lake / folder / name / f"{identity}.parquet"
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(place)
        outputs["rows" if draft.stem == "rejected" else draft.stem] = place.relative_to(paths.lake).as_posix()
    return outputs
