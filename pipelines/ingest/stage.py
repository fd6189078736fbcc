"""The ingest stage as a whole: which files are new, which are known, and what was wrong with them.

All faults of a night are told at once. What must stay out: how one file is read (`load.py`).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from pipelines.ingest.conflicts import refuse_conflicts
from pipelines.ingest.contracts import Extract
from pipelines.ingest.deliveries import Delivery, find_deliveries
from pipelines.ingest.faults import FileFault, IngestRefused
from pipelines.ingest.lake import committed, note_deliveries
from pipelines.ingest.load import FileOutcome, Ingest, load_file
from pipelines.ingest.manifests import Manifest, file_id, manifest_file
from pipelines.ingest.pseudonyms import secret_fingerprint
from pipelines.ingest.rejects import sentence


@dataclass
class IngestReport:
    """What the night brought: files read now, files known already, and what was only warned of."""

    read: list[Manifest] = field(default_factory=list)
    known: list[Manifest] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def rows_loaded(self) -> int:
        return sum(manifest.rows_loaded for manifest in (*self.read, *self.known))


def ingest_extracts(ingest: Ingest, extracts: dict[str, Extract]) -> IngestReport:
    """Read every new file of these extracts; `IngestRefused` lists all faults that are not mere warnings."""
    report = IngestReport()
    faults: list[str] = []
    for name, extract in extracts.items():
        for fault in _ingest_extract(ingest, name, extract, report):
            (faults if extract.on_problem == "error" else report.warnings).append(str(fault))
    if faults:
        raise IngestRefused("\n".join(faults))
    return report


def _ingest_extract(ingest: Ingest, name: str, extract: Extract, report: IngestReport) -> Iterable[FileFault]:
    try:
        deliveries = find_deliveries(ingest.paths.landing, name, extract)
    except FileFault as fault:
        yield fault
        return
    seen: set[str] = set()
    for delivery in sorted(deliveries, key=lambda each: (each.delivered_on or date.max, each.relative)):
        if delivery.content_hash in seen:
            continue
        seen.add(delivery.content_hash)
        try:
            _ingest_file(ingest, name, extract, delivery, report)
        except FileFault as fault:
            yield fault
    note_deliveries(ingest.paths, name, deliveries)
    try:
        import duckdb

        files = committed(ingest.paths, name, extract, ingest.time_zone, ingest.currency, ingest.secret)
        with duckdb.connect() as connection:
            refuse_conflicts(connection, ingest.paths.lake, name, extract, files)
    except FileFault as fault:
        yield fault


def _ingest_file(
    ingest: Ingest, name: str, extract: Extract, delivery: Delivery, report: IngestReport
) -> None:
    contract = extract.contract_hash(ingest.time_zone, ingest.currency)
    identity = file_id(name, delivery.content_hash, contract, secret_fingerprint(ingest.secret))
    path = manifest_file(ingest.paths.manifests, name, identity)
    if path.exists():
        report.known.append(Manifest(**json.loads(path.read_text(encoding="utf-8"))))
        return
    outcome = load_file(ingest, name, extract, delivery)
    report.read.append(outcome.manifest)
    report.warnings.extend(told(outcome, extract))


def told(outcome: FileOutcome, extract: Extract) -> list[str]:
    """The rejected rows of a file in sentences."""
    manifest = outcome.manifest
    return [sentence(reject, manifest.path, manifest.rows_read, extract) for reject in outcome.rejects]
