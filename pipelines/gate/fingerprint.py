"""The fingerprint of a table: what a verdict is keyed to, and what publishing recomputes.

Two tables with the same columns, types and multiset of rows have the same fingerprint, whatever the order of
their rows and whichever DuckDB file they stand in.
What must stay out: which tables are judged, and what their content means.
"""

import hashlib
import json
from dataclasses import dataclass

import duckdb
from duckdb import DuckDBPyConnection

from pipelines.gate.sql_text import quoted


class TableMissing(Exception):
    """A table that should be judged or published is not there."""


@dataclass(frozen=True)
class Column:
    """A column as the database knows it: the type is spelled as in DDL."""

    name: str
    data_type: str


@dataclass(frozen=True)
class Fingerprint:
    """A table's digest and its number of rows."""

    digest: str
    row_count: int


def table_columns(
    connection: DuckDBPyConnection, layer: str, name: str, catalog: str | None = None
) -> list[Column]:
    """The columns of `layer.name` in their order; `catalog` is an attached database, else the current one."""
    relation = ".".join(quoted(part) for part in (catalog, layer, name) if part is not None)
    try:
        rows = connection.execute(f"describe {relation}").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise TableMissing(
            f"The table {layer}.{name} is not there. Materialise it, then run the gate and publish again."
        ) from error
    return [Column(row[0], row[1]) for row in rows]


def fingerprint(
    connection: DuckDBPyConnection, layer: str, name: str, catalog: str | None = None
) -> Fingerprint:
    """Digest over column names and types, the row count and the sum of the rows' hashes.

    The sum tells a doubled pair of rows from none, which an exclusive or would not.
    """
    columns = table_columns(connection, layer, name, catalog)
    relation = ".".join(quoted(part) for part in (catalog, layer, name) if part is not None)
    [(row_count, hash_sum)] = connection.execute(
        f"select count(*), coalesce(sum(hash(t)::hugeint), 0)::text from {relation} as t"
    ).fetchall()
    content = json.dumps([[[column.name, column.data_type] for column in columns], row_count, hash_sum])
    return Fingerprint(digest=hashlib.sha256(content.encode()).hexdigest(), row_count=row_count)
