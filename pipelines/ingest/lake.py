"""What the lake holds: the committed files that a build is made from, and what is known of their deliveries.

What must stay out: reading a file in landing.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.ingest.contracts import Extract
from pipelines.ingest.deliveries import Delivery
from pipelines.ingest.kinds import KINDS
from pipelines.ingest.manifests import Manifest, read_manifests
from pipelines.ingest.pseudonyms import secret_fingerprint
from pipelines.paths import HomePaths
from pipelines.settings import Settings


@dataclass(frozen=True)
class LakeFile:
    """One committed file, as a build registers it; `outputs` are absolute Parquet paths by raw table."""

    extract: str
    kind: str
    file_id: str
    path: str
    known_on: date
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    repeated_row_count: int
    outputs: Mapping[str, str]


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
    files: list[LakeFile] = []
    for name, extract in settings.extracts.items():
        repeats = _repeat_counts(paths, name)
        files += [
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
            for manifest in committed(paths, name, extract, settings.time_zone, settings.currency, secret)
        ]
    return files


def lake_hash(files: Iterable[LakeFile]) -> str:
    """A hash of which files the lake holds; two runs over the same ones agree on it."""
    text = "\n".join(sorted(f"{f.file_id} {f.repeated_row_count}" for f in files))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def last_event_day(files: Iterable[LakeFile]) -> date | None:
    """The latest order or response in these files, as a local day of the company."""
    import duckdb

    days: list[date] = []
    with duckdb.connect() as connection:
        for kind, spec in KINDS.items():
            paths = [f.outputs[next(iter(spec.tables))] for f in files if f.kind == kind]
            if spec.event and paths:
                query = f"select max({spec.event}) from read_parquet($paths)"
                days += [day for (day,) in connection.execute(query, {"paths": paths}).fetchall() if day]
    return max(days, default=None)


def note_deliveries(paths: HomePaths, name: str, deliveries: list[Delivery]) -> None:
    """Keep, per path, the bytes that were seen there: who delivered the same file twice stays known."""
    ledger = _ledger(paths, name)
    ledger.parent.mkdir(parents=True, exist_ok=True)
    seen = _seen(ledger)
    seen |= {delivery.relative: delivery.content_hash for delivery in deliveries}
    draft = ledger.with_suffix(".draft")
    draft.write_text(json.dumps(seen, indent=2, sort_keys=True, ensure_ascii=False), encoding="utf-8")
    draft.replace(ledger)


def _repeat_counts(paths: HomePaths, name: str) -> dict[str, int]:
    """How often each file's bytes were delivered beyond the first time."""
    seen = _seen(_ledger(paths, name))
    return {content: times - 1 for content, times in Counter(seen.values()).items() if times > 1}


def _ledger(paths: HomePaths, name: str) -> Path:
    return paths.lake / "deliveries" / f"{name}.json"


def _seen(ledger: Path) -> dict[str, str]:
    return dict(json.loads(ledger.read_text(encoding="utf-8"))) if ledger.exists() else {}
