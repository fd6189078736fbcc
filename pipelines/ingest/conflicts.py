"""Rows of one extract that claim the same key and say different things.

An increment adds rows; two orders of one id with two amounts can't both be true, and picking one in silence
would be a guess. What must stay out: repeats with equal cells, which transform drops and counts.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.ingest.cells import literal
from pipelines.ingest.contracts import Extract
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
    table = next(iter(extract.spec.tables))
    columns = extract.spec.tables[table]
    keys = ["identifier_key" if column == "customer_id" else column for column in extract.key]
    content = ", ".join(column for column in columns if column not in _NOT_CONTENT)
    listed = ", ".join(literal(str(lake / manifest.outputs[table])) for manifest in files)
    key = ", ".join(keys)
    found = connection.execute(
        f"""
        with rows as (
            select {key}, file_id, line, hash({content}) as content from read_parquet([{listed}])
        ),
        conflicts as (
            select {key} from rows group by {key} having min(content) <> max(content)
        ),
        firsts as (
            select rows.*, dense_rank() over (order by {", ".join(f"rows.{each}" for each in keys)}) as conflict
            from rows
            inner join conflicts using ({key})
        )
        select file_id, line, (select count(*) from conflicts)
        from firsts
        where conflict = 1
        order by file_id, line
        limit 4
        """
    ).fetchall()
    if not found:
        return
    paths = {manifest.file_id: manifest.path for manifest in files}
    places = " and ".join(
        f"{paths[file_id]} line {line}"
        for file_id, line, _ in sorted(found, key=lambda row: (paths[row[0]], row[1]))
    )
    raise FileFault(
        f"extract {name}",
        f"{found[0][2]} key(s) of {list(extract.key)} stand in several rows that differ, first in {places}",
        "If a later row corrects an earlier one, state delivery: changes; if they are separate events, state "
        "key: none; otherwise have the export corrected",
    )
