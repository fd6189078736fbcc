"""Where the rows against an expectation stand: up to three keys of figures; of tables of persons counts alone.

Nothing that could be told of a person is selected: of tables of persons only the columns that `JudgedTable.shown`
names, grouped and counted. What must stay out: whether an expectation holds (evaluation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from duckdb import DuckDBPyConnection

from pipelines.gate.sql_text import quoted, quoted_text
from pipelines.gate.suites import Finding
from pipelines.gate.tables import JudgedTable
from pipelines.gate.told_text import told

AT_MOST = 3
# Enough to know where to look; all of them can be had by the query in the suite.
LONGEST_VALUE = 60


def with_examples(
    connection: DuckDBPyConnection,
    table: JudgedTable,
    suite: Mapping[str, Any],
    findings: Sequence[Finding],
) -> list[Finding]:
    """The findings, those that failed with examples."""
    return [
        finding
        if finding.passed or not finding.is_evaluated
        else replace(
            finding, examples=_examples(connection, table, suite["expectations"][finding.position - 1])
        )
        for finding in findings
    ]


def _examples(
    connection: DuckDBPyConnection, table: JudgedTable, expectation: Mapping[str, Any]
) -> tuple[str, ...]:
    query = _rows_against(table, expectation["type"], expectation["kwargs"])
    if query is None:
        return ()
    described = connection.execute(f"describe {query}").fetchall()
    columns = [row[0] for row in described if row[0] in table.shown or not table.is_of_persons]
    if not columns:
        return ()
    names = ", ".join(quoted(column) for column in columns)
    rows = connection.execute(
        f"select count(*) as row_count, {names} from ({query}) as against group by all "
        f"order by row_count desc, {', '.join(str(i) for i in range(2, len(columns) + 2))} limit {AT_MOST}"
    ).fetchall()
    return tuple(_told_row(columns, count, values) for count, *values in rows)


def _told_row(columns: Sequence[str], count: int, values: Sequence[object]) -> str:
    where = ", ".join(
        f"{column} = {told(str(value), LONGEST_VALUE)}" for column, value in zip(columns, values, strict=True)
    )
    return f"{where} ({count} rows)" if count > 1 else where


def _rows_against(table: JudgedTable, expectation_type: str, kwargs: Mapping[str, Any]) -> str | None:
    """A query for the rows against an expectation; None for one about the table as a whole."""
    source = table.source
    if expectation_type == "unexpected_rows_expectation":
        return str(kwargs["unexpected_rows_query"]).replace("{batch}", source)
    if "column_list" in kwargs or expectation_type == "expect_column_values_to_be_unique":
        key = kwargs.get("column_list") or [kwargs["column"]]
        names = ", ".join(quoted(name) for name in key)
        return f"select {names} from {source} group by {names} having count(*) > 1"
    if "column" not in kwargs:
        return None
    column = quoted(kwargs["column"])
    shown = ", ".join(quoted(name) for name in dict.fromkeys((*table.shown, kwargs["column"])))
    return f"select {shown} from {source} where {_against(column, expectation_type, kwargs)}"


def _against(column: str, expectation_type: str, kwargs: Mapping[str, Any]) -> str:
    match expectation_type:
        case "expect_column_values_to_not_be_null":
            return f"{column} is null"
        case "expect_column_values_to_be_in_set":
            allowed = ", ".join(quoted_text(str(value)) for value in kwargs["value_set"])
            return f"{column}::text not in ({allowed})"
        case _:
            ends = [("<", kwargs.get("min_value")), (">", kwargs.get("max_value"))]
            return " or ".join(f"{column} {sign} {end}" for sign, end in ends if end is not None)
