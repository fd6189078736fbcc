"""Homes under test that run whole nights, in processes of their own, as `make run` starts them.

What must stay out: which homes there are and what happens to them (`journeys.py`), and what is expected.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

from pipelines.demo.home import write_demo_home
from pipelines.gate.fingerprint import Fingerprint, fingerprint
from pipelines.gate.tables import JUDGED_TABLES
from pipelines.paths import HomePaths
from tests.conftest import PROJECT, SECRET

LONGEST_RUN_SECONDS = 900
QUIET = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "PYTHONWARNINGS": "ignore:Parameter",
}
# As in the Makefile.

JUDGED = sorted(table.name for table in JUDGED_TABLES)

Row = tuple[object, ...]


class NightlyHome:
    """A home whose nights run as the Makefile starts them and whose warehouse is read as an analyst reads it."""

    def __init__(self, root: Path) -> None:
        self.paths = HomePaths(root)
        self.secret = SECRET.decode()
        self.variables: dict[str, str] = {}

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the caller with this home in it, and nothing of another one."""
        kept = {name: value for name, value in os.environ.items() if name != "TREUE_BUILD"}
        home = {"TREUE_HOME": str(self.paths.root), "DAGSTER_HOME": str(self.paths.dagster)}
        return {**kept, **QUIET, **home, "TREUE_SECRET": self.secret, **self.variables}

    def start(self, *arguments: str, module: str = "pipelines.cli") -> "subprocess.Popen[str]":
        """Start a process of this home; what it says comes out of `stdout`, errors included."""
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def call(self, *arguments: str, module: str = "pipelines.cli") -> tuple[int, str]:
        """Run a command to its end; its exit code and everything it said."""
        with self.start(*arguments, module=module) as process:
            said, _ = process.communicate(timeout=LONGEST_RUN_SECONDS)
        return process.returncode, said

    def run(self, *arguments: str) -> str:
        """Run the nightly job, which must end well; what it said."""
        code, said = self.call("run", *arguments)
        assert code == 0, f"the run of {self.paths.root} failed:\n{said}"
        return said

    def copy(self, root: Path) -> "NightlyHome":
        """The same home in another place, with all that it has made so far."""
        shutil.copytree(self.paths.root, root, symlinks=True)
        return NightlyHome(root)

    def query(self, sql: str, *values: object) -> list[Row]:
        """Ask the published warehouse, read-only, over a connection that ends with the question.

        A process that keeps one open would be handed the release it began with.
        """
        with duckdb.connect(str(self.paths.warehouse_file), read_only=True) as connection:
            return connection.execute(sql, list(values)).fetchall()

    def one(self, sql: str, *values: object) -> Row:
        """The only row of an answer."""
        (row,) = self.query(sql, *values)
        return row

    def value(self, sql: str, *values: object) -> object:
        """The only value of an answer."""
        (value,) = self.one(sql, *values)
        return value

    def query_build(self, sql: str) -> list[Row]:
        """Ask the build, in which the run has counted what it read and what came between."""
        with duckdb.connect(str(self.paths.build_file), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def fingerprints(self) -> dict[str, Fingerprint]:
        """The fingerprint of every published table but `releases` and `metric_history`, which tell of each run."""
        with duckdb.connect(str(self.paths.warehouse_file), read_only=True) as connection:
            tables = connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'loyalty' order by table_name"
            ).fetchall()
            assert sorted({name for (name,) in tables} - {"releases", "metric_history"}) == JUDGED
            return {name: fingerprint(connection, "loyalty", name) for name in JUDGED}


def real_home(root: Path, name: str, file: Path) -> NightlyHome:
    """A home over one file of the real data: all that is new is its treue.yml."""
    home = NightlyHome(root)
    home.paths.landing.mkdir(parents=True)
    shutil.copyfile(PROJECT / "tests" / "data" / name / "treue.yml", home.paths.settings_file)
    (home.paths.landing / file.name).symlink_to(file)
    return home


def demo_home(root: Path, seed: int, customers: int) -> NightlyHome:
    """A home of the demo company, which has its truth.json beside its extracts."""
    write_demo_home(root, seed=seed, customers=customers)
    return NightlyHome(root)
