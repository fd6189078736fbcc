"""The rows of persons in landing: files read as ingest reads them, rejected rows and refused files among them.

Landing belongs to the company; nothing is changed there. What must stay out: what is done about these rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.ingest.cells import Surroundings
from pipelines.ingest.contracts import Extract
from pipelines.ingest.deliveries import Delivery, find_deliveries
from pipelines.ingest.erased import create_erased
from pipelines.ingest.faults import FileFault
from pipelines.ingest.load import Ingest, cells_hash, scratch_database, scratch_folder
from pipelines.ingest.readers import read_source
from pipelines.ingest.rows import file_cells, find_people, type_rows, wanted_columns
from pipelines.privacy.suppression import Suppression


@dataclass(frozen=True)
class Looked:
    """One file of landing: the lines in which any of the persons stands, and what nobody could look into.

    `cells_hash` is that of the file without these lines; `fault` says why the file cannot be read at all.
    """

    extract: str
    path: str
    content_hash: str
    lines: list[int] = field(default_factory=list)
    unsplit_count: int = 0
    cells_hash: str = ""
    fault: str = ""


def look_for(ingest: Ingest, extracts: Mapping[str, Extract], wanted: Suppression) -> list[Looked]:
    """Every file of every extract, and the lines in it that are of anybody or any document that is wanted."""
    with scratch_folder(ingest.paths) as scratch:
        return [
            _look(ingest, name, extract, delivery, wanted, scratch)
            for name, extract in extracts.items()
            for delivery in _deliveries(ingest.paths.landing, name, extract)
        ]


def unread_files(landing: Path, looked: Sequence[Looked]) -> list[str]:
    """The files that no contract reads, and into which nobody has looked."""
    found = {path.relative_to(landing).as_posix() for path in landing.rglob("*") if path.is_file()}
    return sorted(found - {each.path for each in looked})


def _deliveries(landing: Path, name: str, extract: Extract) -> Iterator[Delivery]:
    try:
        yield from find_deliveries(landing, name, extract)
    except FileFault:
        # No file is there, or one has no day in its name; what ingest says of that it says when it runs.
        return


def _look(
    ingest: Ingest, name: str, extract: Extract, delivery: Delivery, wanted: Suppression, scratch: Path
) -> Looked:
    try:
        with scratch_database(scratch) as (place, connection):
            columns = wanted_columns(extract)
            source = read_source(connection, delivery.path, delivery.relative, extract.format, columns, place)
            around = Surroundings(ingest.time_zone, ingest.currency, extract.format, source.type)
            type_rows(connection, source, file_cells(extract, source.names, around))
            find_people(connection, name, extract, ingest.secret, wanted)
            lines = connection.execute("select distinct line from erased order by line").fetchall()
            ((unsplit,),) = connection.execute("select count(*) from unsplit").fetchall()
            # Who was erased before is no part of the file either.
            create_erased(
                connection, name, extract, Suppression((*ingest.suppression.sections, *wanted.sections))
            )
            return Looked(
                name,
                delivery.relative,
                delivery.content_hash,
                [line for (line,) in lines],
                unsplit,
                cells_hash(connection),
            )
    except FileFault as fault:
        return Looked(name, delivery.relative, delivery.content_hash, fault=str(fault))
