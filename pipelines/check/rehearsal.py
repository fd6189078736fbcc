"""The ingest stage rehearsed on a copy of a home's records, so that it says what a run would say.

The copy (manifests, ledger, links to the Parquet of known files) lies in a scratch folder of the lake, which the
next run clears if this one is killed; landing and lake stay as they are. What must stay out: how it is told.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pipelines.check.problems import Problem, problems_of
from pipelines.ingest.contracts import POLICIES, Extract
from pipelines.ingest.deliveries import PLACEHOLDER, Delivery, find_deliveries
from pipelines.ingest.faults import FileFault, IngestRefused
from pipelines.ingest.lake import committed
from pipelines.ingest.ledger import delivered, read_ledger
from pipelines.ingest.load import Ingest, load_file, scratch_folder
from pipelines.ingest.manifests import Manifest, read_manifests
from pipelines.ingest.stage import ingest_extracts
from pipelines.paths import HomePaths


@dataclass(frozen=True)
class FileFindings:
    """What one file would give; without a manifest it can't be read at all, and known from no day it is refused."""

    delivery: Delivery
    manifest: Manifest | None
    problems: list[Problem]
    is_known: bool
    known_on: date | None
    same_bytes_as: str | None


@dataclass(frozen=True)
class ExtractFindings:
    """What one extract would give, and what the run would say of it; notices are those of earlier nights too."""

    name: str
    extract: Extract
    files: list[FileFindings]
    errors: list[str]
    warnings: list[str]
    notices: list[str]


def rehearse(ingest: Ingest, extracts: Mapping[str, Extract]) -> Iterator[ExtractFindings]:
    """What the stage would do with each extract on the day `ingest.seen_on`; nothing of it is kept."""
    with _copy_of_records(ingest.paths) as copy:
        stage = replace(ingest, paths=copy)
        for name, extract in extracts.items():
            yield _findings(stage, ingest.paths, name, extract)


def unmatched_files(landing: Path, extracts: Mapping[str, Extract]) -> list[str]:
    """The files below landing that belong to no extract, hidden ones and locks of open workbooks apart."""
    patterns = [PLACEHOLDER.sub("*", extract.files) for extract in extracts.values()]
    matched = {path for pattern in patterns for path in landing.glob(pattern)}
    rest = [
        path.relative_to(landing) for path in landing.rglob("*") if path.is_file() and path not in matched
    ]
    return sorted(
        path.as_posix() for path in rest if not any(part.startswith((".", "~$")) for part in path.parts)
    )


@contextmanager
def _copy_of_records(paths: HomePaths) -> Iterator[HomePaths]:
    with scratch_folder(paths) as folder:
        copy = HomePaths(folder)
        copy.lake.mkdir()
        copy.landing.symlink_to(paths.landing)
        if paths.privacy.is_dir():
            # Who was erased is left out of a rehearsal too.
            copy.privacy.symlink_to(paths.privacy)
        # Manifests first: whatever a run commits meanwhile, the Parquet of those copied lies there already.
        for records in ("manifests", "deliveries"):
            if (paths.lake / records).is_dir():
                ignored = shutil.ignore_patterns("*.draft")
                shutil.copytree(paths.lake / records, copy.lake / records, ignore=ignored)
        for parquet in (*paths.lake.glob("raw/*/*/*.parquet"), *paths.lake.glob("rejected/*/*.parquet")):
            link = copy.lake / parquet.relative_to(paths.lake)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(parquet)
        yield copy


def _findings(stage: Ingest, paths: HomePaths, name: str, extract: Extract) -> ExtractFindings:
    known = {each.content_hash for each in read_manifests(stage.paths.manifests, name)}
    errors, warnings, notices = _told(stage, name, extract)
    known_on = {
        (each.path, each.content_hash): each.known_on
        for each in delivered(read_ledger(stage.paths, name), extract)
    }
    try:
        deliveries = find_deliveries(paths.landing, name, extract)
    except FileFault:
        # Told by the stage already.
        deliveries = []
    manifests = _manifests(stage, name, extract, deliveries)
    files: list[FileFindings] = []
    first: dict[str, str] = {}
    for delivery in deliveries:
        content = delivery.content_hash
        same = first.setdefault(content, delivery.relative)
        manifest = manifests.get(content)
        files.append(
            FileFindings(
                delivery=delivery,
                manifest=manifest,
                problems=problems_of(manifest, stage.paths.lake) if manifest else [],
                is_known=content in known,
                known_on=known_on.get((delivery.relative, content)),
                same_bytes_as=same if same != delivery.relative else None,
            )
        )
    # The copy's own place is nobody's business.
    here, there = str(stage.paths.root), str(paths.root)
    said = [[each.replace(here, there) for each in messages] for messages in (errors, warnings, notices)]
    return ExtractFindings(name, extract, files, *said)


def _told(stage: Ingest, name: str, extract: Extract) -> tuple[list[str], list[str], list[str]]:
    """What the stage says of one extract: errors, warnings, and all notices, also those of earlier nights."""
    try:
        report = ingest_extracts(stage, {name: extract})
    except IngestRefused as refused:
        # Only where everything merely warns is there a report of the notices.
        warn: dict[str, object] = {"on_problem": "warn", "notices": dict.fromkeys(POLICIES, "warn")}
        report = ingest_extracts(stage, {name: extract.model_copy(update=warn)})
        return str(refused).splitlines(), list(refused.warnings), report.notices
    return [], report.warnings, report.notices


def _manifests(
    stage: Ingest, name: str, extract: Extract, deliveries: Iterable[Delivery]
) -> dict[str, Manifest]:
    """What is in each file that can be read, refused ones among them, by content."""
    taken = committed(stage.paths, name, extract, stage.time_zone, stage.currency, stage.secret)
    found = {manifest.content_hash: manifest for manifest in taken}
    # What is in a file with too many bad rows is found by a contract that takes any number of them.
    patient = extract.model_copy(update={"max_rejected_share": 1.0})
    for delivery in deliveries:
        if delivery.content_hash not in found:
            with suppress(FileFault):
                found[delivery.content_hash] = load_file(stage, name, patient, delivery).manifest
    return found
