"""The expectation suites of `expectations/`, and their evaluation by Great Expectations in SQL.

A suite is Great Expectations' own JSON and is named after its table. Each expectation has a severity
(`critical` closes the gate, `warning` is shown), a `description` that says what holds, and a `why`.
What must stay out: what follows from a failed expectation (verdict).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from pipelines.gate.tables import JudgedTable

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

EXPECTATIONS = Path(__file__).resolve().parents[2] / "expectations"
OBSERVED_LENGTH = 300
# Long enough for a database's own words about a query that fails; the rest is in the suite.

Severity = Literal["critical", "warning"]


class SuiteFault(Exception):
    """A suite is missing or does not say what a suite must say."""


@dataclass(frozen=True)
class Finding:
    """What one expectation found in one table; holds counts, never values of rows."""

    position: int
    expectation: str
    severity: Severity
    passed: bool
    observed: str
    why: str


def load_suite(table: JudgedTable, folder: Path = EXPECTATIONS) -> dict[str, Any]:
    """The suite of a table as JSON, held to what every suite must say."""
    file = folder / f"{table.name}.json"
    if not file.is_file():
        raise SuiteFault(f"{file} is missing: every judged table has a suite, and {table.source} has none.")
    suite = cast("dict[str, Any]", json.loads(file.read_text(encoding="utf-8")))
    if suite.get("name") != table.name:
        raise SuiteFault(f"{file}: name is {suite.get('name')!r}; it must be the table's, {table.name!r}.")
    if not suite.get("expectations"):
        raise SuiteFault(f"{file} holds no expectation: an empty suite would let everything pass.")
    for position, expectation in enumerate(suite["expectations"], start=1):
        where = f"{file}, expectation {position} ({expectation.get('type')})"
        if expectation.get("severity") not in ("critical", "warning"):
            raise SuiteFault(
                f"{where}: severity is {expectation.get('severity')!r}; allowed: critical, warning."
            )
        if not expectation.get("description") or not expectation.get("meta", {}).get("why"):
            raise SuiteFault(f"{where}: it needs a description (what holds) and meta.why (why it must).")
    return suite


def run_suites(
    build_file: Path, tables: Sequence[JudgedTable], folder: Path = EXPECTATIONS
) -> dict[JudgedTable, list[Finding]]:
    """Run every table's suite over the build file, which no connection of this process may hold open."""
    suites = {table: load_suite(table, folder) for table in tables}
    context = _context()
    datasource: Any = cast("Any", context.data_sources).add_sql(
        name="build",
        connection_string=f"duckdb+buffered:///{build_file}",
        create_temp_table=False,
        kwargs={"connect_args": {"read_only": True}},
    )
    try:
        return {table: _judge(datasource, table, suite) for table, suite in suites.items()}
    finally:
        # The next step opens the build for writing, which DuckDB refuses while a connection is pooled here.
        datasource.get_execution_engine().engine.dispose()
        datasource.get_engine().dispose()


def _context() -> "EphemeralDataContext":
    # Importing Great Expectations takes seconds: only a step that judges pays for it.
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    from pipelines.gate.duckdb_execution import register_dialect

    register_dialect()
    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        ),
    )


def _judge(datasource: Any, table: JudgedTable, suite: Mapping[str, Any]) -> list[Finding]:
    import great_expectations as gx

    asset = datasource.add_query_asset(table.name, query=f"select * from {table.source}")
    batch = asset.add_batch_definition_whole_table("whole").get_batch()
    # Great Expectations gives back its results in an order of its own: the position is found by this id.
    numbered = [{**e, "id": str(position)} for position, e in enumerate(suite["expectations"], start=1)]
    validation = batch.validate(
        gx.ExpectationSuite(name=suite["name"], expectations=numbered, meta=suite.get("meta")),
        result_format={"result_format": "BASIC", "partial_unexpected_count": 0},
    )
    results = {int(result.expectation_config.id): result.to_json_dict() for result in validation.results}
    return [_finding(position, numbered[position - 1], results[position]) for position in sorted(results)]


def _finding(position: int, expectation: Mapping[str, Any], result: Mapping[str, Any]) -> Finding:
    fault = _fault(result)
    observed = (
        f"could not be evaluated: {fault}" if fault else _observed(expectation["type"], result["result"])
    )
    return Finding(
        position=position,
        expectation=expectation["description"],
        # What could not be evaluated was not judged, whatever it would have meant.
        severity="critical" if fault else expectation["severity"],
        passed=bool(result["success"]) and not fault,
        observed=observed,
        why=expectation["meta"]["why"],
    )


def _fault(result: Mapping[str, Any]) -> str:
    """The database's words if the expectation could not be evaluated, else nothing."""
    info = result.get("exception_info") or {}
    entries = [info] if "raised_exception" in info else list(info.values())
    messages = [str(entry["exception_message"]) for entry in entries if entry.get("raised_exception")]
    return " ".join(messages[0].split())[:OBSERVED_LENGTH] if messages else ""


def _observed(expectation_type: str, result: Mapping[str, Any]) -> str:
    if "unexpected_count" in result:
        return f"{result['unexpected_count']} of {result['element_count']} rows against it"
    if expectation_type == "unexpected_rows_expectation":
        return f"{result['observed_value']} rows against it"
    return f"{result['observed_value']} rows in all"
