"""Spreadsheets (.xlsx, .xls, .ods): the cells of one sheet as text.

Leaves the table `source`. What must stay out: other formats, and what the cells mean.
"""

import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.ingest.contracts import FileFormat
from pipelines.ingest.expressions import literal
from pipelines.ingest.faults import FileFault
from pipelines.ingest.headings import Wanted, headings, places

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LONGEST_SECONDS = 1800
# The largest sheet that can be (a million rows) takes about a minute; a damaged file may never end.
MAX_ROW_BYTES = 64_000_000
# A cell of a spreadsheet holds up to 32,767 signs; a row of a thousand such cells still fits.


def read_spreadsheet(
    connection: "DuckDBPyConnection",
    path: Path,
    relative: str,
    file_format: FileFormat,
    wanted: Sequence[Wanted],
    scratch: Path,
) -> list[str]:
    """Fill `source` with the text of the wanted columns; give the sheet's headings."""
    cells = scratch / "cells.csv"
    width = _write_cells(path, relative, file_format, cells)
    header = headings(_top_rows(cells, width, max(file_format.header_rows, 1)), file_format)
    found = places(header, wanted, relative, file_format)
    columns = ", ".join(["'line': 'bigint'", *(f"'f{index}': 'varchar'" for index in range(width))])
    kept = "".join(f", f{place} as c{index}" for index, place in enumerate(found))
    connection.execute(
        f"""
        create table source as
        select line{kept}
        from read_csv(
            {literal(str(cells))}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"',
            columns = {{{columns}}}, max_line_size = {MAX_ROW_BYTES}
        )
        where line > {file_format.header_rows}
        """
    )
    return header


def _top_rows(cells: Path, width: int, count: int) -> list[list[str]]:
    """The heading rows of the sheet, one that holds nothing among them."""
    with cells.open(encoding="utf-8", newline="") as handle:
        top = takewhile(lambda row: int(row[0]) <= count, csv.reader(handle))
        held = {int(number): texts for number, *texts in top}
    return [held.get(number, [""] * width) for number in range(1, count + 1)]


def _write_cells(path: Path, relative: str, file_format: FileFormat, cells: Path) -> int:
    """Have the sheet's cells written to a CSV of texts; give the sheet's width."""
    answer = _asked(path, relative, [file_format.sheet or "", file_format.decimal, str(cells)])
    if answer["sheet"] not in answer["sheets"]:
        listed = ", ".join(repr(each) for each in answer["sheets"])
        raise FileFault(
            relative,
            f"there is no sheet {answer['sheet']!r}; its sheets are {listed}",
            "Correct format.sheet",
        )
    if cells.stat().st_size == 0:
        raise FileFault(
            relative,
            f"the sheet {answer['sheet']!r} is empty",
            "Correct format.sheet, or have it delivered again",
        )
    return int(answer["width"])


def _asked(path: Path, relative: str, arguments: list[str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "pipelines.ingest.sheet_cells", str(path), *arguments]
    root = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command,
            cwd=root,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        reason = f"not read within {LONGEST_SECONDS // 60} minutes"
    else:
        if done.returncode == 0:
            return dict(json.loads(done.stdout))
        reason = _last_words(done.returncode, done.stderr)
    raise FileFault(
        relative, f"not a readable spreadsheet ({reason})", "Save it as .xlsx and deliver it again"
    )


def _last_words(returncode: int, stderr: str) -> str:
    if returncode < 0:
        return "it claims more cells than there is memory for, or is damaged"
    lines = stderr.strip().splitlines() or [f"reading it ended with {returncode}"]
    return lines[-1].rpartition("Error: ")[2][:200]
