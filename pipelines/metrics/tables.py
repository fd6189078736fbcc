"""Reading a mart in key order, and writing a table of the schema `metrics` with the types it declares.

Here is the only SQL between frames and the build. What is in a table must stay out: its columns stand in
`columns.py` and its kin, its rows come from the metrics' modules and the queries beside this one.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
from duckdb import DuckDBPyConnection

from pipelines.metrics.columns import Table
from pipelines.metrics.marts import Mart

CUSTOMERS_QUERY_FILE = Path(__file__).with_name("customers.sql")
CUSTOMER_SCORES_QUERY_FILE = Path(__file__).with_name("customer_scores.sql")
CLASS_VALUES_QUERY_FILE = Path(__file__).with_name("class_values.sql")
ACTIVE_VALUES_QUERY_FILE = Path(__file__).with_name("active_values.sql")
QUERY_FILES = (
    CUSTOMER_SCORES_QUERY_FILE,
    CUSTOMERS_QUERY_FILE,
    CLASS_VALUES_QUERY_FILE,
    ACTIVE_VALUES_QUERY_FILE,
)

ARROW_TYPES = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}


def read_in_order(
    connection: DuckDBPyConnection, table: str, columns: Sequence[str], key: Sequence[str]
) -> pd.DataFrame:
    """The named columns of a table, sorted by its key: no result depends on how the engine stored it.

    A list comes as its text, such as [5, NULL, 4]: one value that can be compared, and many times as fast to read.
    """
    relation = connection.table(table)
    types = dict(zip(relation.columns, relation.types, strict=True))
    wanted = [
        f"cast({name} as text) as {name}"
        if types.get(name) is not None and types[name].id == "list"
        else name
        for name in columns
    ]
    rows: pd.DataFrame = relation.project(", ".join(wanted)).order(", ".join(key)).df()
    return rows


def read_mart(connection: DuckDBPyConnection, mart: Mart) -> pd.DataFrame:
    """What the metrics read of a mart, sorted by its key."""
    return read_in_order(connection, mart.source, mart.columns, mart.key)


def read_table(connection: DuckDBPyConnection, table: Table) -> pd.DataFrame:
    """A whole table of the stage, sorted by its key."""
    return read_in_order(connection, f"metrics.{table.name}", table.column_names, table.key)


def read_query(connection: DuckDBPyConnection, file: Path) -> pd.DataFrame:
    """What a query over the tables of the stage gives, in the query's own order."""
    rows: pd.DataFrame = connection.execute(file.read_text(encoding="utf-8")).df()
    return rows


def write_rows(connection: DuckDBPyConnection, table: Table, rows: pd.DataFrame) -> int:
    """Replace `metrics.<table>` by these rows; returns their number.

    Raises where a column is missing or more, a required one is null, or a value does not fit its type.
    """
    if tuple(rows.columns) != table.column_names:
        raise ValueError(
            f"metrics.{table.name} has the columns {table.column_names}, the rows {tuple(rows.columns)}"
        )
    schema = pa.schema([(column.name, ARROW_TYPES[column.type]) for column in table.columns])
    arrow_rows = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
    connection.register("rows_to_write", arrow_rows)
    try:
        return _replace(connection, table, "select * from rows_to_write")
    finally:
        connection.unregister("rows_to_write")


def write_customer_scores(connection: DuckDBPyConnection, table: Table) -> int:
    """Replace `metrics.customer_scores` by scores of histories joined to customers; returns the row count."""
    return _replace(connection, table, CUSTOMER_SCORES_QUERY_FILE.read_text(encoding="utf-8"))


def write_customers(connection: DuckDBPyConnection, table: Table) -> int:
    """Replace `metrics.customers` by the join of facts and scores, in the engine; returns the row count."""
    return _replace(connection, table, CUSTOMERS_QUERY_FILE.read_text(encoding="utf-8"))


def _replace(connection: DuckDBPyConnection, table: Table, query: str) -> int:
    """Create the table anew with its types and comments, and fill it, in one transaction."""
    name = f"metrics.{table.name}"
    columns = ", ".join(f"{c.name} {c.type}{' not null' if c.required else ''}" for c in table.columns)
    comments = [f"comment on table {name} is {_quoted(table.description)}"]
    comments += [f"comment on column {name}.{c.name} is {_quoted(c.description)}" for c in table.columns]
    connection.begin()
    try:
        connection.execute("create schema if not exists metrics")
        connection.execute(f"create or replace table {name} ({columns})")
        connection.execute(f"insert into {name} ({', '.join(table.column_names)}) {query}")
        for comment in comments:
            connection.execute(comment)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    # Fetched to the end: an unfinished result blocks the connection.
    ((row_count,),) = connection.execute(f"select count(*) from {name}").fetchall()
    return int(row_count)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
