"""Files that carry their structure: Parquet, and JSON with one object per line.

Leaves the tables `source` and `unsplit`. What must stay out: text formats, and what the cells mean.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.ingest.contracts import FileFormat
from pipelines.ingest.delimited import read_lines
from pipelines.ingest.expressions import literal, name
from pipelines.ingest.faults import FileFault
from pipelines.ingest.headings import Wanted, places

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def read_parquet(
    connection: "DuckDBPyConnection",
    path: Path,
    relative: str,
    file_format: FileFormat,
    wanted: Sequence[Wanted],
) -> list[str]:
    """Fill `source` with the text of the wanted columns; give all column names.

    Numbers get the decimal sign that texts of this file have.
    """
    import duckdb

    file = f"read_parquet({literal(str(path))}, file_row_number = true)"
    try:
        described = dict(row[:2] for row in connection.execute(f"describe select * from {file}").fetchall())
        del described["file_row_number"]
        header = list(described)
        found = places(
            [" ".join(each.split()) for each in header], wanted, relative, FileFormat(type="parquet")
        )
        kept = "".join(
            f", {_text(header[place], described[header[place]], file_format)} as c{i}"
            for i, place in enumerate(found)
        )
        connection.execute(f"create table source as select file_row_number + 1 as line{kept} from {file}")
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0][:200]
        raise FileFault(
            relative, f"not a readable Parquet file ({reason})", "Have it delivered again"
        ) from None
    return header


def _text(column: str, sql_type: str, file_format: FileFormat) -> str:
    text = f"cast({name(column)} as varchar)"
    is_fraction = sql_type in ("DOUBLE", "FLOAT") or sql_type.startswith("DECIMAL")
    return f"replace({text}, '.', {literal(file_format.decimal)})" if is_fraction else text


def read_ndjson(
    connection: "DuckDBPyConnection",
    text: Path,
    relative: str,
    file_format: FileFormat,
    wanted: Sequence[Wanted],
) -> list[str]:
    """Fill `source` from one JSON object per line; its numbers get the decimal sign that texts of this file have.

    A dotted name, such as `customer.id`, goes into an object, unless it stands so among the keys themselves.
    """
    read_lines(connection, text, relative, file_format)
    connection.execute(
        "create table objects as select line, try_cast(text as json) as object from lines where trim(text) <> ''"
    )
    connection.execute(
        """
        insert into unsplit
        select line, 'broken_json' from objects where coalesce(json_type(object) <> 'OBJECT', true)
        """
    )
    good = "from objects where json_type(object) = 'OBJECT'"
    keys = connection.execute(
        f"select distinct unnest(json_keys(object)) as key {good} order by key"
    ).fetchall()
    header = [key for (key,) in keys]
    has_rows = connection.execute(f"select count(*) {good}").fetchall()[0][0]
    if has_rows:
        # A key that no object has is a missing column; one that some lack is an empty cell.
        places(
            [" ".join(each.split()) for each in header],
            [_steps(column, header)[0] for column in wanted],
            relative,
            FileFormat(type="ndjson"),
        )
    paths = [literal(_path(_steps(column, header))) for column in wanted]
    kept = "".join(f", {_json_text(path, file_format)} as c{i}" for i, path in enumerate(paths))
    connection.execute(f"create table source as select line{kept} {good}")
    return header


def _json_text(path: str, file_format: FileFormat) -> str:
    text = f"json_extract_string(object, {path})"
    if file_format.decimal == ".":
        return text
    # A JSON number has a point, whatever sign the texts beside it have.
    written = f"replace({text}, '.', {literal(file_format.decimal)})"
    return f"case when json_type(object, {path}) = 'DOUBLE' then {written} else {text} end"


def _steps(column: Wanted, keys: Sequence[str]) -> list[str]:
    """The way to a column through the object; a name that ends in a full stop, such as `No.`, is no way."""
    steps = str(column).split(".")
    return [str(column)] if column in keys or not all(steps) else steps


def _path(steps: Sequence[str]) -> str:
    """A JSON pointer, in which no sign of a key but these two means anything."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
