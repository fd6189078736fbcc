"""The gate in Dagster: one blocking check per judged table, evaluated together.

What must stay out: judging (judging) and what a closed gate means for publishing (verdict).
"""

from collections.abc import Iterator
from datetime import date

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetKey,
    Config,
    MetadataValue,
    TableColumn,
    TableRecord,
    TableSchema,
    multi_asset_check,
)

from pipelines.gate.data_docs import page_of
from pipelines.gate.judging import day_of_build, judge_build
from pipelines.gate.suites import Finding
from pipelines.gate.tables import JUDGED_TABLES, JudgedTable
from pipelines.gate.verdict import Verdict, override_of
from pipelines.resources import HomeResource

CHECK_NAME = "gate"
FINDING_COLUMNS = ("severity", "expectation", "observed", "examples", "why")


class GateConfig(Config):
    """Both, to publish in spite of failed critical expectations: who answers for it, and why; else neither."""

    override_by: str | None = None
    override_reason: str | None = None


def _asset_key(table: JudgedTable) -> AssetKey:
    return AssetKey([table.layer, table.name])


@multi_asset_check(
    name="gate",
    description="Judges every table that is to be published and stores the verdict that publishing asks for.",
    compute_kind="greatexpectations",
    specs=[
        AssetCheckSpec(
            name=CHECK_NAME,
            asset=_asset_key(table),
            blocking=True,
            description=f"The expectations of `expectations/{table.name}.json`. A failed critical one closes "
            "the gate: nothing is published, readers keep the release they have. A failed warning is shown.",
        )
        for table in JUDGED_TABLES
    ],
)
def gate(
    context: AssetCheckExecutionContext, config: GateConfig, home: HomeResource
) -> Iterator[AssetCheckResult]:
    """Run all suites once, store the verdict, and report it table by table."""
    override = override_of(config.override_by, config.override_reason)
    with home.lock(context.run.run_id):
        # Checks launched on their own have no partition: they judge the build that is there.
        has_day = context.has_partition_key
        as_of = date.fromisoformat(context.partition_key) if has_day else day_of_build(home.paths.build_file)
        verdicts = judge_build(
            home.paths.build_file,
            as_of,
            home.settings,
            earlier=home.released_before(as_of),
            override=override,
            docs=home.paths.data_docs,
        )
    for verdict in verdicts:
        yield _check_result(verdict, f"{home.data_docs_url}/{page_of(verdict.table.name, as_of)}")


def _check_result(verdict: Verdict, page: str) -> AssetCheckResult:
    failures = [*verdict.critical_failures, *verdict.warning_failures]
    said = verdict.override
    overridden = [f"Overridden by {said.by}: {said.reason}"] if said else []
    return AssetCheckResult(
        asset_key=_asset_key(verdict.table),
        check_name=CHECK_NAME,
        passed=not failures,
        # Dagster knows one severity per check: a warning alone does not block what follows.
        severity=AssetCheckSeverity.WARN if verdict.may_be_published else AssetCheckSeverity.ERROR,
        description="; ".join([*overridden, *(f"{f.expectation}: {f.observed}" for f in failures)]) or None,
        metadata={
            "rows": verdict.fingerprint.row_count,
            "expectations": len(verdict.findings),
            "critical failures": len(verdict.critical_failures),
            "warnings": len(verdict.warning_failures),
            "compared with": verdict.compared_with or "nothing: there is no earlier release that is kept",
            "override": MetadataValue.text(overridden[0] if overridden else "none"),
            "fingerprint": verdict.fingerprint.digest,
            "data docs": MetadataValue.url(page),
            "failed": _table(failures),
        },
    )


def _table(failures: list[Finding]) -> MetadataValue:
    return MetadataValue.table(
        records=[TableRecord(_shown(finding)) for finding in failures],
        schema=TableSchema(columns=[TableColumn(name) for name in FINDING_COLUMNS]),
    )


def _shown(finding: Finding) -> dict[str, str]:
    return {
        "severity": finding.severity,
        "expectation": finding.expectation,
        "observed": finding.observed,
        "examples": "; ".join(finding.examples),
        "why": finding.why,
    }
