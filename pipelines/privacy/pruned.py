"""The record of what was pruned: which files are too old to count, and for which days figures can still be made.

It is written before anything is removed, and decides from then on: a file that it names is neither read nor counted,
whether or not its rows are gone yet. What must stay out: what is too old (`retention.py`).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from pipelines.ingest.manifests import write_whole
from pipelines.refusal import Refusal


class DayPruned(Refusal):
    """A day whose figures rested on rows that are gone."""


@dataclass(frozen=True)
class Pruned:
    """The latest day as of which was pruned, and by extract the files, told by a hash of their bytes."""

    as_of: str | None = None
    contents: dict[str, list[str]] = field(default_factory=dict)

    def of(self, extract: str) -> frozenset[str]:
        return frozenset(self.contents.get(extract, ()))


def read_pruned(file: Path) -> Pruned:
    """The record as it stands; a home in which nothing was pruned has none."""
    if not file.exists():
        return Pruned()
    return TypeAdapter(Pruned).validate_python(json.loads(file.read_text(encoding="utf-8")))


def note_pruned(file: Path, as_of: date, contents: Mapping[str, Iterable[str]]) -> None:
    """Add files to the record; they count no more from this moment on."""
    before = read_pruned(file)
    merged = {
        extract: sorted({*before.of(extract), *contents.get(extract, ())})
        for extract in sorted({*before.contents, *contents})
    }
    latest = max(as_of.isoformat(), before.as_of or "")
    write_whole(file, asdict(Pruned(latest, merged)))


def require_day(file: Path, as_of: date) -> None:
    """Refuse a day before the latest one as of which was pruned: its figures would be others than they were."""
    pruned = read_pruned(file)
    if pruned.as_of is not None and as_of.isoformat() < pruned.as_of:
        raise DayPruned(
            f"Rows on which figures as of {as_of} rest were pruned, as of {pruned.as_of}, as retention of treue.yml "
            f"says. Runs are possible from {pruned.as_of} on; what was said of earlier days stands in metric_history."
        )
