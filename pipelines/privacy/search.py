"""Where certain texts stand in files: by query in every column of tables, byte by byte in everything else.

Parquet, DuckDB and SQLite are told by what is in them, not by their names, and packed files are unpacked. What must
stay out: what is done with what was found.
"""

import gzip
import io
import json
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.ingest.expressions import literal
from pipelines.ingest.expressions import name as quoted
from pipelines.ingest.unpacking import ZIP_ERRORS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BATCH = 100
# Of more alternatives DuckDB's engine for regular expressions becomes thirty times as slow.
SQLITE_MARK = b"SQLite format 3\0"
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")


@dataclass(frozen=True)
class Trace:
    """A place where something was found: the file, in tables the column, and the number of rows."""

    file: Path
    where: str = ""
    row_count: int = 1


@dataclass(frozen=True)
class Needles:
    """What is searched for: texts as words, whatever their case, and pseudonyms, which fill a cell of a table."""

    texts: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()

    @cached_property
    def patterns(self) -> list[str]:
        """Regular expressions for the texts, some in each."""
        return [
            f"(?i)(^|[^0-9A-Za-z])({'|'.join(re.escape(each) for each in some)})($|[^0-9A-Za-z])"
            for some in _in_batches(self.texts)
        ]

    @cached_property
    def _in_bytes(self) -> list[re.Pattern[bytes]]:
        """The same for bytes: in any encoding, and as JSON escapes it; pseudonyms by their form."""
        spelled = {
            form.encode(encoding)
            for text in self.texts
            for form in (text, text.lower(), text.upper(), json.dumps(text)[1:-1])
            for encoding in ENCODINGS
        }
        return [
            re.compile(b"|".join(re.escape(each) for each in some), re.IGNORECASE)
            for some in _in_batches(sorted(spelled))
        ]

    def are_in(self, content: bytes) -> bool:
        """Whether any of them stands in these bytes."""
        if any(pattern.search(content) for pattern in self._in_bytes):
            return True
        return bool(self.keys) and any(
            found.decode() in self.keys for found in re.findall(rb"[0-9a-f]{64}", content)
        )


def traces(files: Iterable[Path], needles: Needles) -> list[Trace]:
    """Every place in these files where any of the needles stands."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("create temp table keys as select unnest($1) as key", [sorted(needles.keys)])
        return [trace for file in files for trace in _in_file(connection, file, needles)]


def files_below(*folders: Path) -> list[Path]:
    """All files of folders that are there, in their order."""
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]


def _in_file(connection: "DuckDBPyConnection", file: Path, needles: Needles) -> Iterator[Trace]:
    with file.open("rb") as handle:
        start = handle.read(16)
    if start[:4] == b"PAR1":
        yield from _in_table(connection, file, f"read_parquet({literal(str(file))})", "", needles)
    elif start[8:12] == b"DUCK":
        yield from _in_duckdb(connection, file, needles)
    elif start == SQLITE_MARK:
        yield from _in_sqlite(file, needles)
    elif any(needles.are_in(content) for content in _contents(file.read_bytes())):
        yield Trace(file)


def _in_duckdb(connection: "DuckDBPyConnection", file: Path, needles: Needles) -> Iterator[Trace]:
    connection.execute(f"attach {literal(str(file))} as searched (read_only)")
    try:
        tables = "select schema_name, table_name from duckdb_tables() where database_name = 'searched'"
        for schema, table in connection.execute(tables).fetchall():
            relation = f"searched.{quoted(schema)}.{quoted(table)}"
            yield from _in_table(connection, file, relation, f"{schema}.{table}.", needles)
    finally:
        connection.execute("detach searched")


def _in_table(
    connection: "DuckDBPyConnection", file: Path, relation: str, name: str, needles: Needles
) -> Iterator[Trace]:
    columns = [row[0] for row in connection.execute(f"describe select * from {relation}").fetchall()]
    for column in columns:
        text = f"cast({quoted(column)} as varchar)"
        conditions = [f"{text} in (select key from keys)"] if needles.keys else []
        conditions += [f"regexp_matches({text}, {literal(each)})" for each in needles.patterns]
        query = f"select count(*) from {relation} where {' or '.join(conditions or ['false'])}"
        row_count = connection.execute(query).fetchall()[0][0]
        if row_count:
            yield Trace(file, f"{name}{column}", row_count)


def _in_sqlite(file: Path, needles: Needles) -> Iterator[Trace]:
    for table, rowids in sqlite_rows(file, needles).items():
        yield Trace(file, table, len(rowids))


def sqlite_rows(file: Path, needles: Needles) -> dict[str, list[int]]:
    """The rows of an SQLite file in which any of the needles stands, by table."""
    found: dict[str, list[int]] = {}
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        # A text that is no UTF-8 is searched all the same.
        connection.text_factory = bytes
        tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        for table in (name.decode() for (name,) in tables):
            rows = connection.execute(f"select rowid, * from {quoted(table)}")
            rowids = [rowid for rowid, *cells in rows if _holds(cells, needles)]
            if rowids:
                found[table] = rowids
    return found


def _holds(cells: Sequence[object], needles: Needles) -> bool:
    contents = (cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)
    return any(needles.are_in(each) for content in contents for each in _contents(content))


def _in_batches(texts: "Sequence[Any]") -> "Iterator[Sequence[Any]]":
    return (texts[start : start + BATCH] for start in range(0, len(texts), BATCH))


def _contents(content: bytes) -> Iterator[bytes]:
    """The bytes, and what they hold where they are packed, at any depth."""
    yield content
    try:
        if content[:2] == b"\x1f\x8b":
            yield from _contents(gzip.decompress(content))
        elif content[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for member in archive.namelist():
                    yield from _contents(archive.read(member))
        elif content[:1] == b"\x78":
            # As Dagster keeps the snapshots of jobs.
            yield zlib.decompress(content)
    except ZIP_ERRORS:
        # What only looks packed was searched as it stands.
        return
