"""Homes that go through the whole nightly job, in processes of their own, as `make run` starts it.

A run costs a core for half a minute, so the homes that several tests look at run once per session, two at a
time, and begin before the first test asks for one. What must stay out: what is expected of a home.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from pipelines.demo.extracts import ORDER_HEADINGS
from pipelines.demo.home import DEFAULT_CUSTOMERS, DEFAULT_SEED, write_demo_home
from pipelines.paths import HomePaths
from tests.conftest import PROJECT, SECRET

MANIFEST = PROJECT / "dbt_project" / "target" / "manifest.json"
RUNS_AT_A_TIME = 2
# More would not end sooner on two cores.
LONGEST_RUN_SECONDS = 600

QUIET = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "PYTHONWARNINGS": "ignore:Parameter",
}
# As in the Makefile.

Row = tuple[object, ...]


class NightlyHome:
    """A home whose nights run as the Makefile starts them and whose warehouse is read as an analyst reads it."""

    def __init__(self, root: Path) -> None:
        self.paths = HomePaths(root)
        self.secret = SECRET.decode()

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the caller with this home in it, and nothing of another one."""
        kept = {name: value for name, value in os.environ.items() if name != "TREUE_BUILD"}
        home = {"TREUE_HOME": str(self.paths.root), "DAGSTER_HOME": str(self.paths.dagster)}
        return {**kept, **QUIET, **home, "TREUE_SECRET": self.secret}

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


Journey = Callable[[Path], NightlyHome]

REAL_FILES = {
    "online_retail": "online_retail_II_2009_2010.parquet",
    "cdnow": "CDNOW_master.txt",
    "carpentries": "carpentries_instructor_training_2018.csv",
}
DEMOS = {"demo": (DEFAULT_SEED, DEFAULT_CUSTOMERS), "second_draw": (11, 2_500), "third_draw": (12, 2_500)}
# Seed and customers.

LATE_FILE = "bestellungen/bestellungen_2025-11-15.csv"
LATE_ORDERS = [
    f"SP{place:07};20.08.2025 12:00;9000{place:04};50,00;0,00;bezahlt;Telefon;Rechnung"
    for place in range(1, 13)
]
# Twelve customers whom no other file names ordered in August, and the shop told of it in November.


def demo_journey(seed: int, customers: int) -> Journey:
    """Draw a demo home and run its night."""

    def journey(root: Path) -> NightlyHome:
        home = demo_home(root, seed, customers)
        home.run()
        return home

    return journey


def small_shop_journey(root: Path) -> NightlyHome:
    """A demo home for tests that need a release and not its figures, with one file that came late."""
    home = demo_home(root, seed=7, customers=300)
    path = home.paths.landing / LATE_FILE
    path.write_text("\r\n".join([";".join(ORDER_HEADINGS), *LATE_ORDERS, ""]), encoding="cp1252", newline="")
    home.run()
    return home


def real_journey(name: str, folder: Path) -> Journey:
    """Make a home over a real file and run its night."""

    def journey(root: Path) -> NightlyHome:
        home = real_home(root, name, folder / REAL_FILES[name])
        home.run()
        return home

    return journey


class Nights:
    """The homes of a session on their way through the night."""

    def __init__(self, root: Path, journeys: dict[str, Journey]) -> None:
        self._root = root
        self._journeys = journeys
        self._pool = ThreadPoolExecutor(RUNS_AT_A_TIME)
        self._under_way: dict[str, Future[NightlyHome]] = {}

    def start(self, name: str) -> "Future[NightlyHome]":
        """Let a home begin its journey, once."""
        if name not in self._under_way:
            self._under_way[name] = self._pool.submit(self._journeys[name], self._root / name)
        return self._under_way[name]

    def home(self, name: str) -> NightlyHome:
        """The home at the end of its journey."""
        return self.start(name).result()

    def end(self) -> None:
        """Wait for the homes that are on their way; no other one begins."""
        self._pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def nights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    """Starts every home that a selected test asks for; under several workers, each when it is asked for."""
    assert MANIFEST.exists(), f"{MANIFEST} is missing: make it with `make {MANIFEST.relative_to(PROJECT)}`"
    journeys = {"small_shop": small_shop_journey}
    journeys |= {name: demo_journey(*drawn) for name, drawn in DEMOS.items()}
    try:
        folder = request.getfixturevalue("real_data")
        journeys |= {name: real_journey(name, folder) for name in REAL_FILES}
    except pytest.skip.Exception:
        # The tests that need it ask for it too, and are skipped where it shows.
        pass
    nights = Nights(tmp_path_factory.mktemp("nights"), journeys)
    if not hasattr(request.config, "workerinput"):
        asked = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
        for name in journeys:
            if name in asked:
                nights.start(name)
    yield nights
    nights.end()


@pytest.fixture(scope="session")
def online_retail(real_data: Path, nights: Nights) -> NightlyHome:
    """Online Retail II, published: order lines of a British gift retailer."""
    return nights.home("online_retail")


@pytest.fixture(scope="session")
def cdnow(real_data: Path, nights: Nights) -> NightlyHome:
    """CDNOW, published: purchases of customers who first bought early in 1997."""
    return nights.home("cdnow")


@pytest.fixture(scope="session")
def carpentries(real_data: Path, nights: Nights) -> NightlyHome:
    """The Carpentries' instructor training, published: a survey without customers."""
    return nights.home("carpentries")


@pytest.fixture(scope="session")
def demo(nights: Nights) -> NightlyHome:
    """The demo company as `make run` draws it, published."""
    return nights.home("demo")


@pytest.fixture(scope="session")
def second_draw(nights: Nights) -> NightlyHome:
    """A smaller demo company of another seed, published."""
    return nights.home("second_draw")


@pytest.fixture(scope="session")
def third_draw(nights: Nights) -> NightlyHome:
    """A smaller demo company of a third seed, published."""
    return nights.home("third_draw")


@pytest.fixture(scope="session")
def small_shop(nights: Nights) -> NightlyHome:
    """A demo company of a few hundred customers, published; copy it before changing it."""
    return nights.home("small_shop")
