"""The verdict as data: what the gate found, keyed to the fingerprints of the tables it judged.

Written into schema `gate` of the build, so that publishing, whenever and by whomever it is started, can ask
whether exactly these tables have passed. Severity is folded here: a failed `critical` closes the gate, a
failed `warning` is shown. A person may override what closes the gate, by name and with a reason.
What must stay out: evaluating expectations (suites), and what is done with a passing verdict (publish).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from duckdb import DuckDBPyConnection

from pipelines.gate.fingerprint import Fingerprint, TableMissing, fingerprint
from pipelines.gate.suites import Finding
from pipelines.gate.tables import JUDGED_TABLES, JudgedTable
from pipelines.refusal import Refusal

REMEDY = "Run the gate on this build (the job `nightly`, or the judged tables' checks), then publish again."

VERDICT_TABLES = {
    "verdicts": "table_name text, fingerprint text, row_count bigint, passed boolean, "
    "expectation_count bigint, critical_failure_count bigint, warning_failure_count bigint, as_of_date date, "
    "compared_with text, override_by text, override_reason text",
    "findings": "table_name text, position bigint, expectation text, severity text, passed boolean, "
    "observed text, why text, is_evaluated boolean, examples text",
}


class NotJudged(Refusal):
    """A table has no passing verdict on exactly its present content."""


class OverrideIncomplete(Refusal):
    """An override that does not say who answers for it and why."""


@dataclass(frozen=True)
class Override:
    """Who publishes in spite of failed critical expectations, and why."""

    by: str
    reason: str


def override_of(by: str | None, reason: str | None) -> Override | None:
    """The override that was asked for; None where none was, refused where only half of one was."""
    if not by and not reason:
        return None
    said = Override(" ".join((by or "").split()), " ".join((reason or "").split()))
    if not (said.by and said.reason):
        raise OverrideIncomplete(
            "An override names who answers for it and why: give both override_by and override_reason, neither of them "
            "blank (make run OVERRIDE_BY=... OVERRIDE_REASON=...), or leave both out."
        )
    return said


@dataclass(frozen=True)
class Verdict:
    """The verdict on one table; with an override only where that opens the gate that would be closed."""

    table: JudgedTable
    fingerprint: Fingerprint
    findings: tuple[Finding, ...]
    compared_with: str | None = None
    override: Override | None = None

    @property
    def critical_failures(self) -> list[Finding]:
        return [f for f in self.findings if not f.passed and f.severity == "critical"]

    @property
    def warning_failures(self) -> list[Finding]:
        return [f for f in self.findings if not f.passed and f.severity == "warning"]

    @property
    def passed(self) -> bool:
        return not self.critical_failures

    @property
    def may_be_published(self) -> bool:
        return self.passed or self.override is not None


def fingerprints(
    connection: DuckDBPyConnection, tables: Sequence[JudgedTable] = JUDGED_TABLES
) -> dict[JudgedTable, Fingerprint]:
    """The fingerprints of the tables as they stand in the build."""
    return {table: fingerprint(connection, table.layer, table.name) for table in tables}


def make_verdicts(
    found: Mapping[JudgedTable, Sequence[Finding]],
    before: Mapping[JudgedTable, Fingerprint],
    after: Mapping[JudgedTable, Fingerprint],
    compared_with: str | None = None,
    override: Override | None = None,
) -> list[Verdict]:
    """One verdict per table; a table that changed while it was judged has none, and that is an error.

    An override holds where something critical failed and nothing failed that could not be evaluated.
    """
    for table in found:
        if before[table] != after[table]:
            raise NotJudged(
                f"{table.source} changed while the gate judged it: another process writes here. {REMEDY}"
            )
    verdicts = [Verdict(table, after[table], tuple(found[table]), compared_with) for table in found]
    return [
        replace(verdict, override=override)
        if verdict.critical_failures and all(f.is_evaluated for f in verdict.critical_failures)
        else verdict
        for verdict in verdicts
    ]


def write_verdicts(connection: DuckDBPyConnection, verdicts: Sequence[Verdict], as_of: date) -> None:
    """Replace the verdict in the build, all of it or nothing."""
    connection.execute("begin")
    connection.execute("create schema if not exists gate")
    for name, columns in VERDICT_TABLES.items():
        connection.execute(f"create or replace table gate.{name} ({columns})")
    _insert(connection, "gate.verdicts", [_verdict_row(verdict, as_of) for verdict in verdicts])
    _insert(
        connection, "gate.findings", [_finding_row(v, finding) for v in verdicts for finding in v.findings]
    )
    connection.execute("commit")


def _insert(connection: DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    # One statement: DuckDB takes a millisecond for each.
    marks = ", ".join(f"({', '.join('?' * len(row))})" for row in rows)
    if rows:
        connection.execute(f"insert into {table} values {marks}", [value for row in rows for value in row])


def _verdict_row(verdict: Verdict, as_of: date) -> list[object]:
    said = verdict.override
    return [
        verdict.table.source, verdict.fingerprint.digest, verdict.fingerprint.row_count, verdict.passed,
        len(verdict.findings), len(verdict.critical_failures), len(verdict.warning_failures), as_of,
        verdict.compared_with, said.by if said else None, said.reason if said else None,
    ]  # fmt: skip


def _finding_row(verdict: Verdict, f: Finding) -> list[object]:
    examples = json.dumps(f.examples, ensure_ascii=False)
    return [
        verdict.table.source, f.position, f.expectation, f.severity, f.passed, f.observed, f.why, f.is_evaluated,
        examples,
    ]  # fmt: skip


def read_verdicts(connection: DuckDBPyConnection) -> list[Verdict]:
    """The verdict that the build carries; empty if it carries none, or one of an earlier version of Treue."""
    stored = connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'gate'"
    ).fetchall()
    needed = {
        (name, column.split()[0])
        for name, columns in VERDICT_TABLES.items()
        for column in columns.split(", ")
    }
    if not needed <= set(stored):
        return []
    rows = connection.execute(
        "select table_name, fingerprint, row_count, compared_with, override_by, override_reason from gate.verdicts"
    ).fetchall()
    findings: dict[str, list[Finding]] = {name: [] for name, *_ in rows}
    for name, *said, examples in connection.execute(
        "select table_name, position, expectation, severity, passed, observed, why, is_evaluated, examples "
        "from gate.findings order by table_name, position"
    ).fetchall():
        said.append(tuple(json.loads(examples)))
        findings[name].append(Finding(*said))
    known = {table.source: table for table in JUDGED_TABLES}
    return [
        Verdict(
            known[name],
            Fingerprint(digest, row_count),
            tuple(findings[name]),
            compared_with,
            None if by is None else Override(by, reason),
        )
        for name, digest, row_count, compared_with, by, reason in rows
        if name in known
    ]


def require_passing(connection: DuckDBPyConnection) -> list[Verdict]:
    """The verdicts on all judged tables, if each passed on exactly its present content; else `NotJudged`.

    What was overridden counts as passed; a table that changed since, or was not judged, never does.
    """
    verdicts = {verdict.table: verdict for verdict in read_verdicts(connection)}
    refusals = [_refusal(connection, table, verdicts.get(table)) for table in JUDGED_TABLES]
    if any(refusals):
        raise NotJudged(
            "Nothing was published; readers keep the release they have.\n" + "\n".join(filter(None, refusals))
        )
    return [verdicts[table] for table in JUDGED_TABLES]


def _refusal(connection: DuckDBPyConnection, table: JudgedTable, verdict: Verdict | None) -> str:
    try:
        present = fingerprint(connection, table.layer, table.name)
    except TableMissing as missing:
        return str(missing)
    if verdict is None:
        return f"{table.source}: the gate has not judged it in this build. {REMEDY}"
    if verdict.fingerprint != present:
        return (
            f"{table.source}: it is not the table that the gate judged "
            f"({verdict.fingerprint.row_count} rows then, {present.row_count} now, or other content). "
            f"{REMEDY}"
        )
    if not verdict.may_be_published:
        failed = "; ".join(f"{f.expectation}: {f.observed} ({f.why})" for f in verdict.critical_failures)
        return (
            f"{table.source}: the gate is closed. {failed} Mend the cause in the extracts or models, and run "
            "again from there."
        )
    return ""
