"""A home whose small build the gate has passed."""

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.gate.suites import Finding
from pipelines.gate.tables import JUDGED_TABLES
from pipelines.gate.verdict import fingerprints, make_verdicts, write_verdicts
from pipelines.paths import HomePaths
from pipelines.publish.descriptions import published_tables
from pipelines.publish.postgres import PostgresTarget
from pipelines.publish.publication import publish_build
from pipelines.publish.releases import Release, Rollback
from pipelines.publish.rollback import roll_back
from tests.unit.gate.small_build import change_build, make_small_build

PASSED = Finding(
    1, "the key is unique", "critical", passed=True, observed="0 rows against it", why="BI joins on it."
)
FAILED_WARNING = Finding(
    2, "not too odd", "warning", passed=False, observed="1 rows against it", why="Look at it."
)


class SmallHome:
    """Builds days, passes them through the gate and publishes them."""

    def __init__(self, root: Path) -> None:
        self.paths = HomePaths(root)
        self.paths.build.mkdir(parents=True)

    def build(self, as_of: date, *changes: str) -> None:
        """A small build of this day."""
        make_small_build(
            self.paths.build_file,
            f"update context.run set as_of_date = date '{as_of}'",
            f"update metrics.metric_values set as_of_date = date '{as_of}'",
            *changes,
        )

    def change(self, *changes: str) -> None:
        change_build(self.paths.build_file, *changes)

    def pass_gate(self, *more: Finding) -> None:
        """Store a passing verdict on the tables as they stand."""
        with duckdb.connect(str(self.paths.build_file)) as connection:
            now = fingerprints(connection)
            verdicts = make_verdicts({table: [PASSED, *more] for table in JUDGED_TABLES}, now, now)
            write_verdicts(connection, verdicts, date(2025, 12, 31))

    def publish(
        self,
        run_id: str = "run-1",
        hour: int = 4,
        keep_releases: int = 7,
        postgres: PostgresTarget | None = None,
    ) -> Release:
        with duckdb.connect(str(self.paths.build_file), read_only=True) as connection:
            moment = datetime(2026, 1, 1, hour, tzinfo=UTC)
            return publish_build(
                connection,
                self.paths,
                published_tables(),
                run_id,
                moment,
                keep_releases=keep_releases,
                postgres=postgres,
            )

    def publish_day(
        self, as_of: date, *changes: str, keep_releases: int = 7, postgres: PostgresTarget | None = None
    ) -> Release:
        """Build, judge and publish a day."""
        self.build(as_of, *changes)
        self.pass_gate()
        return self.publish(keep_releases=keep_releases, postgres=postgres)

    def roll_back(
        self,
        release_id: str,
        by: str = "Anna",
        reason: str = "The till of Bonn was counted twice.",
        postgres: PostgresTarget | None = None,
    ) -> Rollback:
        """Give readers an earlier release again."""
        moment = datetime(2026, 1, 2, 9, tzinfo=UTC)
        return roll_back(
            self.paths,
            published_tables(),
            release_id,
            by=by,
            reason=reason,
            run_id="run-9",
            at=moment,
            postgres=postgres,
        )

    def current(self) -> object:
        """The release that readers of the file see."""
        [(release_id,)] = self.query("select release_id from loyalty.releases where is_current")
        return release_id

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Ask the published file as a reader would."""
        with duckdb.connect(str(self.paths.warehouse_file), read_only=True) as reader:
            return reader.execute(sql).fetchall()


@pytest.fixture
def small_home(tmp_path: Path) -> SmallHome:
    return SmallHome(tmp_path / "home")
