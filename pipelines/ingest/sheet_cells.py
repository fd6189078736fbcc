"""The cells of one sheet as CSV of their texts, written by a process of its own.

The library that opens spreadsheets ends the process it runs in when a damaged file claims more cells than there
is memory; so it runs in one that may end. What must stay out: anything but cells, and heavy imports.
"""

import csv
import json
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

MEMORY_BYTES = 4 << 30
# A full sheet of a million rows and thirty columns needs about 1 GB.
EXACT_BELOW = 1e15
# A spreadsheet keeps 15 digits: a longer whole number has lost its last ones, and is shown so that this is seen.


def main(arguments: list[str]) -> int:
    """Write the rows of the sheet that hold anything; say on standard output which sheets there are."""
    path, sheet, decimal, target = arguments
    # Not every system takes these limits; without them it is the library that ends the process.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    from python_calamine import CalamineWorkbook

    with Path(path).open("rb") as handle, Path(target).open("w", encoding="utf-8", newline="") as copy:
        book = CalamineWorkbook.from_filelike(handle)
        chosen = sheet or next(iter(book.sheet_names), "")
        answer = {"sheets": book.sheet_names, "sheet": chosen, "width": 0}
        if chosen in book.sheet_names:
            cells = book.get_sheet_by_name(chosen)
            answer["width"] = cells.end[1] + 1 if cells.end else 0
            csv.writer(copy, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(_rows(cells, decimal))
    sys.stdout.write(json.dumps(answer))
    return 0


def _rows(sheet: Any, decimal: str) -> Iterator[list[str]]:
    """The rows that hold anything, each behind its number in the sheet."""
    if sheet.start is None:
        return
    # The iterator begins at the first row, but at the first column that holds anything.
    before = [""] * sheet.start[1]
    for number, row in enumerate(sheet.iter_rows(), start=1):
        texts = [_text(cell, decimal) for cell in row]
        if any(texts):
            yield [str(number), *before, *texts]


def _text(cell: Any, decimal: str) -> str:
    """A cell as text; real numbers get the decimal sign that texts of this file have."""
    if type(cell) is date:
        return f"{cell} 00:00:00"
    if not isinstance(cell, float):
        return str(cell)
    if cell.is_integer():
        return str(int(cell)) if abs(cell) < EXACT_BELOW else f"{cell:.14E}"
    return str(cell).replace(".", decimal)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
