"""Which of a night's files are taken: those that contradict nothing that was said before them.

Files come in the order of their deliveries, after those that count already; a correction is judged without the bytes
that it replaces. What must stay out: when rows contradict each other (`conflicts.py`), and committing files.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.ingest.conflicts import (
    Contradiction,
    can_contradict,
    first_contradiction,
    gather_claims,
    main_table,
    refusal,
    standing_fault,
)
from pipelines.ingest.contracts import Extract
from pipelines.ingest.deliveries import Delivery
from pipelines.ingest.expressions import literal
from pipelines.ingest.faults import FileFault
from pipelines.ingest.ledger import Ledger, contents_in_force, with_deliveries
from pipelines.ingest.load import SCRATCH_MEMORY, Draft, Ingest
from pipelines.ingest.manifests import Manifest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Night:
    """One extract before its new files are taken: its ledger, and by content the committed files and the drafts."""

    ingest: Ingest
    name: str
    extract: Extract
    ledger: Ledger
    committed: dict[str, Manifest]
    drafts: dict[str, Draft]

    def manifest(self, content: str) -> Manifest:
        return self.committed.get(content) or self.drafts[content].outcome.manifest

    def rows(self, content: str) -> Path:
        """The Parquet of the table in which the key stands."""
        table = main_table(self.extract)
        if content in self.committed:
            return self.ingest.paths.lake / self.committed[content].outputs[table]
        return self.drafts[content].folder / f"{table}.parquet"

    def ledger_with(self, taken: Sequence[Delivery]) -> Ledger:
        """The ledger as it stands once these deliveries are taken."""
        return with_deliveries(self.ledger, self.ingest.paths.landing, taken, self.ingest.seen_on)


def admit(
    night: Night, deliveries: Sequence[Delivery], scratch: Path
) -> tuple[list[Delivery], list[FileFault]]:
    """Those of the deliveries that are taken, in their order, and what is wrong with the others."""
    here = {delivery.content_hash for delivery in deliveries} | contents_in_force(night.ledger)
    contents = sorted(here & (night.committed.keys() | night.drafts.keys()))
    if not contents or not can_contradict(night.extract):
        return list(deliveries), []
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(f"set temp_directory = {literal(str(scratch / 'spill'))}")
        connection.execute(f"set memory_limit = '{SCRATCH_MEMORY}'")
        gather_claims(connection, night.extract, [night.rows(content) for content in contents])
        taken, refused, standing = _judged(connection, night, deliveries, contents)
    paths = {manifest.file_id: manifest.path for manifest in map(night.manifest, contents)}
    faults = [refusal(night.name, night.extract, refused, paths)] if refused else []
    faults += [standing_fault(night.name, night.extract, standing, paths)] if standing else []
    return taken, faults


def _judged(
    connection: "DuckDBPyConnection", night: Night, deliveries: Sequence[Delivery], contents: Sequence[str]
) -> tuple[list[Delivery], list[Contradiction], Contradiction | None]:
    """What is taken, what is refused in which order, and what contradicts each other among the files that count.

    With each refusal the others are judged anew: what a refused correction would have replaced is there again.
    """
    counted = contents_in_force(night.ledger) & night.committed.keys()
    place: dict[str, int] = {}
    for delivery in deliveries:
        place.setdefault(delivery.content_hash, len(place) + 1)
    content_of = {night.manifest(content).file_id: content for content in contents}
    taken = list(deliveries)
    refused: list[Contradiction] = []
    while True:
        in_force = contents_in_force(night.ledger_with(taken))
        places = {
            file: 0 if content in counted else place[content]
            for file, content in content_of.items()
            if content in in_force
        }
        found = first_contradiction(connection, places)
        if found is None or not found.is_new:
            return taken, refused, found
        refused.append(found)
        content = content_of.pop(found.file_id)
        taken = [delivery for delivery in taken if delivery.content_hash != content]
