"""Dagster's view of the ingest stage: one raw asset per kind, the same graph for every company."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from dagster import AssetExecutionContext, AssetsDefinition, MaterializeResult, MetadataValue, asset

from pipelines.ingest.faults import IngestRefused
from pipelines.ingest.kinds import KINDS
from pipelines.ingest.load import Ingest
from pipelines.ingest.stage import IngestReport, ingest_extracts
from pipelines.markdown_text import escaped
from pipelines.resources import HomeResource

DESCRIPTIONS = {
    "orders": "Orders as delivered, typed: one row per delivered row.",
    "order_lines": "Order lines as delivered, typed: one row per delivered row.",
    "refunds": "Refunds in files of their own as delivered, typed: one row per delivered row.",
    "fx_rates": "Rates of exchange as delivered, foreign units in the company's currency: one row per delivered row.",
    "customers": "Customers as delivered, pseudonymised, with their attributes: one row per delivered row.",
    "customer_links": "Which identifiers are of one person, as delivered: one row per delivered row.",
    "survey_responses": "Survey responses and their answers as delivered, typed: one row per delivered response.",
    "survey_invitations": "Invitations to surveys as delivered, sent or not: one row per delivered row.",
    "subscriptions": "Subscriptions as delivered, from their start to their end: one row per delivered row.",
}


def _raw_asset(kind: str) -> AssetsDefinition:
    @asset(
        name=kind,
        key_prefix="raw",
        group_name="ingest",
        kinds={"duckdb", "parquet"},
        owners=["team:treue"],
        description=DESCRIPTIONS[kind],
    )
    def raw(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
        settings = home.settings
        with home.lock(context.run_id):
            ingest = Ingest(
                paths=home.paths,
                time_zone=settings.time_zone,
                currency=settings.currency,
                secret=home.secret,
                secrets_before=home.secrets_before,
                comments_days=settings.retention.comments_days,
                seen_on=datetime.now(ZoneInfo(settings.time_zone)).date(),
            )
            try:
                report = ingest_extracts(ingest, settings.extracts_of(kind))
            except IngestRefused as refused:
                # What is only told is told once, also on a night that fails.
                _log(context, refused.warnings)
                raise
        _log(context, report.warnings)
        return MaterializeResult(metadata=_metadata(report))

    return raw


def _log(context: AssetExecutionContext, warnings: Iterable[str]) -> None:
    for warning in warnings:
        context.log.warning(warning)


def _metadata(report: IngestReport) -> dict[str, MetadataValue]:
    lines = ["| file | rows read | loaded | rejected | |", "|---|---|---|---|---|"]
    for manifests, state in ((report.read, "read now"), (report.known, "known")):
        lines += [
            f"| {escaped(m.path)} | {m.rows_read} | {m.rows_loaded} | {m.rows_rejected} | {state} |"
            for m in manifests[:100]
        ]
    return {
        "dagster/row_count": MetadataValue.int(report.rows_loaded),
        "files_read": MetadataValue.int(len(report.read)),
        "files_known": MetadataValue.int(len(report.known)),
        "rows_rejected": MetadataValue.int(sum(m.rows_rejected for m in (*report.read, *report.known))),
        "files": MetadataValue.md("\n".join(lines)),
        "warnings": MetadataValue.md(_listed(report.warnings)),
        "notices": MetadataValue.md(_listed(report.notices)),
    }


def _listed(sentences: Iterable[str]) -> str:
    """Sentences that quote files, as a list of Markdown."""
    return "\n".join(f"- {escaped(sentence)}" for sentence in sentences) or "none"


RAW_ASSETS = [_raw_asset(kind) for kind in KINDS]
