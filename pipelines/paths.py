"""Where things lie in a company's home.

Every path inside a home is spelled here once. What must stay out: reading or writing any of them.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class HomePaths:
    """The places of one home; `root` is an absolute path."""

    root: Path

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
