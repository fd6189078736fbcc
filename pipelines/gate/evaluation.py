"""Great Expectations over one build: every suite of it evaluated in SQL, and what was found.

What must stay out: the suites' own rules (suites), and what follows from a failed expectation (verdict).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pipelines.gate.suites import EXPECTATIONS, Finding, load_suite
from pipelines.gate.tables import JudgedTable
from pipelines.gate.told_text import database_words

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

EXAMPLE_VALUES = 3
# Values against an expectation that Data Docs show, of tables of figures; of tables of persons none.

NUMBERED = "00000000-0000-0000-0000-"
# Great Expectations stores results only of expectations whose id looks like this, with twelve digits after it.


class Evaluation:
    """Great Expectations with a build file open; `results` keeps what Data Docs are made of."""

    def __init__(self, build_file: Path) -> None:
        self.context = _context()
        self.results: dict[JudgedTable, ExpectationSuiteValidationResult] = {}
        self._batches: dict[JudgedTable, Any] = {}
        self._datasource: Any = cast("Any", self.context.data_sources).add_sql(
            name="build",
            connection_string=f"duckdb+buffered:///{build_file}",
            create_temp_table=False,
            kwargs={"connect_args": {"read_only": True}},
        )

    def findings(self, table: JudgedTable, suite: Mapping[str, Any]) -> list[Finding]:
        """What each expectation of the suite finds in the table."""
        import great_expectations as gx

        # Great Expectations gives back its results in an order of its own: the position is found by this id.
        numbered = [
            {**expectation, "id": f"{NUMBERED}{position:012d}"}
            for position, expectation in enumerate(suite["expectations"], start=1)
        ]
        validation = self._batch(table).validate(
            gx.ExpectationSuite(name=suite["name"], expectations=numbered, meta=suite.get("meta")),
            result_format={
                "result_format": "BASIC",
                "partial_unexpected_count": 0 if table.is_of_persons else EXAMPLE_VALUES,
            },
        )
        self.results[table] = validation
        results = {
            int(result.expectation_config.id.removeprefix(NUMBERED)): result.to_json_dict()
            for result in validation.results
        }
        return [_finding(position, numbered[position - 1], results[position]) for position in sorted(results)]

    def let_go(self) -> None:
        """Close every connection: DuckDB refuses to open the build for writing while one is pooled here."""
        self._datasource.get_execution_engine().engine.dispose()
        self._datasource.get_engine().dispose()

    def _batch(self, table: JudgedTable) -> Any:
        if table not in self._batches:
            asset = self._datasource.add_query_asset(table.name, query=f"select * from {table.source}")
            self._batches[table] = asset.add_batch_definition_whole_table("whole")
        return self._batches[table].get_batch()


@contextmanager
def evaluation(build_file: Path) -> Iterator[Evaluation]:
    """Great Expectations over the build file, which no connection of this process may hold open for writing."""
    opened = Evaluation(build_file)
    try:
        yield opened
    finally:
        opened.let_go()


def run_suites(
    opened: Evaluation, tables: Sequence[JudgedTable], folder: Path = EXPECTATIONS
) -> dict[JudgedTable, list[Finding]]:
    """Run every table's suite."""
    suites = {table: load_suite(table, folder) for table in tables}
    return {table: opened.findings(table, suite) for table, suite in suites.items()}


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
        is_evaluated=not fault,
    )


def _fault(result: Mapping[str, Any]) -> str:
    """The database's words if the expectation could not be evaluated, else nothing."""
    info = result.get("exception_info") or {}
    entries = [info] if "raised_exception" in info else list(info.values())
    messages = [str(entry["exception_message"]) for entry in entries if entry.get("raised_exception")]
    return database_words(messages[0]) if messages else ""


def _observed(expectation_type: str, result: Mapping[str, Any]) -> str:
    if "unexpected_count" in result:
        return f"{result['unexpected_count']} of {result['element_count']} rows against it"
    if expectation_type == "unexpected_rows_expectation":
        return f"{result['observed_value']} rows against it"
    return f"{result['observed_value']} rows in all"
