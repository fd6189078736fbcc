"""How an undescribed file is written: type, encoding, delimiter, sheet, heading rows; and its cells as a table.

The readers of ingest do the reading, so that what a draft sees is what a run will see. What must stay out: what the
columns mean.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.draft.headings import Heading, recognised
from pipelines.draft.vocabulary import plain, words
from pipelines.ingest.contracts import FileFormat
from pipelines.ingest.expressions import literal
from pipelines.ingest.faults import FileFault
from pipelines.ingest.headings import Wanted
from pipelines.ingest.plain_text import plain_text
from pipelines.ingest.readers import TYPE_OF_MARK, TYPE_OF_SUFFIX, Source, keep_rows, read_source
from pipelines.ingest.unpacking import unpacked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TOP_RECORDS = 40
# Enough to see which rows are headings, and whether all lines split alike.
MOST_SHEETS = 12
MOST_KEYS = 40
# Of an object in an object; with more its keys are rather data.


@dataclass(frozen=True)
class Layout:
    """What was found; the table `file_rows` holds `line` and, in the order of `columns`, `c0`, `c1` ..."""

    source: Source
    format: FileFormat
    columns: list[Wanted]
    preset: str | None = None
    texts: dict[Wanted, str] = field(default_factory=dict)
    sheets: list[str] = field(default_factory=list)


class _Reader:
    """One file, read as often as is needed to find out how; each time into a scratch folder of its own."""

    def __init__(self, connection: "DuckDBPyConnection", path: Path, relative: str, scratch: Path) -> None:
        self.connection, self.path, self.relative, self.scratch = connection, path, relative, scratch
        self._numbers = count()

    def folder(self) -> Path:
        folder = self.scratch / str(next(self._numbers))
        folder.mkdir()
        return folder

    def read(self, file_format: FileFormat, wanted: Sequence[Wanted], target: str = "file_rows") -> Source:
        """The wanted columns of all rows below the headings, in the table `target`."""
        for kind, name in self.connection.execute(
            "select table_type, table_name from information_schema.tables where table_schema = 'main' "
            "order by table_type desc"
        ).fetchall():
            self.connection.execute(f'drop {"view" if kind == "VIEW" else "table"} if exists "{name}"')
        source = read_source(self.connection, self.path, self.relative, file_format, wanted, self.folder())
        keep_rows(self.connection, source, "*", target)
        return source


def find_layout(connection: "DuckDBPyConnection", path: Path, relative: str, scratch: Path) -> Layout:
    """Read the file into `file_rows`; a `FileFault` of the readers if that can't be done."""
    reader = _Reader(connection, path, relative, scratch)
    inner, name = unpacked(path, relative, reader.folder(), is_spreadsheet=False)
    with inner.open("rb") as handle:
        mark = handle.read(4)
    match TYPE_OF_MARK.get(mark) or TYPE_OF_SUFFIX.get(Path(name).suffix, "csv"):
        case "parquet":
            return _structured(reader)
        case "ndjson":
            return _structured(reader, nested=True)
        case "spreadsheet":
            return _spreadsheet(reader, inner)
        case _:
            return _delimited(reader, inner, name)


def _structured(reader: _Reader, *, nested: bool = False) -> Layout:
    header = [name for name in reader.read(FileFormat(), []).headings if name and "@" not in name]
    columns: list[Wanted] = list(header)
    if nested:
        reader.read(FileFormat(), columns)
        columns = [way for index, key in enumerate(header) for way in _ways(reader.connection, index, key)]
    source = reader.read(FileFormat(), _any_of(columns, reader.relative))
    return Layout(source, FileFormat(), columns)


def _ways(connection: "DuckDBPyConnection", index: int, key: str) -> list[str]:
    """The key, or one way into each key of the object below it."""
    inside = connection.execute(
        f"""
        select distinct unnest(json_keys(object)) as key
        from (select try_cast(c{index} as json) as object from file_rows)
        where json_type(object) = 'OBJECT'
        order by key
        """
    ).fetchall()
    return [f"{key}.{each}" for (each,) in inside if "@" not in each][:MOST_KEYS] or [key]


def _spreadsheet(reader: _Reader, inner: Path) -> Layout:
    sheets = _sheets(inner)
    heights: dict[str | None, int] = {}
    candidates: list[str | None] = [*sheets[:MOST_SHEETS]] if len(sheets) > 1 else [None]
    for sheet in candidates:
        try:
            reader.read(FileFormat(header_rows=0, sheet=sheet), [1])
        except FileFault:
            if len(sheets) < 2:
                raise
            continue
        heights[sheet] = reader.connection.execute("select count(*) from file_rows").fetchall()[0][0]
    chosen = max(heights, key=lambda sheet: heights[sheet], default=None)
    plain = FileFormat(header_rows=0, sheet=chosen)
    width = len(reader.read(plain, [1]).headings)
    reader.read(plain, list(range(1, width + 1)))
    rows = reader.connection.execute(f"select * from file_rows order by line limit {TOP_RECORDS}").fetchall()
    held = {line: [cell or "" for cell in cells] for line, *cells in rows}
    top = [held.get(line, [""] * width) for line in range(1, max(held, default=0) + 1)][:TOP_RECORDS]
    return _with_headings(reader, top, FileFormat(sheet=chosen), sheets)


def _sheets(inner: Path) -> list[str]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with inner.open("rb") as handle:
            return list(CalamineWorkbook.from_filelike(handle).sheet_names)
    except CalamineError:
        # The reader says it in a sentence.
        return []


def _delimited(reader: _Reader, inner: Path, name: str) -> Layout:
    text, _ = plain_text(inner, reader.relative, None, reader.folder())
    sign = "\t" if name.endswith((".tsv", ".tab")) else _delimiter(reader.connection, text)
    with text.open(encoding="utf-8", newline="") as handle:
        if sign == "blanks":
            top = [line.split() for line in islice(handle, TOP_RECORDS)]
        else:
            records = csv.reader(handle, delimiter=sign)
            try:
                top = list(islice((record for record in records if record), TOP_RECORDS))
            except csv.Error as error:
                raise FileFault(
                    reader.relative, f"can't be read as text ({error})", "Have it delivered again"
                ) from None
    return _with_headings(reader, top, FileFormat(delimiter=sign))


def _delimiter(connection: "DuckDBPyConnection", text: Path) -> str:
    """What DuckDB's sniffer finds; runs of blanks, which it does not know, where all lines split so alike."""
    import duckdb

    try:
        found = connection.execute(
            f"select delimiter, len(columns) from sniff_csv({literal(str(text))}, sample_size = 2000)"
        ).fetchall()[0]
    except duckdb.Error:
        found = (",", 1)
    with text.open(encoding="utf-8") as handle:
        widths = {len(line.split()) for line in islice(handle, TOP_RECORDS) if line.strip()}
    if len(widths) == 1 and max(widths) > found[1]:
        return "blanks"
    return str(found[0]) if found[1] > 1 and found[0] in (",", ";", "\t", "|", "~", "^", "#") else ","


def _with_headings(
    reader: _Reader, top: Sequence[Sequence[str]], file_format: FileFormat, sheets: Sequence[str] = ()
) -> Layout:
    heading: Heading = recognised(top, file_format)
    source = reader.read(heading.format, _any_of(heading.columns, reader.relative))
    layout = Layout(source, heading.format, heading.columns, heading.preset, heading.texts, list(sheets))
    return _turned(reader, layout)


def _any_of(columns: list[Wanted], relative: str) -> list[Wanted]:
    if not columns:
        raise FileFault(relative, "it has no column with a name", "Have it delivered with headings and rows")
    return columns


def _turned(reader: _Reader, layout: Layout) -> Layout:
    """A long export, told by its headings, with a column per question."""
    names = {plain(column): column for column in layout.columns}
    question = next((names[each] for each in words().question_column if each in names), None)
    answer = next((names[each] for each in words().answer_column if each in names), None)
    if not isinstance(question, str) or not isinstance(answer, str):
        return layout
    cell = f"c{layout.columns.index(question)}"
    asked = reader.connection.execute(
        f"select distinct trim({cell}) from file_rows where trim({cell}) <> '' order by 1 limit {MOST_KEYS + 1}"
    ).fetchall()
    fixed = [column for column in layout.columns if column not in (question, answer)]
    if len(asked) > MOST_KEYS or not fixed:
        return layout
    columns: list[Wanted] = [*fixed, *(text for (text,) in asked if text not in fixed)]
    stated = layout.format.model_copy(
        update={"question_column": question, "answer_column": answer, "response_columns": tuple(fixed)}
    )
    return replace(layout, source=reader.read(stated, columns), format=stated, columns=columns)
