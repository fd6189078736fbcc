"""The verdict as data: what the gate found, keyed to the fingerprints of the tables it judged.

Written into schema `gate` of the build, so that publishing, whenever and by whomever it is started, can ask
whether exactly these tables have passed. Severity is folded here: a failed `critical` closes the gate, a
failed `warning` is shown.
What must stay out: evaluating expectations (suites), and what is done with a passing verdict (publish).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from duckdb import DuckDBPyConnection

from pipelines.gate.fingerprint import Fingerprint, TableMissing, fingerprint
from pipelines.gate.suites import Finding
from pipelines.gate.tables import JUDGED_TABLES, JudgedTable

REMEDY = "Run the gate on this build (the job `nightly`, or the judged tables' checks), then publish again."

VERDICT_TABLES = {
    "verdicts": "table_name text, fingerprint text, row_count bigint, passed boolean, "
    "expectation_count bigint, critical_failure_count bigint, warning_failure_count bigint, as_of_date date",
    "findings": "table_name text, position bigint, expectation text, severity text, passed boolean, "
    "observed text, why text",
}


class NotJudged(Exception):
    """A table has no passing verdict on exactly its present content."""


@dataclass(frozen=True)
class Verdict:
    """The verdict on one table."""

    table: JudgedTable
    fingerprint: Fingerprint
    findings: tuple[Finding, ...]

    @property
    def critical_failures(self) -> list[Finding]:
        return [f for f in self.findings if not f.passed and f.severity == "critical"]

    @property
    def warning_failures(self) -> list[Finding]:
        return [f for f in self.findings if not f.passed and f.severity == "warning"]

    @property
    def passed(self) -> bool:
        return not self.critical_failures


def fingerprints(
    connection: DuckDBPyConnection, tables: Sequence[JudgedTable] = JUDGED_TABLES
) -> dict[JudgedTable, Fingerprint]:
    """The fingerprints of the tables as they stand in the build."""
    return {table: fingerprint(connection, table.layer, table.name) for table in tables}


def make_verdicts(
    found: Mapping[JudgedTable, Sequence[Finding]],
    before: Mapping[JudgedTable, Fingerprint],
    after: Mapping[JudgedTable, Fingerprint],
) -> list[Verdict]:
    """One verdict per table; a table that changed while it was judged has none, and that is an error."""
    for table in found:
        if before[table] != after[table]:
            raise NotJudged(
                f"{table.source} changed while the gate judged it: another process writes here. {REMEDY}"
            )
    return [Verdict(table, after[table], tuple(findings)) for table, findings in found.items()]


def write_verdicts(connection: DuckDBPyConnection, verdicts: Sequence[Verdict], as_of: date) -> None:
    """Replace the verdict in the build, all of it or nothing."""
    connection.execute("begin")
    connection.execute("create schema if not exists gate")
    for name, columns in VERDICT_TABLES.items():
        connection.execute(f"create or replace table gate.{name} ({columns})")
    for verdict in verdicts:
        _insert(connection, verdict, as_of)
    connection.execute("commit")


def _insert(connection: DuckDBPyConnection, verdict: Verdict, as_of: date) -> None:
    connection.execute(
        "insert into gate.verdicts values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            verdict.table.source, verdict.fingerprint.digest, verdict.fingerprint.row_count, verdict.passed,
            len(verdict.findings), len(verdict.critical_failures), len(verdict.warning_failures), as_of,
        ],
    )  # fmt: skip
    for f in verdict.findings:
        connection.execute(
            "insert into gate.findings values (?, ?, ?, ?, ?, ?, ?)",
            [verdict.table.source, f.position, f.expectation, f.severity, f.passed, f.observed, f.why],
        )


def read_verdicts(connection: DuckDBPyConnection) -> list[Verdict]:
    """The verdict that the build carries; empty if it carries none."""
    stored = connection.execute(
        "select table_name from duckdb_tables() "
        "where database_name = current_database() and schema_name = 'gate'"
    ).fetchall()
    if not {(name,) for name in VERDICT_TABLES} <= set(stored):
        return []
    known = {table.source: table for table in JUDGED_TABLES}
    rows = connection.execute("select table_name, fingerprint, row_count from gate.verdicts").fetchall()
    findings = connection.execute(
        "select table_name, position, expectation, severity, passed, observed, why "
        "from gate.findings order by table_name, position"
    ).fetchall()
    by_table = {name: tuple(Finding(*f[1:]) for f in findings if f[0] == name) for name in known}
    return [
        Verdict(known[name], Fingerprint(digest, row_count), by_table[name])
        for name, digest, row_count in rows
        if name in known
    ]


def require_passing(connection: DuckDBPyConnection) -> list[Verdict]:
    """The verdicts on all judged tables, if each passed on exactly its present content; else `NotJudged`."""
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
    if not verdict.passed:
        failed = "; ".join(f"{f.expectation}: {f.observed} ({f.why})" for f in verdict.critical_failures)
        return (
            f"{table.source}: the gate is closed. {failed} Mend the cause in the extracts or models, and run "
            "again from there."
        )
    return ""
