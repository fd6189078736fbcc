"""The ingest stage as a whole: which files are new, which are known, and what was wrong with them.

All faults of a night are told at once. What must stay out: how one file is read (`load.py`), and which files
contradict each other (`admission.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pipelines.ingest.admission import Night, admit
from pipelines.ingest.contracts import Extract, Policy
from pipelines.ingest.deliveries import Delivery, find_deliveries
from pipelines.ingest.faults import FileFault, IngestRefused
from pipelines.ingest.identifiers import rewritten
from pipelines.ingest.lake import committed
from pipelines.ingest.ledger import (
    Delivered,
    LedgerUnreadable,
    delivered,
    first_seen_days,
    read_ledger,
    write_ledger,
)
from pipelines.ingest.load import FileOutcome, Ingest, clear_scratch, read_file, scratch_folder
from pipelines.ingest.manifests import Manifest
from pipelines.ingest.notices import notices
from pipelines.ingest.rejects import sentence
from pipelines.privacy.pruned import read_pruned


@dataclass
class IngestReport:
    """What the night brought: files read now, files known already, and what was only warned of.

    `notices` are all that there are about the deliveries, also those that were told on an earlier night.
    """

    read: list[Manifest] = field(default_factory=list)
    known: list[Manifest] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

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
        raise IngestRefused("\n".join(faults), report.warnings)
    return report


def _ingest_extract(
    ingest: Ingest, name: str, extract: Extract, report: IngestReport
) -> Iterator[tuple[str, Policy]]:
    """What is wrong with one extract, each with the policy that the contract states for it.

    New files are read into drafts, judged together with those that count, and only then committed: one that is
    refused leaves nothing behind, and the right one may be put in its place.
    """
    try:
        ledger = read_ledger(ingest.paths, name)
    except LedgerUnreadable as unreadable:
        yield str(unreadable), "error"
        return
    manifests = committed(ingest.paths, name, extract, ingest.time_zone, ingest.currency, ingest.secret)
    pruned = read_pruned(ingest.paths.pruned).of(name)
    known = {each.content_hash: each for each in manifests if each.content_hash not in pruned}
    with scratch_folder(ingest.paths) as scratch:
        night = Night(ingest, name, extract, ledger, known, drafts={})
        readable, faults = _read_drafts(night, scratch, pruned)
        taken, refusals = admit(night, readable, scratch)
        # Bytes that are not taken replace nothing: what was read under their name before still counts.
        ledger = night.ledger_with(taken)
        for content in dict.fromkeys(delivery.content_hash for delivery in taken):
            if content in known:
                report.known.append(known[content])
                continue
            outcome = night.drafts[content].commit(ingest.paths)
            known[content] = outcome.manifest
            report.read.append(outcome.manifest)
            report.warnings.extend(told(outcome, extract))
    write_ledger(ingest.paths, name, ledger)
    for fault in (*faults, *refusals):
        yield str(fault), extract.on_problem
    yield from _odd_deliveries(ingest, name, extract, delivered(ledger, extract), known, report)


def _read_drafts(
    night: Night, scratch: Path, pruned: frozenset[str]
) -> tuple[list[Delivery], list[FileFault]]:
    """Read what is new; the deliveries that can be read, oldest first, and what is wrong with the others.

    A file that was pruned for its age is passed over, whatever the contract says of it now.
    """
    ingest, name, extract = night.ingest, night.name, night.extract
    try:
        deliveries = find_deliveries(ingest.paths.landing, name, extract)
    except FileFault as fault:
        return [], [fault]
    first_seen = first_seen_days(ingest.paths, name, night.ledger)
    readable: list[Delivery] = []
    faults: list[FileFault] = []
    for delivery in sorted(deliveries, key=lambda each: (each.delivered_on or date.max, each.relative)):
        content = delivery.content_hash
        if content in pruned:
            continue
        try:
            if content not in night.committed and content not in night.drafts:
                seen_on = first_seen.get(content, ingest.seen_on)
                night.drafts[content] = read_file(ingest, name, extract, delivery, seen_on, scratch)
            readable.append(delivery)
        except FileFault as fault:
            faults.append(fault)
    return readable, faults


def _odd_deliveries(
    ingest: Ingest,
    name: str,
    extract: Extract,
    deliveries: list[Delivered],
    files: dict[str, Manifest],
    report: IngestReport,
) -> Iterator[tuple[str, Policy]]:
    for notice in notices(extract, deliveries, files, ingest.seen_on):
        message = f"extract {name}: {notice.message} ({notice.name}, since {notice.since})"
        report.notices.append(message)
        policy = extract.policy(notice.name, notice.since)
        # An error stays one; what is only told is told when it is news, and stands in the metadata from then on.
        if policy == "error" or notice.is_news(ingest.seen_on):
            yield message, policy
    # One that is still there but isn't read has its own fault, or is none of the extract's files any more.
    pruned = read_pruned(ingest.paths.pruned).of(name)
    lost = [
        each.path
        for each in deliveries
        if each.replaced_on is None
        and each.content_hash not in {*files, *pruned}
        and not (ingest.paths.landing / each.path).exists()
    ]
    if lost:
        message = (
            f"{len(lost)} file(s) were read under another contract or secret and are not in landing/ any more, "
            f"first {lost[0]}; their rows do not count. Put them back, so that they can be read again"
        )
        yield f"extract {name}: {message}", extract.on_problem


def told(outcome: FileOutcome, extract: Extract) -> list[str]:
    """The rejected rows of a file, and identifiers that a spreadsheet rewrote, in sentences."""
    manifest = outcome.manifest
    rejected = [sentence(reject, manifest.path, manifest.rows_read, extract) for reject in outcome.rejects]
    return [*rejected, *told_identifiers(manifest, extract)]


def told_identifiers(manifest: Manifest, extract: Extract) -> list[str]:
    """Identifiers that a spreadsheet rewrote, in sentences; the manifest keeps what they are made of."""
    return [f"{each}, in {manifest.path}" for each in rewritten(manifest.identifiers, extract)]
