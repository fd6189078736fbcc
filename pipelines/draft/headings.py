"""Which of the first rows of an undescribed file are headings, and which tool they give away.

What must stay out: reading the file, and what a column means.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.draft.vocabulary import is_known_heading
from pipelines.ingest.contracts import FileFormat
from pipelines.ingest.headings import Wanted, headings

LONGEST_PREFACE = 8
# Title lines above a table; header_rows ends at 9.
_VALUE = re.compile(r"[^\s@]+@\S+|[-+(]?[\d.,:/\- T€$£%]+[)Z]?([-+]\d\d:?\d\d)?( [AP]M)?")
# Cells that are data and no heading: addresses, numbers, dates.


@dataclass(frozen=True)
class Heading:
    """The format with its heading rows, and how a contract names the columns that have a name."""

    format: FileFormat
    columns: list[Wanted]
    preset: str | None = None
    texts: dict[Wanted, str] = field(default_factory=dict)


def recognised(top: Sequence[Sequence[str]], file_format: FileFormat) -> Heading:
    """The headings in the first rows of a file."""
    top = [row for row in top if row] or [[""]]
    first = {cell.strip() for cell in top[0]}
    if {"ResponseId", "RecordedDate"} <= first and any(
        "ImportId" in cell for row in top[1:3] for cell in row
    ):
        found = _named(top, file_format, 3, 1, "qualtrics")
        texts = {
            column: " ".join(cell.split())
            for column, cell in zip(_names([top[0]], FileFormat()), top[1], strict=False)
        }
        zone = re.search(
            r'"timeZone" *: *"([A-Za-z_]+(?:/[A-Za-z_/]+)?)"', " ".join(top[2]) if len(top) > 2 else ""
        )
        zoned = found.format.model_copy(update={"time_zone": zone[1] if zone else None})
        return Heading(zoned, found.columns, found.preset, texts)
    if "Respondent ID" in first and len(top) > 1 and not top[1][0].strip():
        return _named(top, file_format, 2, "joined", "surveymonkey")
    if {"Name", "Financial Status", "Created at", "Total"} <= first:
        return _named(top, file_format, 1, 1, "shopify")
    row = _first_full_row(top)
    if _is_data(top[row], top[row + 1 :]):
        plain = file_format.model_copy(update={"header_rows": 0})
        return Heading(plain, list(range(1, max(map(len, top)) + 1)))
    return _named(top, file_format, row + 1, row + 1)


def _named(
    top: Sequence[Sequence[str]],
    file_format: FileFormat,
    rows: int,
    names_row: int | str,
    preset: str | None = None,
) -> Heading:
    chosen = file_format.model_copy(update={"header_rows": rows, "names_row": names_row})
    # An address is no heading, and is shown nowhere.
    columns = [name for name in _names(top[:rows], chosen) if name and "@" not in str(name)]
    return Heading(chosen, columns, preset)


def _names(rows: Sequence[Sequence[str]], file_format: FileFormat) -> list[Wanted]:
    """A name per column: the n-th of equal headings by its number, one without heading is none."""
    header = headings(rows, file_format)
    counts, seen = Counter(header), Counter[str]()
    names: list[Wanted] = []
    for name in header:
        seen[name] += 1
        names.append(f"{name} [{seen[name]}]" if name and counts[name] > 1 else name)
    return names


def _first_full_row(top: Sequence[Sequence[str]]) -> int:
    """Below titles that stand over a table: the first row that fills most of its width."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in top]
    usual = sorted(filled)[len(filled) // 2]
    return next((i for i, each in enumerate(filled[:LONGEST_PREFACE]) if each * 2 > usual), 0)


def _is_data(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    cells = [cell.strip() for cell in row]
    if any(is_known_heading(cell) for cell in cells):
        return False
    repeated = any(
        cell and cell in (other[index].strip() for other in below if index < len(other))
        for index, cell in enumerate(cells)
    )
    return repeated or any(cell and _VALUE.fullmatch(cell) for cell in cells)
