"""The ingest stage as a whole: which files are new, which are known, and what was wrong with them.

All faults of a night are told at once. What must stay out: how one file is read (`load.py`).
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from pipelines.ingest.conflicts import refuse_conflicts
from pipelines.ingest.contracts import Extract, Policy
from pipelines.ingest.deliveries import Delivery, find_deliveries
from pipelines.ingest.faults import FileFault, IngestRefused
from pipelines.ingest.lake import committed
from pipelines.ingest.ledger import delivered, note_deliveries, read_ledger
from pipelines.ingest.load import FileOutcome, Ingest, clear_scratch, load_file
from pipelines.ingest.manifests import Manifest, file_id, manifest_file
from pipelines.ingest.notices import notices
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
    clear_scratch(ingest.paths)
    for name, extract in extracts.items():
        for message, policy in _ingest_extract(ingest, name, extract, report):
            (faults if policy == "error" else report.warnings).append(message)
    if faults:
        raise IngestRefused("\n".join(faults))
    return report


def _ingest_extract(
    ingest: Ingest, name: str, extract: Extract, report: IngestReport
) -> Iterable[tuple[str, Policy]]:
    """What is wrong with one extract, each with the policy that the contract states for it."""
    try:
        deliveries = find_deliveries(ingest.paths.landing, name, extract)
    except FileFault as fault:
        yield str(fault), extract.on_problem
        deliveries = []
    readable = []
    seen: set[str] = set()
    for delivery in sorted(deliveries, key=lambda each: (each.delivered_on or date.max, each.relative)):
        try:
            if delivery.content_hash not in seen:
                _ingest_file(ingest, name, extract, delivery, report)
            seen.add(delivery.content_hash)
            readable.append(delivery)
        except FileFault as fault:
            yield str(fault), extract.on_problem
    # Bytes that can't be read replace nothing: what was read under their name before still counts.
    note_deliveries(ingest.paths, name, readable, ingest.seen_on)
    yield from _odd_deliveries(ingest, name, extract)


def _odd_deliveries(ingest: Ingest, name: str, extract: Extract) -> Iterable[tuple[str, Policy]]:
    ledger = delivered(read_ledger(ingest.paths, name), extract)
    manifests = committed(ingest.paths, name, extract, ingest.time_zone, ingest.currency, ingest.secret)
    files = {manifest.content_hash: manifest for manifest in manifests}
    for notice in notices(extract, ledger, files, ingest.seen_on):
        yield f"extract {name}: {notice.message} ({notice.name})", extract.policy(notice.name)
    # One that is still there but isn't read has its own fault, or is none of the extract's files any more.
    lost = [
        each.path
        for each in ledger
        if each.replaced_on is None
        and each.content_hash not in files
        and not (ingest.paths.landing / each.path).exists()
    ]
    if lost:
        message = (
            f"{len(lost)} file(s) were read under another contract or secret and are not in landing/ any more, "
            f"first {lost[0]}; their rows do not count. Put them back, so that they can be read again"
        )
        yield f"extract {name}: {message}", extract.on_problem
    in_force = {each.content_hash for each in ledger if each.replaced_on is None}
    current = [manifest for manifest in manifests if manifest.content_hash in in_force]
    try:
        import duckdb

        with duckdb.connect() as connection:
            refuse_conflicts(connection, ingest.paths.lake, name, extract, current)
    except FileFault as fault:
        yield str(fault), extract.on_problem


def _ingest_file(
    ingest: Ingest, name: str, extract: Extract, delivery: Delivery, report: IngestReport
) -> None:
    contract = ingest.contract_of(extract)
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
