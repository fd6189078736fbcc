"""Manifests: one small JSON per file that was read, written last, so that it is the mark of a finished file.

What must stay out: rows, identifiers and anything else of a person.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from pipelines.ingest.identifiers import Shape

ERASED_REASON = "left_out:erased"
# Of rows in which somebody was erased; they are counted, and nothing of them is kept.


@dataclass(frozen=True)
class Manifest:
    """What is known of one committed file; `outputs` are paths below the lake, by table.

    `identifiers` says how the values in a column of identifiers look, and nothing of what they are. Rows of erased
    persons are among the rejected ones, since `erased_on` where they were taken out later. Since `pruned_on` the rows
    are gone for their age, and since `rejects_pruned_on` the values of the rejected ones.
    """

    extract: str
    kind: str
    file_id: str
    path: str
    size_bytes: int
    content_hash: str
    contract_hash: str
    secret_fingerprint: str
    delivered_on: str | None
    first_seen_on: str
    known_on: str
    file_type: str = ""
    encoding: str | None = None
    delimiter: str | None = None
    headings: list[str] = field(default_factory=list)
    cells_hash: str = ""
    rows_read: int = 0
    rows_loaded: int = 0
    rows_rejected: int = 0
    rejected_by_reason: dict[str, int] = field(default_factory=dict)
    identifiers: dict[str, Shape] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    erased_on: str | None = None
    pruned_on: str | None = None
    rejects_pruned_on: str | None = None

    @property
    def known_date(self) -> date:
        return date.fromisoformat(self.known_on)

    @property
    def rows_erased(self) -> int:
        return self.rejected_by_reason.get(ERASED_REASON, 0)

    @property
    def delivered_date(self) -> date:
        """The day that orders the files of one extract: of two, the later one is the newer."""
        return date.fromisoformat(self.delivered_on or self.first_seen_on)


def file_id(extract: str, content_hash: str, contract_hash: str, secret_fingerprint: str) -> str:
    """The name under which a file's rows lie in the lake: other bytes, contract or secret, other name."""
    text = f"{extract}|{content_hash}|{contract_hash}|{secret_fingerprint}"
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def manifest_file(manifests: Path, extract: str, identity: str) -> Path:
    return manifests / extract / f"{identity}.json"


def write_manifest(manifests: Path, manifest: Manifest) -> None:
    """Write it whole or not at all; the file's rows count from this moment on."""
    path = manifest_file(manifests, manifest.extract, manifest.file_id)
    write_whole(path, asdict(manifest))


def write_whole(path: Path, record: object) -> None:
    """Write a record as JSON that is there in full or not at all, whatever ends the process or the machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as handle:
        json.dump(record, handle, indent=2, sort_keys=True, ensure_ascii=False)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)


def read_manifests(manifests: Path, extract: str) -> Iterator[Manifest]:
    """The extract's committed files in the order of their ids, those of earlier contracts among them.

    A manifest of another version, or one that is damaged, commits nothing: its file is read again from landing.
    """
    whole, names = TypeAdapter(Manifest), {each.name for each in fields(Manifest)}
    for path in sorted((manifests / extract).glob("*.json")):
        content = path.read_bytes()
        try:
            manifest = whole.validate_json(content)
        except ValueError:
            continue
        # What another version did not know must not be filled in by a default.
        if json.loads(content).keys() == names:
            yield manifest
