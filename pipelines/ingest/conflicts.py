"""Rows of one extract that claim the same key and say different things.

An increment adds rows; two orders of one id with two amounts can't both be true, and picking one in silence
would be a guess. What must stay out: repeats with equal cells, which transform drops and counts.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.ingest.contracts import Extract
from pipelines.ingest.expressions import literal
from pipelines.ingest.faults import FileFault
from pipelines.ingest.manifests import Manifest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NOT_CONTENT = ("extract", "file_id", "line", "known_on")


def refuse_conflicts(
    connection: "DuckDBPyConnection", lake: Path, name: str, extract: Extract, files: list[Manifest]
) -> None:
    """Refuse an increment in which a key stands with different cells; name the first place of both."""
    # Lines that share order and product may both be real: one order of the same article twice.
    if not extract.key or extract.delivery != "increment" or not files or extract.kind == "order_lines":
        return
    found = _first_conflict(connection, lake, extract, files)
    if not found:
        return
    paths = {manifest.file_id: manifest.path for manifest in files}
    located = sorted((paths[file_id], line) for file_id, line, _ in found)
    places = " and ".join(f"{path} line {line}" for path, line in located)
    raise FileFault(
        f"extract {name}",
        f"{found[0][2]} key(s) of {list(extract.key)} stand in several rows that differ, first in {places}",
        "If a later row corrects an earlier one, state delivery: changes; if they are separate events, state "
        "key: none; otherwise have the export corrected",
    )


def _first_conflict(
    connection: "DuckDBPyConnection", lake: Path, extract: Extract, files: list[Manifest]
) -> list[tuple[str, int, int]]:
    """File, line and number of all conflicts, for up to four rows of the smallest key in conflict."""
    table = next(iter(extract.spec.tables))
    content = ", ".join(column for column in extract.spec.tables[table] if column not in _NOT_CONTENT)
    parts = ["identifier_key" if column == "customer_id" else column for column in extract.key]
    key = " || '|' || ".join(f"cast({part} as varchar)" for part in parts)
    listed = ", ".join(literal(str(lake / manifest.outputs[table])) for manifest in files)
    return connection.execute(
        f"""
        with rows as (
            select {key} as key, file_id, line, hash({content}) as content from read_parquet([{listed}])
        ),
        conflicts as (
            select key from rows group by key having min(content) <> max(content)
        )
        select file_id, line, (select count(*) from conflicts)
        from rows
        where key = (select min(key) from conflicts)
        order by file_id, line
        limit 4
        """
    ).fetchall()
