"""The ingest stage as a whole: which files are new, which are known, and what the lake holds afterwards.

All faults of a night are told at once. What must stay out: how one file is read (`load.py`).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from pipelines.ingest.conflicts import refuse_conflicts
from pipelines.ingest.contracts import Extract
from pipelines.ingest.deliveries import Delivery, find_deliveries
from pipelines.ingest.faults import FileFault, IngestRefused
from pipelines.ingest.load import FileOutcome, Ingest, load_file
from pipelines.ingest.manifests import Manifest, file_id, manifest_file, read_manifests
from pipelines.ingest.pseudonyms import secret_fingerprint
from pipelines.ingest.rejects import sentence
from pipelines.paths import HomePaths
from pipelines.settings import Settings
from pipelines.transform.build import LakeFile


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
    report, faults = IngestReport(), []
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
    _note_deliveries(ingest.paths, name, deliveries)
    try:
        import duckdb

        files = committed(ingest.paths, name, extract, ingest.time_zone, ingest.currency, ingest.secret)
        with duckdb.connect() as connection:
            refuse_conflicts(connection, ingest.paths.lake, name, extract, files)
    except FileFault as fault:
        yield fault


def _ingest_file(ingest: Ingest, name: str, extract: Extract, delivery: Delivery, report: IngestReport) -> None:
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


def committed(
    paths: HomePaths, name: str, extract: Extract, time_zone: str, currency: str, secret: bytes
) -> list[Manifest]:
    """The extract's files that were read under the contract and secret of now, in the order of their ids."""
    contract = extract.contract_hash(time_zone, currency)
    mark = secret_fingerprint(secret)
    return [
        manifest
        for manifest in read_manifests(paths.manifests, name)
        if manifest.contract_hash == contract and manifest.secret_fingerprint == mark
    ]


def lake_files(paths: HomePaths, settings: Settings, secret: bytes) -> list[LakeFile]:
    """Every file that a build of now is made from; names are absolute, since dbt reads from another folder."""
    files = []
    for name, extract in settings.extracts.items():
        repeats = _repeat_counts(paths, name)
        for manifest in committed(paths, name, extract, settings.time_zone, settings.currency, secret):
            files.append(
                LakeFile(
                    extract=name,
                    kind=extract.kind,
                    file_id=manifest.file_id,
                    path=manifest.path,
                    known_on=manifest.known_date,
                    rows_read=manifest.rows_read,
                    rows_loaded=manifest.rows_loaded,
                    rows_rejected=manifest.rows_rejected,
                    repeated_row_count=repeats.get(manifest.content_hash, 0) * manifest.rows_read,
                    outputs={table: str(paths.lake / output) for table, output in manifest.outputs.items()},
                )
            )
    return files


def lake_hash(files: Iterable[LakeFile]) -> str:
    """A hash of which files the lake holds; two runs over the same ones agree on it."""
    text = "\n".join(sorted(f"{f.file_id} {f.repeated_row_count}" for f in files))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def last_event_day(files: Iterable[LakeFile]) -> date | None:
    """The latest order or response in these files, as a local day of the company."""
    import duckdb

    from pipelines.ingest.kinds import KINDS

    days: list[date] = []
    with duckdb.connect() as connection:
        for kind, spec in KINDS.items():
            paths = [f.outputs[next(iter(spec.tables))] for f in files if f.kind == kind]
            if spec.event and paths:
                query = f"select max({spec.event}) from read_parquet($paths)"
                days += [day for (day,) in connection.execute(query, {"paths": paths}).fetchall() if day]
    return max(days, default=None)


def _note_deliveries(paths: HomePaths, name: str, deliveries: list[Delivery]) -> None:
    """Keep, per path, the bytes that were seen there: who delivered the same file twice stays known."""
    ledger = paths.lake / "deliveries" / f"{name}.json"
    ledger.parent.mkdir(parents=True, exist_ok=True)
    seen = json.loads(ledger.read_text(encoding="utf-8")) if ledger.exists() else {}
    seen |= {delivery.relative: delivery.content_hash for delivery in deliveries}
    draft = ledger.with_suffix(".draft")
    draft.write_text(json.dumps(seen, indent=2, sort_keys=True, ensure_ascii=False), encoding="utf-8")
    draft.replace(ledger)


def _repeat_counts(paths: HomePaths, name: str) -> dict[str, int]:
    """How often each file's bytes were delivered beyond the first time."""
    ledger = paths.lake / "deliveries" / f"{name}.json"
    seen = json.loads(ledger.read_text(encoding="utf-8")) if ledger.exists() else {}
    return {content: times - 1 for content, times in Counter(seen.values()).items() if times > 1}
