"""What the events of a run say: for the screen of whoever started it, and as facts for an alert.

What must stay out: running, and what a message looks like.
"""

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dagster import (
    AssetCheckEvaluation,
    AssetCheckSeverity,
    DagsterEvent,
    DagsterEventType,
    TableMetadataValue,
)

from pipelines.alerts.messages import ClosedTable, FailedRun, FailedStep
from pipelines.markdown_text import unescaped
from pipelines.refusal import Refusal

if TYPE_CHECKING:
    from dagster import DagsterRun, ExecuteInProcessResult
    from dagster_shared.error import SerializableErrorInfo

PARTITION = "dagster/partition"
STOPPED_BY_A_CHECK = "DagsterAssetCheckFailedError"
# How a step ends whose blocking check has failed: the check itself says why.


def tell(result: "ExecuteInProcessResult") -> None:
    """What everybody should see of a run: warnings, reports, what the gate says, why a step failed."""
    for event in result.get_asset_materialization_events():
        told = event.materialization.metadata.get("warnings")
        if told is not None and str(told.value).startswith("- "):
            where = event.asset_key.to_user_string() if event.asset_key else ""
            print(f"warnings of {where}:\n{unescaped(str(told.value))}")
    for event in result.filter_events(lambda each: each.event_type_value == "STEP_OUTPUT"):
        report = event.step_output_data.metadata.get("report")
        if report is not None:
            print(report.value)
    for evaluation in result.get_asset_check_evaluations():
        if not evaluation.passed and "critical failures" in evaluation.metadata:
            table = evaluation.asset_key.to_user_string()
            weight = "closed over" if evaluation.severity is AssetCheckSeverity.ERROR else "warns of"
            print(f"The gate {weight} {table}: {evaluation.description}", file=sys.stderr)
    for where, error in _failures(result.all_events):
        print(f"{where} failed: {_reason(_cause(error)) if error else 'no reason given'}", file=sys.stderr)


def failed_run(run: "DagsterRun", events: Iterable[DagsterEvent]) -> FailedRun:
    """Why a run failed: the tables over which the gate closed, and the steps that failed otherwise."""
    every = list(events)
    return FailedRun(
        job=run.job_name,
        run_id=run.run_id,
        day=run.tags.get(PARTITION),
        steps=tuple(_failed_steps(every)),
        closed=tuple(_closed_tables(every)),
    )


def _failed_steps(events: Iterable[DagsterEvent]) -> Iterator[FailedStep]:
    for_everybody = _names_below(Refusal)
    for where, error in _failures(events):
        cause = _cause(error) if error else None
        name = cause.cls_name if cause and cause.cls_name else "no reason given"
        if name != STOPPED_BY_A_CHECK:
            # What other errors say may hold whatever they met, a row of a customer or an address with its password.
            yield FailedStep(where, name, _reason(cause) if cause and name in for_everybody else None)


def _failures(events: Iterable[DagsterEvent]) -> "Iterator[tuple[str, SerializableErrorInfo | None]]":
    """Where the run failed and by what: the steps, or, if it came to none, the run as a whole."""
    is_step_told = False
    for event in events:
        if event.event_type is DagsterEventType.STEP_FAILURE:
            is_step_told = True
            yield event.step_key or "a step", event.step_failure_data.error
        elif event.event_type is DagsterEventType.RUN_FAILURE and not is_step_told:
            yield "the run", event.job_failure_data.error


def _names_below(refusal: type[Exception]) -> set[str]:
    return {refusal.__name__}.union(*(_names_below(each) for each in refusal.__subclasses__()))


def _closed_tables(events: Iterable[DagsterEvent]) -> Iterator[ClosedTable]:
    for event in events:
        if event.event_type is DagsterEventType.ASSET_CHECK_EVALUATION:
            evaluation = event.asset_check_evaluation_data
            if not evaluation.passed and evaluation.severity is AssetCheckSeverity.ERROR:
                yield ClosedTable(evaluation.asset_key.to_user_string(), _critical_failures(evaluation))


def _critical_failures(evaluation: AssetCheckEvaluation) -> tuple[str, ...]:
    failed = evaluation.metadata.get("failed")
    records = [record.data for record in failed.records] if isinstance(failed, TableMetadataValue) else []
    return tuple(
        f"{record['expectation']}: {record['observed']}"
        for record in records
        if record.get("severity") == "critical"
    )


def _cause(error: "SerializableErrorInfo") -> "SerializableErrorInfo":
    """What was raised first; around it stands how Dagster met it."""
    return error.cause or error


def _reason(error: "SerializableErrorInfo") -> str:
    """The message alone: the class of an error tells its author something, its message is written for everybody."""
    return (error.message.partition(f"{error.cls_name}: ")[2] or error.message).strip()
