"""The ledger of deliveries: which bytes were seen under which name, and since when.

A manifest says what a file's bytes hold; the ledger says when they were delivered, again or corrected. What must
stay out: reading files, and the policy of what is an error (`notices.py`).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from pipelines.ingest.contracts import Extract
from pipelines.ingest.deliveries import Delivery
from pipelines.paths import HomePaths

KNOWN_FROM_THE_START = date(1900, 1, 1)
# Of an initial load: before every event.


@dataclass(frozen=True)
class Sighting:
    """Certain bytes under a name, from the day they were first seen there; `delivered_on` as the name says."""

    content_hash: str
    first_seen_on: str
    delivered_on: str | None


@dataclass(frozen=True)
class Delivered:
    """One delivery as a build knows it; replaced from the day on which other bytes came under its name."""

    path: str
    content_hash: str
    delivered_on: date
    known_on: date
    replaced_on: date | None


def read_ledger(paths: HomePaths, name: str) -> dict[str, list[Sighting]]:
    """The sightings of each path, oldest first; empty for an extract that was never ingested."""
    file = _file(paths, name)
    if not file.exists():
        return {}
    held = json.loads(file.read_text(encoding="utf-8"))
    return {path: [Sighting(**sighting) for sighting in sightings] for path, sightings in held.items()}


def note_deliveries(paths: HomePaths, name: str, deliveries: Iterable[Delivery], seen_on: date) -> None:
    """Add what is new; a path whose bytes turned up under another name, and that is gone, was renamed."""
    ledger = read_ledger(paths, name)
    present = {delivery.relative: delivery for delivery in deliveries}
    contents = {delivery.content_hash for delivery in present.values()}
    for path in [path for path in ledger if path not in present]:
        if ledger[path][-1].content_hash in contents and not (paths.landing / path).exists():
            renamed = ledger.pop(path)
            new = next(each for each in present.values() if each.content_hash == renamed[-1].content_hash)
            ledger.setdefault(new.relative, renamed)
    for delivery in present.values():
        sightings = ledger.setdefault(delivery.relative, [])
        delivered_on = delivery.delivered_on.isoformat() if delivery.delivered_on else None
        if not sightings or sightings[-1].content_hash != delivery.content_hash:
            sightings.append(Sighting(delivery.content_hash, seen_on.isoformat(), delivered_on))
        elif sightings[-1].delivered_on != delivered_on:
            # Renamed to another day, or the pattern has learnt where the day stands in the name.
            sightings[-1] = replace(sightings[-1], delivered_on=delivered_on)
    _write(_file(paths, name), ledger)


def delivered(ledger: Mapping[str, Sequence[Sighting]], extract: Extract) -> list[Delivered]:
    """Every delivery with the days between which it is known, in the order of path and sighting."""
    found = []
    for path, sightings in sorted(ledger.items()):
        known = [_known_on(sighting, index, extract) for index, sighting in enumerate(sightings)]
        for index, sighting in enumerate(sightings):
            ordered_by = date.fromisoformat(sighting.delivered_on or sighting.first_seen_on)
            later = known[index + 1] if index + 1 < len(sightings) else None
            found.append(Delivered(path, sighting.content_hash, ordered_by, known[index], later))
    return found


def _known_on(sighting: Sighting, index: int, extract: Extract) -> date:
    """Never the file's own time stamp; a correction is known from the day on which it was seen."""
    if index > 0:
        return date.fromisoformat(sighting.first_seen_on)
    if extract.initial_load:
        return KNOWN_FROM_THE_START
    return date.fromisoformat(sighting.delivered_on or sighting.first_seen_on)


def _file(paths: HomePaths, name: str) -> Path:
    return paths.lake / "deliveries" / f"{name}.json"


def _write(file: Path, ledger: Mapping[str, Sequence[Sighting]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    held = {path: [asdict(sighting) for sighting in sightings] for path, sightings in ledger.items()}
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(held, indent=2, sort_keys=True, ensure_ascii=False), encoding="utf-8")
    draft.replace(file)
