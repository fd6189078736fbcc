"""Rows of one extract that claim the same key and say different things, and which file has to stand back.

An increment adds rows; two orders of one id with two amounts can't both be true, and picking one in silence
would be a guess. What must stay out: repeats with equal cells, which transform drops and counts; and whose rows
count (`stage.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.ingest.contracts import Extract
from pipelines.ingest.expressions import literal
from pipelines.ingest.faults import FileFault
from pipelines.ingest.kinds import KEYS_BY_COLUMN

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TOLD_FILES = 5
# Of many refused files the first few show what is wrong; the count says how many there are.
_NOT_CONTENT = ("extract", "file_id", "line", "known_on")
_REMEDY = (
    "If the later row corrects the earlier one, state delivery: changes; if they are separate events, state key: "
    "none; otherwise one of the files is wrong: put the right one under its name"
)


@dataclass(frozen=True)
class Contradiction:
    """A file with a key of which an earlier one, or it itself, says other things; lines of the first such row."""

    is_new: bool
    file_id: str
    line: int
    earlier_file_id: str
    earlier_line: int
    key_count: int


def can_contradict(extract: Extract) -> bool:
    """Whether two rows of one key can't both be true."""
    # Lines that share order and product may both be real: one order of the same article twice.
    return bool(extract.key) and extract.delivery == "increment" and extract.kind != "order_lines"


def main_table(extract: Extract) -> str:
    """The raw table in which the key stands."""
    return next(iter(extract.spec.tables))


def gather_claims(connection: "DuckDBPyConnection", extract: Extract, files: Sequence[Path]) -> None:
    """Leave the table `claims`: all rows of the keys that stand in several rows that differ."""
    columns = extract.spec.tables[main_table(extract)]
    content = ", ".join(column for column in columns if column not in _NOT_CONTENT)
    pseudonyms = {"customer_id": "identifier_key", **KEYS_BY_COLUMN}
    parts = [pseudonyms.get(column, column) for column in extract.key]
    key = " || '|' || ".join(f"cast({part} as varchar)" for part in parts)
    listed = ", ".join(literal(str(file)) for file in files)
    rows = f"from read_parquet([{listed}])"
    # First by numbers alone: of millions of keys, few or none stand twice.
    connection.execute(
        f"create temp table repeated as select hash({key}) as key_hash {rows} group by key_hash having count(*) > 1"
    )
    cells = f"select {key} as key, file_id, line, hash({content}) as cells {rows}"
    connection.execute(f"create temp table suspects as {cells} where hash({key}) in (from repeated)")
    connection.execute(
        """
        create temp table claims as
        select * from suspects
        where key in (select key from suspects group by key having min(cells) <> max(cells))
        """
    )


def first_contradiction(connection: "DuckDBPyConnection", places: Mapping[str, int]) -> Contradiction | None:
    """The first file that contradicts an earlier one; `places` says in which order the files come, by id.

    Files at 0 count already: a contradiction among them comes last, since nothing can be refused for it.
    """
    row = connection.execute(
        """
        with places as (
            select unnest($files::text[]) as file_id, unnest($places::integer[]) as place
        ),
        ordered as (
            select
                *,
                first(struct_pack(file_id, line, cells)) over (
                    partition by key order by place, file_id, line
                ) as earliest
            from claims
            inner join places using (file_id)
        ),
        contradicting as (
            select * from ordered where cells <> earliest.cells
        )
        select
            place > 0,
            file_id,
            line,
            earliest.file_id,
            earliest.line,
            count(distinct key) over (partition by file_id)
        from contradicting
        order by place = 0, place, file_id, line
        limit 1
        """,
        {"files": list(places), "places": list(places.values())},
    ).fetchone()
    return Contradiction(*row) if row else None


def refusal(
    name: str, extract: Extract, found: Sequence[Contradiction], paths: Mapping[str, str]
) -> FileFault:
    """The fault of an extract whose new files contradict rows that came before; none of these files is taken."""
    places = "; ".join(_told(each, extract, paths) for each in found[:TOLD_FILES])
    more = f"; and so do {len(found) - TOLD_FILES} more" if len(found) > TOLD_FILES else ""
    return FileFault(
        f"extract {name}",
        f"{len(found)} new file(s) contradict earlier rows and are refused: {places}{more}",
        f"{_REMEDY}, or take the refused one out of landing/",
    )


def standing_fault(name: str, extract: Extract, found: Contradiction, paths: Mapping[str, str]) -> FileFault:
    """The fault of an extract of which files contradict each other that count already."""
    return FileFault(
        f"extract {name}",
        f"files that were taken contradict each other: {_told(found, extract, paths)}",
        _REMEDY,
    )


def _told(found: Contradiction, extract: Extract, paths: Mapping[str, str]) -> str:
    return (
        f"{paths[found.file_id]} line {found.line} says other things of the same {list(extract.key)} than "
        f"{paths[found.earlier_file_id]} line {found.earlier_line} ({found.key_count} such key(s))"
    )
