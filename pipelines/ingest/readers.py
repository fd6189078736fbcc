"""From a file to the table `source` of a scratch database: the wanted columns as text, with their line.

`line` is the number of the record in the file, headings counted, as a spreadsheet would number it. Rows that
can't be split into columns go to the table `unsplit`. What must stay out: what the cells mean.
"""

import csv
import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.ingest.cells import literal, name
from pipelines.ingest.contracts import FileFormat
from pipelines.ingest.faults import FileFault
from pipelines.ingest.plain_text import plain_text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Wanted = str | int
STRUCTURAL_REASONS = {
    "MISSING COLUMNS": "too_few_columns",
    "TOO MANY COLUMNS": "too_many_columns",
    "UNQUOTED VALUE": "broken_quotes",
    "LINE SIZE OVER MAXIMUM": "line_too_long",
}


def read_source(
    connection: "DuckDBPyConnection",
    path: Path,
    relative: str,
    file_format: FileFormat,
    wanted: Sequence[Wanted],
    scratch: Path,
) -> dict[Wanted, str]:
    """Fill `source` and `unsplit`; give the SQL name of each wanted column. A `FileFault` if it can't be done."""
    connection.execute("create table unsplit (line bigint, reason text)")
    match file_format.type:
        case "csv":
            return _read_csv(connection, path, relative, file_format, wanted, scratch)
        case "parquet":
            return _read_parquet(connection, path, relative, wanted)
        case "spreadsheet":
            return _read_spreadsheet(connection, path, relative, file_format, wanted)


def _read_csv(
    connection: "DuckDBPyConnection",
    path: Path,
    relative: str,
    file_format: FileFormat,
    wanted: Sequence[Wanted],
    scratch: Path,
) -> dict[Wanted, str]:
    text = plain_text(path, relative, file_format.encoding, scratch)
    first = _first_record(text, file_format)
    places = _places(first, wanted, relative, file_format)
    if file_format.delimiter == "blanks":
        _split_blanks(connection, text, file_format, len(first), places)
    else:
        _split_delimited(connection, text, relative, file_format, len(first), places)
    return {column: f"c{index}" for index, column in enumerate(wanted)}


def _first_record(text: Path, file_format: FileFormat) -> list[str]:
    with text.open(encoding="utf-8", newline="") as handle:
        if file_format.delimiter == "blanks":
            return handle.readline().split()
        if not file_format.quote:
            return next(csv.reader(handle, delimiter=file_format.delimiter, quoting=csv.QUOTE_NONE), [])
        return next(csv.reader(handle, delimiter=file_format.delimiter, quotechar=file_format.quote), [])


def _places(
    header: Sequence[str], wanted: Sequence[Wanted], relative: str, file_format: FileFormat
) -> list[int]:
    """The position of each wanted column, from 0, by its heading or, in files without headings, its number."""
    if file_format.header_rows == 0:
        for column in wanted:
            if not isinstance(column, int) or not 1 <= column <= len(header):
                raise FileFault(
                    relative,
                    f"{column!r} is no column of a file without headings that has {len(header)} columns",
                    f"Name columns by position, 1 to {len(header)}, or state header_rows: 1",
                )
        return [int(column) - 1 for column in wanted]
    folded = [" ".join(cell.split()) for cell in header]
    return [_place(folded, str(column), relative, file_format) for column in wanted]


def _place(header: list[str], column: str, relative: str, file_format: FileFormat) -> int:
    asked = " ".join(column.split())
    matches = [index for index, cell in enumerate(header) if cell == asked]
    if len(matches) == 1:
        return matches[0]
    if matches:
        numbers = ", ".join(str(index + 1) for index in matches)
        raise FileFault(
            f"{relative} line 1",
            f"the heading {column!r} stands over several columns ({numbers})",
            "Have the export give each column a heading of its own",
        )
    shown = ", ".join(repr(cell[:60]) for cell in header[:40])
    near = difflib.get_close_matches(asked, header, n=1)
    remedy = f"Did you mean {near[0]!r}? " if near else ""
    if len(header) == 1 and file_format.type == "csv":
        others = [sign for sign in ";,\t|" if sign in header[0] and sign != file_format.delimiter]
        if others:
            remedy += (
                f"The delimiter {file_format.delimiter!r} splits nothing here; {others[0]!r} would: "
                "see format.delimiter. "
            )
    raise FileFault(
        f"{relative} line 1",
        f"the column {column!r} is missing; its {len(header)} columns are {shown}",
        f"{remedy}Correct `columns`, `questions` or `format` in treue.yml, or have the export corrected",
    )


def _split_delimited(
    connection: "DuckDBPyConnection",
    text: Path,
    relative: str,
    file_format: FileFormat,
    width: int,
    places: Sequence[int],
) -> None:
    columns = ", ".join(f"'f{index}': 'varchar'" for index in range(width))
    kept = ", ".join(f"f{place} as c{index}" for index, place in enumerate(places))
    connection.execute(
        f"""
        create table split as
        select {kept}
        from read_csv(
            {literal(str(text))}, auto_detect = false, header = false, skip = {file_format.header_rows},
            delim = {literal(file_format.delimiter)}, quote = {literal(file_format.quote)},
            escape = {literal(file_format.quote)}, columns = {{{columns}}}, ignore_errors = true,
            store_rejects = true, rejects_limit = 0, strict_mode = true, null_padding = false
        )
        """
    )
    errors = connection.execute(
        "select line, min(error_type), min(error_message) from reject_errors group by line order by line"
    ).fetchall()
    for line, _, message in errors:
        if "unterminated quote" in message.lower():
            raise FileFault(
                f"{relative} line {line}",
                f"a quote ({file_format.quote}) is opened and never closed, so that the rest can't be split into rows",
                "Have the export corrected, or state the file's own quote sign (or none: quote: '') in `format`",
            )
    rows = [(line, STRUCTURAL_REASONS.get(kind, "broken_row")) for line, kind, _ in errors]
    if rows:
        connection.executemany("insert into unsplit values (?, ?)", rows)
    _number_lines(connection, file_format.header_rows, has_gaps=bool(rows))


def _number_lines(connection: "DuckDBPyConnection", header_rows: int, *, has_gaps: bool) -> None:
    """`split` and its row ids become `source` with lines, counting in the rows that could not be split."""
    numbered = f"rowid + 1 + {header_rows}"
    if not has_gaps:
        connection.execute(f"create view source as select {numbered} as line, * from split")
        return
    connection.execute(
        f"""
        create table source as
        with gaps as (
            select
                line - row_number() over (order by line) as rows_before,
                row_number() over (order by line) as gap_count
            from unsplit
        ),
        last_gaps as (select rows_before, max(gap_count) as gap_count from gaps group by rows_before),
        numbered as (select {numbered} as row_number, * from split)
        select numbered.row_number + coalesce(last_gaps.gap_count, 0) as line, numbered.* exclude (row_number)
        from numbered
        asof left join last_gaps on numbered.row_number > last_gaps.rows_before
        """
    )


def _split_blanks(
    connection: "DuckDBPyConnection", text: Path, file_format: FileFormat, width: int, places: Sequence[int]
) -> None:
    """Columns between runs of blanks: whole lines are read and split, since no delimiter of one sign fits."""
    kept = ", ".join(f"cells[{place + 1}] as c{index}" for index, place in enumerate(places))
    connection.execute(
        f"""
        create table lines as
        select rtrim(line, chr(13)) as line
        from read_csv(
            {literal(str(text))}, auto_detect = false, header = false, skip = {file_format.header_rows},
            delim = '\x01', quote = '', escape = '', columns = {{'line': 'varchar'}}
        )
        """
    )
    connection.execute(
        f"""
        create table cells as
        select rowid + 1 + {file_format.header_rows} as line, string_split_regex(trim(line), '\\s+') as cells
        from lines
        where trim(line) <> ''
        """
    )
    connection.execute(
        f"""
        insert into unsplit
        select line, case when len(cells) < {width} then 'too_few_columns' else 'too_many_columns' end
        from cells
        where len(cells) <> {width}
        """
    )
    connection.execute(f"create table source as select line, {kept} from cells where len(cells) = {width}")


def _read_parquet(
    connection: "DuckDBPyConnection", path: Path, relative: str, wanted: Sequence[Wanted]
) -> dict[Wanted, str]:
    import duckdb

    file = f"read_parquet({literal(str(path))}, file_row_number = true)"
    try:
        header = [row[0] for row in connection.execute(f"describe select * from {file}").fetchall()]
        header.remove("file_row_number")
        places = _places(header, wanted, relative, FileFormat(type="parquet"))
        kept = ", ".join(f"cast({name(header[place])} as varchar) as c{i}" for i, place in enumerate(places))
        connection.execute(f"create table source as select file_row_number + 1 as line, {kept} from {file}")
    except duckdb.Error as error:
        raise FileFault(
            relative, f"not a readable Parquet file ({_first_line(error)})", "Have it delivered again"
        ) from None
    return {column: f"c{index}" for index, column in enumerate(wanted)}


def _read_spreadsheet(
    connection: "DuckDBPyConnection",
    path: Path,
    relative: str,
    file_format: FileFormat,
    wanted: Sequence[Wanted],
) -> dict[Wanted, str]:
    import pandas as pd

    try:
        with pd.ExcelFile(path, engine="calamine") as book:
            sheet = file_format.sheet or book.sheet_names[0]
            if sheet not in book.sheet_names:
                listed = ", ".join(repr(each) for each in book.sheet_names)
                raise FileFault(
                    relative, f"there is no sheet {sheet!r}; its sheets are {listed}", "Correct format.sheet"
                )
            cells = book.parse(sheet, header=None, dtype=object)
    except FileFault:
        raise
    except Exception as error:  # noqa: BLE001
        # calamine raises its own errors and plain ValueErrors; each means that the bytes are no spreadsheet.
        raise FileFault(
            relative,
            f"not a readable spreadsheet ({_first_line(error)})",
            "Save it as .xlsx and deliver it again",
        ) from None
    if cells.empty:
        raise FileFault(
            relative, f"the sheet {sheet!r} is empty", "Correct format.sheet, or have it delivered again"
        )
    header = [str(cell) if pd.notna(cell) else "" for cell in cells.iloc[0]]
    places = _places(header, wanted, relative, file_format)
    body = cells.iloc[file_format.header_rows :].dropna(how="all")
    frame = pd.DataFrame({f"c{i}": body.iloc[:, place].astype("string") for i, place in enumerate(places)})
    frame.insert(0, "line", body.index.to_numpy() + 1)
    connection.register("sheet", frame)
    connection.execute("create table source as select * from sheet")
    connection.unregister("sheet")
    return {column: f"c{index}" for index, column in enumerate(wanted)}


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", maxsplit=1)[0][:200]
