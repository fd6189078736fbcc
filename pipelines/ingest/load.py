"""One delivered file, from landing to the lake: read and typed into a draft, committed by its manifest.

A file is read in a scratch database of its own. Its draft lies in scratch until it is committed; then its Parquet
is moved into place before the manifest is written, so that a killed run leaves nothing that counts. What must stay
out: which files there are, and which drafts are taken (`stage.py`).
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
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.ingest.cells import Surroundings
from pipelines.ingest.contracts import Extract
from pipelines.ingest.deliveries import Delivery
from pipelines.ingest.expressions import literal
from pipelines.ingest.expressions import name as quoted
from pipelines.ingest.identifiers import identifier_shapes
from pipelines.ingest.ledger import KNOWN_FROM_THE_START, first_seen_days, read_ledger
from pipelines.ingest.manifests import Manifest, file_id, write_manifest
from pipelines.ingest.pseudonyms import secret_fingerprint
from pipelines.ingest.readers import read_source
from pipelines.ingest.rejects import Reject, judge_rejects
from pipelines.ingest.rows import file_cells, find_people, type_rows, wanted_columns, write_rows
from pipelines.paths import HomePaths
from pipelines.privacy.suppression import Suppression, read_suppression

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
    secrets_before: tuple[bytes, ...] = ()
    comments_days: int | None = None

    def contract_of(self, extract: Extract) -> str:
        """The hash of all that decides which rows the extract's files give."""
        return extract.contract_hash(self.time_zone, self.currency)

    @cached_property
    def suppression(self) -> Suppression:
        """Who was erased, as it stands when the first file is read."""
        return read_suppression(self.paths.suppressed, self.secret, self.secrets_before)


@dataclass(frozen=True)
class FileOutcome:
    """What became of a file's rows; `rejects` are ordered by how many rows they concern."""

    manifest: Manifest
    rejects: list[Reject]


@dataclass(frozen=True)
class Draft:
    """A file that was read and does not count yet: what it would give, and the folder in which its Parquet lies."""

    outcome: FileOutcome
    folder: Path

    def commit(self, paths: HomePaths) -> FileOutcome:
        """Move the Parquet into the lake and write the manifest; its rows count from then on."""
        manifest = self.outcome.manifest
        outputs = _move(self.folder, paths, manifest.extract, manifest.file_id)
        manifest = replace(manifest, outputs=outputs)
        write_manifest(paths.manifests, manifest)
        return replace(self.outcome, manifest=manifest)


def load_file(ingest: Ingest, name: str, extract: Extract, delivery: Delivery) -> FileOutcome:
    """Read one file by itself and commit it, whatever others say; a `FileFault` takes no row."""
    with scratch_folder(ingest.paths) as scratch:
        first_seen = first_seen_days(ingest.paths, name, read_ledger(ingest.paths, name))
        seen_on = first_seen.get(delivery.content_hash, ingest.seen_on)
        return read_file(ingest, name, extract, delivery, seen_on, scratch).commit(ingest.paths)


def read_file(
    ingest: Ingest, name: str, extract: Extract, delivery: Delivery, first_seen: date, scratch: Path
) -> Draft:
    """Read one file into a draft in the scratch folder; a `FileFault` leaves none."""
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
    folder = scratch / manifest.file_id
    # Two files of the same bytes that are both refused come here twice.
    folder.mkdir(exist_ok=True)
    with scratch_database(scratch) as (place, connection):
        manifest, rejects = _read(connection, ingest, extract, delivery, manifest, place, folder)
    return Draft(FileOutcome(manifest, rejects), folder)


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
    type_rows(connection, source, file_cells(extract, source.names, around))
    find_people(connection, manifest.extract, extract, ingest.secret, ingest.suppression)
    write_rows(
        connection, extract, manifest, around, ingest.comments_days, lambda table: drafts / f"{table}.parquet"
    )
    (rows_read, rows_loaded, rows_rejected), rejects = _counts(connection)
    judge_rejects(rejects, delivery.relative, rows_read, extract)
    read = replace(
        manifest,
        file_type=source.type,
        encoding=source.encoding,
        delimiter=source.delimiter,
        headings=source.headings,
        cells_hash=cells_hash(connection),
        rows_read=rows_read,
        rows_loaded=rows_loaded,
        rows_rejected=rows_rejected,
        rejected_by_reason=_by_reason(rejects),
        identifiers=identifier_shapes(connection, extract),
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
def scratch_folder(paths: HomePaths) -> Iterator[Path]:
    """A folder of the lake for drafts and all else that does not count; it goes with its user."""
    paths.lake.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=SCRATCH_PREFIX, dir=paths.lake) as folder,
        _locked(Path(folder)),
    ):
        yield Path(folder)


@contextmanager
def scratch_database(scratch: Path) -> "Iterator[tuple[Path, DuckDBPyConnection]]":
    import duckdb

    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        place = Path(folder)
        # In memory, with a folder to spill to: a database file would be written out in full when it is closed.
        with duckdb.connect() as connection:
            connection.execute(f"set temp_directory = {literal(str(place / 'spill'))}")
            connection.execute(f"set memory_limit = '{SCRATCH_MEMORY}'")
            connection.execute("set timezone = 'UTC'")
            connection.execute("attach ':memory:' as file (compress)")
            connection.execute("use file")
            yield place, connection


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


def cells_hash(connection: "DuckDBPyConnection") -> str:
    """A hash of all typed rows in whatever order: the same cells in other bytes have the same one.

    Rows of erased persons are no part of it: a file from which their owner deleted them is the same as before.
    """
    columns = [row[0] for row in connection.execute("describe select * exclude (line) from typed").fetchall()]
    query = f"select count(*), sum(hash({', '.join(map(quoted, columns))})::hugeint) from typed"
    query += " where line not in (from erased)"
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
        with draft.open("rb") as handle:
            # A manifest must not outlive, when the machine stops, the rows that it commits.
            os.fsync(handle.fileno())
        draft.replace(place)
        outputs["rows" if draft.stem == "rejected" else draft.stem] = place.relative_to(paths.lake).as_posix()
    return outputs
