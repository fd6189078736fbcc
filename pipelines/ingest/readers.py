"""From a delivered file to the relation `source` of a scratch database: the wanted columns as text, with their line.

`line` is the number of the record in the file, headings counted, as a spreadsheet would number it. Rows that
can't be split into columns go to the table `unsplit`. Here is the choice of the reader and the turning of long
exports; each format has a module of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.ingest.contracts import FileFormat
from pipelines.ingest.delimited import number_lines, read_delimited, sniffed_delimiter, splitting
from pipelines.ingest.expressions import clean, literal
from pipelines.ingest.headings import Wanted
from pipelines.ingest.plain_text import plain_text
from pipelines.ingest.spreadsheets import read_spreadsheet
from pipelines.ingest.structured import read_ndjson, read_parquet
from pipelines.ingest.unpacking import unpacked
from pipelines.paths import GLOB_SIGNS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TYPE_OF_SUFFIX = {
    ".parquet": "parquet",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".xlsx": "spreadsheet",
    ".xlsm": "spreadsheet",
    ".xls": "spreadsheet",
    ".ods": "spreadsheet",
}
TYPE_OF_MARK = {b"PAR1": "parquet", b"PK\x03\x04": "spreadsheet", b"\xd0\xcf\x11\xe0": "spreadsheet"}
# An archive that is no spreadsheet has been unpacked before.


@dataclass(frozen=True)
class Source:
    """What a reader found: the SQL name of each wanted column, the headings, and how the file was written.

    Where `has_lines` is false, `source` is split while it is read, once, and its rows get their lines afterwards.
    """

    relative: str
    names: dict[Wanted, str]
    headings: list[str]
    type: str
    format: FileFormat
    encoding: str | None = None
    delimiter: str | None = None
    has_lines: bool = True


def read_source(
    connection: "DuckDBPyConnection",
    path: Path,
    relative: str,
    file_format: FileFormat,
    wanted: Sequence[Wanted],
    scratch: Path,
) -> Source:
    """Make `source` and `unsplit`; a `FileFault` if it can't be done. Its rows are to be read by `keep_rows`."""
    connection.execute("create table unsplit (line bigint, reason text)")
    path = _by_plain_name(path, scratch)
    path, inner_name = unpacked(path, relative, scratch, is_spreadsheet=file_format.type == "spreadsheet")
    chosen = file_format.type if file_format.type != "auto" else _type_of(path, inner_name)
    asked = _long_columns(file_format, wanted)
    encoding: str | None = None
    match chosen:
        case "parquet":
            header = read_parquet(connection, path, relative, file_format, asked)
        case "spreadsheet":
            header = read_spreadsheet(connection, path, relative, file_format, asked, scratch)
        case "ndjson":
            text, encoding = plain_text(path, relative, file_format.encoding, scratch)
            header = read_ndjson(connection, text, relative, file_format, asked)
        case _:
            text, encoding = plain_text(path, relative, file_format.encoding, scratch)
            file_format = _with_delimiter(file_format, text, inner_name, relative, asked)
            header = read_delimited(connection, text, relative, file_format, asked)
    names = {column: f"c{index}" for index, column in enumerate(wanted)}
    delimiter = file_format.delimiter if chosen == "csv" else None
    has_lines = delimiter in (None, "blanks")
    source = Source(relative, names, header, chosen, file_format, encoding, delimiter, has_lines)
    if file_format.question_column is None:
        return source
    keep_rows(connection, source, "*", "answers")
    connection.execute(f"drop {'table' if source.has_lines else 'view'} source")
    _turn_long(connection, file_format, wanted, asked)
    return replace(source, has_lines=True)


def keep_rows(
    connection: "DuckDBPyConnection", source: Source, columns: str, target: str, view: str = "source"
) -> None:
    """Read `source`, or a view of it, into the relation `target`: `line` and the given columns, in file order."""
    if source.has_lines:
        columns = columns if columns == "*" else f"line, {columns}"
        connection.execute(f"create table {target} as select {columns} from {view}")
        return
    with splitting(source.relative):
        connection.execute(f"create table {target}_rows as select {columns} from {view}")
    number_lines(connection, f"{target}_rows", target, source.relative, source.format)


def _by_plain_name(path: Path, scratch: Path) -> Path:
    """The same file by a name that DuckDB does not take for a pattern of many, as it would `orders[1].csv`."""
    if not set(GLOB_SIGNS) & set(path.as_posix()):
        return path
    link = scratch / "delivered"
    link.symlink_to(path)
    return link


def _type_of(path: Path, name: str) -> str:
    """By the first bytes, where they tell, as names are not to be relied on; else by the name."""
    with path.open("rb") as handle:
        mark = handle.read(4)
    return TYPE_OF_MARK.get(mark) or TYPE_OF_SUFFIX.get(Path(name).suffix, "csv")


def _with_delimiter(
    file_format: FileFormat, text: Path, name: str, relative: str, wanted: Sequence[Wanted]
) -> FileFormat:
    if file_format.delimiter is not None:
        return file_format
    is_tabbed = name.endswith((".tsv", ".tab"))
    sign = "\t" if is_tabbed else sniffed_delimiter(text, relative, file_format, wanted)
    return file_format.model_copy(update={"delimiter": sign})


def _long_columns(file_format: FileFormat, wanted: Sequence[Wanted]) -> list[Wanted]:
    """The columns to read: of a long export those of the response, its question and its answer."""
    if file_format.question_column is None or file_format.answer_column is None:
        return list(wanted)
    fixed = [column for column in wanted if column in file_format.response_columns]
    return [*fixed, file_format.question_column, file_format.answer_column]


def _turn_long(
    connection: "DuckDBPyConnection",
    file_format: FileFormat,
    wanted: Sequence[Wanted],
    read: Sequence[Wanted],
) -> None:
    """One row per answer becomes one row per response, at the line of its first answer.

    The columns of the response group; each other wanted column is the answer to the question of that name,
    several answers to one question joined as a multi-select.
    """
    place = {column: f"c{index}" for index, column in enumerate(read)}
    question, answer = place[file_format.question_column or ""], place[file_format.answer_column or ""]
    fixed = [column for column in wanted if column in file_format.response_columns]
    cells = []
    for index, column in enumerate(wanted):
        if column in place and column in fixed:
            cells.append(f"{place[column]} as c{index}")
        else:
            is_asked = f"{clean(question)} = {literal(str(column).strip())} and {clean(answer)} is not null"
            answers = f"string_agg({answer}, {literal(file_format.answer_separator)} order by line)"
            cells.append(f"{answers} filter (where {is_asked}) as c{index}")
    keys = ", ".join(place[column] for column in fixed) or "line"
    connection.execute(
        f"create view source as "
        f"select min(line) as line, {', '.join(cells)} from answers group by {keys} order by min(line)"
    )
