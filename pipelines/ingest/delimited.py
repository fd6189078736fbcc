"""Text files with a record per line: delimited by one sign, or by runs of blanks.

Leaves the tables `source` and `unsplit`. What must stay out: other formats, and what the cells mean.
"""

import csv
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.ingest.contracts import FileFormat
from pipelines.ingest.expressions import literal
from pipelines.ingest.faults import FileFault
from pipelines.ingest.headings import Wanted, headings, places

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DELIMITERS = ",;\t|"
STRUCTURAL_REASONS = {
    "MISSING COLUMNS": "too_few_columns",
    "TOO MANY COLUMNS": "too_many_columns",
    "UNQUOTED VALUE": "broken_quotes",
    "LINE SIZE OVER MAXIMUM": "line_too_long",
}
MAX_LINE_BYTES = 2_000_000
# DuckDB's own default, stated so that the limit does not move with a version.


def read_delimited(
    connection: "DuckDBPyConnection",
    text: Path,
    relative: str,
    file_format: FileFormat,
    wanted: Sequence[Wanted],
) -> list[str]:
    """Split the UTF-8 file into `source` and `unsplit`; give its headings."""
    rows = _first_records(text, relative, file_format, max(file_format.header_rows, 1))
    header = headings(rows, file_format)
    found = places(header, wanted, relative, file_format)
    if file_format.delimiter == "blanks":
        _split_blanks(connection, text, file_format, len(header), found)
    else:
        _split_signs(connection, text, relative, file_format, len(header), found)
    return header


def sniffed_delimiter(text: Path, quote: str) -> str:
    """The sign that stands most often in the first record outside quotes; a comma if none does."""
    with text.open(encoding="utf-8", newline="") as handle:
        first = handle.readline(1 << 20)
    is_quoted = False
    counts: Counter[str] = Counter()
    for sign in first:
        if quote and sign == quote:
            is_quoted = not is_quoted
        elif not is_quoted and sign in DELIMITERS:
            counts[sign] += 1
    return max(DELIMITERS, key=lambda sign: counts[sign])


def _first_records(text: Path, relative: str, file_format: FileFormat, count: int) -> list[list[str]]:
    with text.open(encoding="utf-8", newline="") as handle:
        if file_format.delimiter == "blanks":
            return [line.split() for line in islice(handle, count)]
        delimiter = file_format.delimiter or ","
        try:
            if not file_format.quote:
                return list(islice(csv.reader(handle, delimiter=delimiter, quoting=csv.QUOTE_NONE), count))
            return list(islice(csv.reader(handle, delimiter=delimiter, quotechar=file_format.quote), count))
        except csv.Error as error:
            raise FileFault(
                f"{relative} line 1",
                f"the headings can't be read ({error})",
                "Check that the file is text, and format.type, delimiter and quote in treue.yml",
            ) from None


def _split_signs(
    connection: "DuckDBPyConnection",
    text: Path,
    relative: str,
    file_format: FileFormat,
    width: int,
    found: Sequence[int],
) -> None:
    import duckdb

    columns = ", ".join(f"'f{index}': 'varchar'" for index in range(width))
    kept = ", ".join(f"f{place} as c{index}" for index, place in enumerate(found))
    quote = literal(file_format.quote)
    try:
        connection.execute(
            f"""
            create table split as
            select {kept}
            from read_csv(
                {literal(str(text))}, auto_detect = false, header = false,
                delim = {literal(file_format.delimiter or ",")}, quote = {quote}, escape = {quote},
                columns = {{{columns}}}, ignore_errors = true,
                store_rejects = true, rejects_limit = 0, strict_mode = true, null_padding = false,
                max_line_size = {MAX_LINE_BYTES}
            )
            """
        )
    except duckdb.Error as error:
        raise FileFault(
            relative,
            f"can't be split into columns ({str(error).strip().splitlines()[0][:200]})",
            "Check that the file is text, and format.type, delimiter and quote in treue.yml",
        ) from None
    _keep_unsplit(connection, relative, file_format)
    _number_lines(connection, file_format.header_rows)


def _keep_unsplit(connection: "DuckDBPyConnection", relative: str, file_format: FileFormat) -> None:
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


def _number_lines(connection: "DuckDBPyConnection", header_rows: int) -> None:
    """`split` and its row ids become `source` with lines, counting in the rows that could not be split.

    Headings are skipped by record, not by line: question texts hold line breaks.
    """
    if not connection.execute("select count(*) from unsplit").fetchall()[0][0]:
        connection.execute(
            f"create view source as select rowid + 1 as line, * from split where rowid >= {header_rows}"
        )
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
        numbered as (select rowid + 1 as row_number, * from split),
        lines as (
            select numbered.row_number + coalesce(last_gaps.gap_count, 0) as line, numbered.* exclude (row_number)
            from numbered
            asof left join last_gaps on numbered.row_number > last_gaps.rows_before
        )
        select * from lines where line > {header_rows}
        """
    )
    connection.execute(f"delete from unsplit where line <= {header_rows}")


def _split_blanks(
    connection: "DuckDBPyConnection", text: Path, file_format: FileFormat, width: int, found: Sequence[int]
) -> None:
    """Columns between runs of blanks: whole lines are read and split, since no delimiter of one sign fits."""
    kept = ", ".join(f"cells[{place + 1}] as c{index}" for index, place in enumerate(found))
    read_lines(connection, text)
    connection.execute(
        f"""
        create table cells as
        select line, string_split_regex(trim(text), '\\s+') as cells
        from lines
        where line > {file_format.header_rows} and trim(text) <> ''
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


def read_lines(connection: "DuckDBPyConnection", text: Path) -> None:
    """The table `lines` (line, text) of a file whose lines are its records."""
    connection.execute(
        f"""
        create table whole_lines as
        select rtrim(text, chr(13)) as text
        from read_csv(
            {literal(str(text))}, auto_detect = false, header = false, delim = '\x01', quote = '', escape = '',
            columns = {{'text': 'varchar'}}, max_line_size = {MAX_LINE_BYTES}
        )
        """
    )
    connection.execute("create view lines as select rowid + 1 as line, text from whole_lines")
