"""The rejected rows of a file with their places, from the Parquet in which ingest keeps them.

What must stay out: why a row is rejected (`ingest/rows.py`), and the sentence for it (`ingest/rejects.py`).
"""

from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.contracts import Extract
from pipelines.ingest.expressions import literal
from pipelines.ingest.manifests import Manifest
from pipelines.ingest.rejects import Reject, sentence

PLACES = 5
# Enough to see whether a fault is one of the export or of single cells.
REJECTED = "rows"
# The name under which a manifest gives the Parquet of its rejected rows.


@dataclass(frozen=True)
class Problem:
    """Rejected rows with one reason in one column, and the first of their places with the masked value there."""

    reject: Reject
    places: list[tuple[int, str | None]]

    def told(self, manifest: Manifest, extract: Extract) -> str:
        """The sentence that a run says, and further places."""
        further = ", ".join(
            f"{line}" if value is None else f"{line} ({value!r})" for line, value in self.places[1:]
        )
        more = ", ..." if self.reject.row_count > len(self.places) else ""
        said = sentence(self.reject, manifest.path, manifest.rows_read, extract)
        return f"{said}, then {further}{more}" if further else said


def problems_of(manifest: Manifest, lake: Path) -> list[Problem]:
    """The problems of one committed file, those that concern most rows first."""
    if REJECTED not in manifest.outputs:
        return []
    import duckdb

    with duckdb.connect() as connection:
        rows = connection.execute(
            f"""
            select
                column_name,
                reason,
                count(*) as row_count,
                list(line order by line)[:{PLACES}] as lines,
                list(value order by line)[:{PLACES}] as examples
            from read_parquet({literal(str(lake / manifest.outputs[REJECTED]))})
            group by column_name, reason
            order by row_count desc, lines, column_name, reason
            """
        ).fetchall()
    return [
        Problem(Reject(column, reason, count, lines[0], examples[0]), _places(lines, examples))
        for column, reason, count, lines, examples in rows
    ]


def _places(lines: list[int | None], examples: list[str | None]) -> list[tuple[int, str | None]]:
    """The places of rows; those of erased persons have none."""
    return [(line, example) for line, example in zip(lines, examples, strict=True) if line is not None]
