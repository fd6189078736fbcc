"""Text files with a record per line: delimited by one sign, or by runs of blanks.

Leaves the relations `source` and `unsplit`. A large file is not kept as text first: its `source` is split while
it is read, and its lines are numbered afterwards. What must stay out: other formats, and what the cells mean.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
NEVER_WRITTEN = "\x01\x02\x03\x04"
# A line is read as one column; a delimiter has to be named all the same.


def read_delimited(
    connection: "DuckDBPyConnection",
    text: Path,
    relative: str,
    file_format: FileFormat,
    wanted: Sequence[Wanted],
) -> list[str]:
    """Split the UTF-8 file into `source` and `unsplit`; give its headings.

    Split by a sign, `source` has no lines: reading it, inside `splitting`, gives the rows in their order, headings
    among them, for `number_lines`.
    """
    rows = _first_records(text, relative, file_format, max(file_format.header_rows, 1))
    header = headings(rows, file_format)
    found = places(header, wanted, relative, file_format)
    if file_format.delimiter == "blanks":
        _split_blanks(connection, text, relative, file_format, len(header), found)
    else:
        _split_signs(connection, text, file_format, len(header), found)
    return header


@contextmanager
def splitting(relative: str) -> Iterator[None]:
    """Tell what DuckDB says of a file that it can't split at all."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise FileFault(
            relative,
            f"can't be split into rows and columns ({str(error).strip().splitlines()[0][:200]})",
            "Check that the file is text, and format.type, delimiter and quote in treue.yml",
        ) from None


def sniffed_delimiter(text: Path, relative: str, file_format: FileFormat, wanted: Sequence[Wanted]) -> str:
    """The sign that splits the headings so that most of the wanted ones are found; of equals the most frequent.

    Headings may hold other signs (question texts hold commas), and the decimal sign stands in amounts.
    """

    def merit(sign: str) -> tuple[int, bool, int]:
        tried = file_format.model_copy(update={"delimiter": sign})
        rows = _first_records(text, relative, tried, max(file_format.header_rows, 1))
        header = headings(rows, file_format)
        found = sum(" ".join(str(column).split()) in header for column in wanted if file_format.header_rows)
        return found, sign != file_format.decimal, len(header)

    return max(DELIMITERS, key=merit)


def _first_records(text: Path, relative: str, file_format: FileFormat, count: int) -> list[list[str]]:
    """The first records that are no empty lines, which are passed over in the whole file."""
    with text.open(encoding="utf-8", newline="") as handle:
        if file_format.delimiter == "blanks":
            return [line.split() for line in islice(handle, count)]
        delimiter = file_format.delimiter or ","
        if file_format.quote:
            records = csv.reader(handle, delimiter=delimiter, quotechar=file_format.quote)
        else:
            records = csv.reader(handle, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        try:
            return list(islice((record for record in records if record), count))
        except csv.Error as error:
            raise FileFault(
                f"{relative} line 1",
                f"the headings can't be read ({error})",
                "Check that the file is text, and format.type, delimiter and quote in treue.yml",
            ) from None


def _split_signs(
    connection: "DuckDBPyConnection",
    text: Path,
    file_format: FileFormat,
    width: int,
    found: Sequence[int],
) -> None:
    columns = ", ".join(f"'f{index}': 'varchar'" for index in range(width))
    kept = ", ".join(f"f{place} as c{index}" for index, place in enumerate(found))
    quote = literal(file_format.quote)
    connection.execute(
        f"""
        create view source as
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


def number_lines(
    connection: "DuckDBPyConnection", table: str, target: str, relative: str, file_format: FileFormat
) -> None:
    """The rows of `table`, read from `source`, become `target` with their `line`; those not split are `unsplit`.

    Headings are skipped by record, not by line: question texts hold line breaks.
    """
    _keep_unsplit(connection, relative, file_format)
    _count_in_unsplit(connection, table, target, file_format.header_rows)


def _keep_unsplit(connection: "DuckDBPyConnection", relative: str, file_format: FileFormat) -> None:
    errors = connection.execute(
        r"""
        select
            line,
            min(cast(error_type as varchar)),
            bool_or(error_type = 'UNQUOTED VALUE' and regexp_matches(trim(csv_line, chr(10) || chr(13)), '[\r\n]'))
        from reject_errors
        group by line
        order by line
        """
    ).fetchall()
    for line, _, is_quote_over_lines in errors:
        # Within one line, a quote out of place costs that line; over several, nobody knows which rows are in it.
        if is_quote_over_lines:
            raise FileFault(
                f"{relative} line {line}",
                f"a quote ({file_format.quote}) is opened and never closed, so that the rest can't be split into rows",
                "Have the export corrected, or state the file's own quote sign (or none: quote: '') in `format`",
            )
    rows = [(line, STRUCTURAL_REASONS.get(kind, "broken_row")) for line, kind, _ in errors]
    if rows:
        connection.executemany("insert into unsplit values (?, ?)", rows)


def _count_in_unsplit(connection: "DuckDBPyConnection", table: str, target: str, header_rows: int) -> None:
    """Lines from row ids, counting in the rows that could not be split."""
    if not connection.execute("select count(*) from unsplit").fetchall()[0][0]:
        connection.execute(
            f"create view {target} as select rowid + 1 as line, * from {table} where rowid >= {header_rows}"
        )
        return
    connection.execute(
        f"""
        create table {target} as
        with gaps as (
            select
                line - row_number() over (order by line) as rows_before,
                row_number() over (order by line) as gap_count
            from unsplit
        ),
        last_gaps as (select rows_before, max(gap_count) as gap_count from gaps group by rows_before),
        numbered as (select rowid + 1 as row_number, * from {table}),
        lines as (
            select numbered.row_number + coalesce(last_gaps.gap_count, 0) as line, numbered.* exclude (row_number)
            from numbered
            asof left join last_gaps on numbered.row_number > last_gaps.rows_before
        )
        select * from lines where line > {header_rows} order by line
        """
    )
    connection.execute(f"drop table {table}")
    connection.execute(f"delete from unsplit where line <= {header_rows}")


def _split_blanks(
    connection: "DuckDBPyConnection",
    text: Path,
    relative: str,
    file_format: FileFormat,
    width: int,
    found: Sequence[int],
) -> None:
    """Columns between runs of blanks: whole lines are read and split, since no delimiter of one sign fits."""
    kept = ", ".join(f"cells[{place + 1}] as c{index}" for index, place in enumerate(found))
    read_lines(connection, text, relative, file_format)
    connection.execute(f"delete from unsplit where line <= {file_format.header_rows}")
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


def read_lines(connection: "DuckDBPyConnection", text: Path, relative: str, file_format: FileFormat) -> None:
    """The table `lines` (line, text) of a file whose lines are its records; those too long are `unsplit`."""
    with splitting(relative):
        connection.execute(
            f"""
            create table split as
            select rtrim(text, chr(13)) as text
            from read_csv(
                {literal(str(text))}, auto_detect = false, header = false, delim = {literal(NEVER_WRITTEN)},
                quote = '', escape = '', columns = {{'text': 'varchar'}}, ignore_errors = true,
                store_rejects = true, rejects_limit = 0, max_line_size = {MAX_LINE_BYTES}
            )
            """
        )
    _keep_unsplit(connection, relative, file_format)
    _count_in_unsplit(connection, "split", "lines", 0)
