"""Spreadsheets (.xlsx, .xls, .ods): the cells of one sheet as text.

Leaves the table `source`. What must stay out: other formats, and what the cells mean.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.ingest.contracts import FileFormat
from pipelines.ingest.faults import FileFault
from pipelines.ingest.headings import Wanted, headings, places

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection


def read_spreadsheet(
    connection: "DuckDBPyConnection",
    path: Path,
    relative: str,
    file_format: FileFormat,
    wanted: Sequence[Wanted],
) -> list[str]:
    """Fill `source` with the text of the wanted columns; give the sheet's headings."""
    import pandas as pd

    cells = _cells(path, relative, file_format)
    top = cells.iloc[: max(file_format.header_rows, 1)]
    rows = [[str(cell) if pd.notna(cell) else "" for cell in row] for row in top.itertuples(index=False)]
    header = headings(rows, file_format)
    found = places(header, wanted, relative, file_format)
    body = cells.iloc[file_format.header_rows :].dropna(how="all")
    frame = pd.DataFrame({f"c{i}": _text(body.iloc[:, place], file_format) for i, place in enumerate(found)})
    frame.insert(0, "line", body.index.to_numpy() + 1)
    connection.register("sheet", frame)
    connection.execute("create table source as select * from sheet")
    connection.unregister("sheet")
    return header


def _text(column: "pd.Series[Any]", file_format: FileFormat) -> "pd.Series[str]":
    """The cells as text; real numbers get the decimal sign that texts of this file have."""
    if file_format.decimal != ".":
        column = column.map(lambda cell: str(cell).replace(".", ",") if isinstance(cell, float) else cell)
    return column.astype("string")


def _cells(path: Path, relative: str, file_format: FileFormat) -> "pd.DataFrame":
    import pandas as pd

    try:
        with pd.ExcelFile(path, engine="calamine") as book:
            sheet = file_format.sheet or book.sheet_names[0]
            if sheet not in book.sheet_names:
                listed = ", ".join(repr(each) for each in book.sheet_names)
                raise FileFault(
                    relative, f"there is no sheet {sheet!r}; its sheets are {listed}", "Correct format.sheet"
                )
            cells = pd.read_excel(book, sheet_name=sheet, header=None, dtype=object)
    except FileFault:
        raise
    except BaseException as error:
        # calamine raises its own errors, plain ones, and panics of its Rust core, which are no Exception; each
        # means that the bytes are no spreadsheet.
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise FileFault(
            relative, f"not a readable spreadsheet ({reason})", "Save it as .xlsx and deliver it again"
        ) from None
    if cells.empty:
        raise FileFault(
            relative, f"the sheet {sheet!r} is empty", "Correct format.sheet, or have it delivered again"
        )
    return cells
