"""The ledger of deliveries: which bytes were seen under which name, and since when.

A manifest says what a file's bytes hold; the ledger says when they were delivered, again or corrected. What must
stay out: reading files, and the policy of what is an error (`notices.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from pipelines.ingest.contracts import Extract
from pipelines.ingest.deliveries import Delivery
from pipelines.ingest.manifests import read_manifests, write_whole
from pipelines.paths import HomePaths
from pipelines.refusal import Refusal

KNOWN_FROM_THE_START = date(1900, 1, 1)
# Of an initial load: before every event.


class LedgerUnreadable(Refusal):
    """The record of what was delivered can't be read, and nothing else knows what it says."""


@dataclass(frozen=True)
class Sighting:
    """Certain bytes under a name, from the day they were first seen there; `delivered_on` as the name says."""

    content_hash: str
    first_seen_on: str
    delivered_on: str | None = None


Ledger = dict[str, list[Sighting]]
# The sightings of each path, oldest first.


@dataclass(frozen=True)
class Delivered:
    """One delivery as a build knows it; replaced from the day on which other bytes came under its name.

    The day on which it was first seen decides about no row, and so enters no hash of the lake.
    """

    path: str
    content_hash: str
    delivered_on: date
    known_on: date
    replaced_on: date | None
    seen_on: date = field(repr=False)


def read_ledger(paths: HomePaths, name: str) -> Ledger:
    """The ledger as it stands; empty for an extract that was never ingested."""
    file = _file(paths, name)
    if not file.exists():
        return {}
    try:
        return TypeAdapter(Ledger).validate_json(file.read_bytes())
    except ValueError:
        raise LedgerUnreadable(
            f"{file}: the ledger of extract {name} is damaged or of another version. Restore it from a backup; without "
            "one, delete it: files without a date in their names are then known from the next run on, and what a "
            "correction had replaced is forgotten"
        ) from None


def write_ledger(paths: HomePaths, name: str, ledger: Ledger) -> None:
    """Put it in the place of the one before; its deliveries are in force from this moment on."""
    write_whole(
        _file(paths, name),
        {path: [asdict(sighting) for sighting in sightings] for path, sightings in ledger.items()},
    )


def with_deliveries(ledger: Ledger, landing: Path, deliveries: Iterable[Delivery], seen_on: date) -> Ledger:
    """The ledger with what is new; a path whose bytes turned up under another name, and that is gone, was renamed."""
    ledger = {path: list(sightings) for path, sightings in ledger.items()}
    present = {delivery.relative: delivery for delivery in deliveries}
    contents = {delivery.content_hash for delivery in present.values()}
    for path in [path for path in ledger if path not in present]:
        if ledger[path][-1].content_hash in contents and not (landing / path).exists():
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
    return ledger


def contents_in_force(ledger: Ledger) -> set[str]:
    """The bytes that lie under the names of now, by their hashes."""
    return {sightings[-1].content_hash for sightings in ledger.values()}


def first_seen_days(paths: HomePaths, name: str, ledger: Ledger) -> dict[str, date]:
    """The day on which certain bytes were first seen, under whatever contract they were read then."""
    seen = [(each.content_hash, each.first_seen_on) for each in read_manifests(paths.manifests, name)]
    seen += [(each.content_hash, each.first_seen_on) for sightings in ledger.values() for each in sightings]
    # Latest first: the earliest day is the one that stays.
    return {
        content: date.fromisoformat(day)
        for content, day in sorted(seen, key=lambda each: each[1], reverse=True)
    }


def delivered(ledger: Mapping[str, Sequence[Sighting]], extract: Extract) -> list[Delivered]:
    """Every delivery with the days between which it is known, in the order of path and sighting."""
    found = []
    for path, sightings in sorted(ledger.items()):
        known = [_known_on(sighting, index, extract) for index, sighting in enumerate(sightings)]
        for index, sighting in enumerate(sightings):
            ordered_by = date.fromisoformat(sighting.delivered_on or sighting.first_seen_on)
            later = known[index + 1] if index + 1 < len(sightings) else None
            seen_on = date.fromisoformat(sighting.first_seen_on)
            found.append(Delivered(path, sighting.content_hash, ordered_by, known[index], later, seen_on))
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
