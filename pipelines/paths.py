"""Where things lie in a company's home.

Every path inside a home is spelled here once. What must stay out: reading or writing any of them.
"""

from dataclasses import dataclass
from pathlib import Path

from pipelines.refusal import Refusal

GLOB_SIGNS = "*?["


class HomeMisplaced(Refusal):
    """A home in a folder of which the engine would read others too."""


@dataclass(frozen=True)
class HomePaths:
    """The places of one home; `root` is an absolute path."""

    root: Path

    def __post_init__(self) -> None:
        if any(sign in str(self.root) for sign in GLOB_SIGNS):
            raise HomeMisplaced(
                f"{self.root} can't be a home: DuckDB takes a path with one of {' '.join(GLOB_SIGNS)} for a pattern "
                "and would read the files of other folders too. Move the home to a folder without them."
            )

    @property
    def settings_file(self) -> Path:
        return self.root / "treue.yml"

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def manifests(self) -> Path:
        return self.lake / "manifests"

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def build_file(self) -> Path:
        return self.build / "treue.duckdb"

    @property
    def data_docs(self) -> Path:
        """Great Expectations' pages about what the gate found."""
        return self.build / "data_docs"

    @property
    def identity_file(self) -> Path:
        """A build in which identifiers are joined and nothing else is made, for an erasure."""
        return self.build / "identity" / "treue.duckdb"

    @property
    def dbt_target(self) -> Path:
        """dbt's compiled files and its partial parse; one per home, so that two homes don't undo each other's."""
        return self.build / "dbt"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse"

    @property
    def warehouse_file(self) -> Path:
        return self.warehouse / "treue.duckdb"

    @property
    def releases(self) -> Path:
        return self.warehouse / "releases"

    def release_file(self, release_id: str) -> Path:
        """The judged tables of a release, for as long as it is kept: what can be taken up again."""
        return self.releases / f"{release_id}.duckdb"

    @property
    def history(self) -> Path:
        return self.warehouse / "history"

    @property
    def privacy(self) -> Path:
        """What says who is gone, and that they are; apart from the lake, which may be deleted and read again."""
        return self.root / "privacy"

    @property
    def suppressed(self) -> Path:
        return self.privacy / "suppressed.json"

    @property
    def pending_erasure(self) -> Path:
        """The erasure that was begun; it is there until all of it is done."""
        return self.privacy / "pending.json"

    @property
    def pruned(self) -> Path:
        return self.privacy / "pruned.json"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def lock_file(self) -> Path:
        return self.root / ".lock"
