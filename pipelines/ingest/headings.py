"""Which column of a file is meant: by its heading, its number, or the n-th of equal headings.

What must stay out: reading the file that the headings stand over.
"""

import difflib
from collections.abc import Sequence

from pipelines.ingest.contracts import FileFormat
from pipelines.ingest.faults import FileFault

Wanted = str | int


def headings(rows: Sequence[Sequence[str]], file_format: FileFormat) -> list[str]:
    """One name per column from the heading rows: those of the row that names, or all rows joined.

    Joined, a blank cell takes the cell to its left (merged cells), and the parts stand as `question | choice`.
    """
    if not rows:
        return []
    width = max(len(row) for row in rows)
    padded = [[" ".join(cell.split()) for cell in row] + [""] * (width - len(row)) for row in rows]
    if file_format.names_row != "joined":
        return padded[file_format.names_row - 1] if file_format.names_row <= len(padded) else padded[-1]
    *above, last = padded
    filled = [_filled(row) for row in above]
    return [
        " | ".join(dict.fromkeys(part for part in (*(row[i] for row in filled), last[i]) if part))
        for i in range(width)
    ]


def _filled(row: list[str]) -> list[str]:
    filled: list[str] = []
    for cell in row:
        filled.append(cell or (filled[-1] if filled else ""))
    return filled


def places(
    header: Sequence[str], wanted: Sequence[Wanted], relative: str, file_format: FileFormat
) -> list[int]:
    """The position of each wanted column, from 0; a `FileFault` names what is there instead."""
    if file_format.header_rows == 0:
        return [_by_number(column, len(header), relative) for column in wanted]
    return [_by_name(list(header), str(column), relative, file_format) for column in wanted]


def _by_number(column: Wanted, width: int, relative: str) -> int:
    if not isinstance(column, int) or not 1 <= column <= width:
        raise FileFault(
            relative,
            f"{column!r} is no column of a file without headings that has {width} columns",
            f"Name columns by position, 1 to {width}, or state header_rows: 1",
        )
    return column - 1


def _by_name(header: list[str], column: str, relative: str, file_format: FileFormat) -> int:
    asked = " ".join(column.split())
    matches = [index for index, cell in enumerate(header) if cell == asked]
    if len(matches) == 1:
        return matches[0]
    if not matches and (numbered := _numbered(header, asked)) is not None:
        return numbered
    if matches:
        numbers = ", ".join(str(index + 1) for index in matches)
        raise FileFault(
            f"{relative} line 1",
            f"the heading {column!r} stands over several columns ({numbers})",
            f"Say which one, such as {asked + ' [2]'!r} for the second, or have the export give each its own heading",
        )
    raise FileFault(
        f"{relative} line 1",
        f"the column {column!r} is missing; its {len(header)} columns are {_shown(header)}",
        f"{_hint(header, asked, file_format)}Correct `columns`, `questions` or `format` in treue.yml, "
        "or have the export corrected",
    )


def _numbered(header: list[str], asked: str) -> int | None:
    """`Name [2]` is the second column headed `Name`."""
    name, bracket, number = asked.rpartition(" [")
    if not bracket or not number.endswith("]") or not number[:-1].isdigit():
        return None
    matches = [index for index, cell in enumerate(header) if cell == name]
    position = int(number[:-1])
    return matches[position - 1] if 1 <= position <= len(matches) else None


def _shown(header: list[str]) -> str:
    return ", ".join(repr(cell[:60]) for cell in header[:40])


def _hint(header: list[str], asked: str, file_format: FileFormat) -> str:
    near = difflib.get_close_matches(asked, header, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    if len(header) == 1 and file_format.delimiter:
        others = [sign for sign in ";,\t|" if sign in header[0] and sign != file_format.delimiter]
        if others:
            hint += (
                f"The delimiter {file_format.delimiter!r} splits nothing here; {others[0]!r} would: "
                "see format.delimiter. "
            )
    return hint
