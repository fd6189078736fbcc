"""What happens to each home under test before tests look at it, and in which order.

A run costs a core for half a minute or more, so every home makes its journey once per session, two at a time,
beginning before the first test asks for one. What must stay out: what is expected of a home afterwards.
"""

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.demo.home import DEFAULT_CUSTOMERS, DEFAULT_SEED
from tests.integration import faults, odd_home, privacy_home
from tests.integration.homes import NightlyHome, Row, demo_home, real_home
from tests.integration.recorder import RecordedRun, recorded_night

REAL_FILES = {
    "carpentries": "carpentries_instructor_training_2018.csv",
    "cdnow": "CDNOW_master.txt",
    "online_retail": "online_retail_II_2009_2010.parquet",
}
LATE_FILE = "bestellungen/bestellungen_2025-11-15.csv"
# Holds some orders of the third quarter, whose own file came on 1 October.
EARLIER_DAY = "2025-09-30"
STATE = (
    "select (select count(*) from loyalty.releases), "
    "(select count(distinct release_id) from loyalty.metric_history), (select count(*) from loyalty.metric_values)"
)
RUNS_AT_A_TIME = 2
# More would not end sooner on two cores.


@dataclass(frozen=True)
class Mended:
    """A home that met faults and was mended; what its failed runs said, and its warehouse around them."""

    home: NightlyHome
    published_before: dict[str, str]
    of_unreadable_files: tuple[int, str]
    published_after_unreadable_files: dict[str, str]
    of_two_amounts: tuple[int, str]
    published_after_two_amounts: dict[str, str]


@dataclass(frozen=True)
class Erased:
    """A home of which one person was erased, with her in the next delivery again, and one that never had her.

    `found` says in which files she stood after the first night, after the erasure and after the second night.
    """

    home: NightlyHome
    without: NightlyHome
    dry_run: str
    report: str
    found: dict[str, set[str]]


@dataclass(frozen=True)
class Pruned:
    """A home after a prune and the night after it; what the prune said, and a run for a day that is gone."""

    home: NightlyHome
    report: tuple[int, str]
    too_early: tuple[int, str]


@dataclass(frozen=True)
class Odd:
    """A home of odd names and of secrets that can be told, published to a database too; what its commands said.

    `in_postgres` holds the texts of every column of text in the database's tables.
    """

    home: NightlyHome
    said: dict[str, str]
    in_postgres: dict[tuple[str, str], set[str]]


@dataclass(frozen=True)
class Backfilled:
    """A home after a backfill of an earlier day, and what a second run and readers met meanwhile."""

    home: NightlyHome
    pid: int
    second_run: tuple[int, str]
    states: list[Row]


class Nights:
    """The homes of a session on their way through the night."""

    def __init__(self, root: Path, journeys: Mapping[str, "Journey"]) -> None:
        self._root = root
        self._journeys = journeys
        self._pool = ThreadPoolExecutor(RUNS_AT_A_TIME)
        self._under_way: dict[str, Future[Any]] = {}
        self._lock = threading.Lock()

    def start(self, name: str) -> "Future[Any]":
        """Let a home begin its journey, once."""
        with self._lock:
            if name not in self._under_way:
                journey = self._journeys[name]
                self._under_way[name] = self._pool.submit(journey, self._root / name, self)
            return self._under_way[name]

    def end_of(self, name: str) -> Any:
        """What the journey has led to."""
        return self.start(name).result()

    def close(self) -> None:
        """Wait for the homes that are on their way; no other one begins."""
        self._pool.shutdown(cancel_futures=True)


Journey = Callable[[Path, Nights], Any]


def demo(root: Path, nights: Nights) -> NightlyHome:
    """The demo company as `make run` draws it."""
    home = demo_home(root, DEFAULT_SEED, DEFAULT_CUSTOMERS)
    home.run()
    return home


def second_draw(root: Path, nights: Nights) -> NightlyHome:
    """A smaller demo company of another seed, with a file that came late."""
    home = demo_home(root, seed=11, customers=2_500)
    quarter = home.paths.landing / "bestellungen" / "bestellungen_2025-10-01.csv"
    heading, *lines = quarter.read_bytes().splitlines(keepends=True)
    late = lines[::5]
    quarter.write_bytes(heading + b"".join(line for line in lines if line not in late))
    (home.paths.landing / LATE_FILE).write_bytes(heading + b"".join(late))
    home.run()
    return home


def third_draw(root: Path, nights: Nights) -> RecordedRun:
    """A smaller demo company of a third seed; what its night connects to is recorded."""
    return recorded_night(demo_home(root / "home", seed=12, customers=2_500), root)


def mended(root: Path, nights: Nights) -> Mended:
    """A copy of the second draw that meets files with faults, and runs again over the same lake without them."""
    home: NightlyHome = nights.end_of("second_draw").copy(root)
    before = faults.published_bytes(home)
    for fault in faults.UNREADABLE.values():
        fault.happens(home)
    unreadable, after_unreadable = home.call("run"), faults.published_bytes(home)
    for fault in faults.UNREADABLE.values():
        fault.is_mended(home)
    faults.sell_twice(home, for_another_amount=True)
    two_amounts, after_two_amounts = home.call("run"), faults.published_bytes(home)
    (home.paths.landing / faults.SOLD_TWICE).unlink()
    home.run()
    return Mended(home, before, unreadable, after_unreadable, two_amounts, after_two_amounts)


def shuffled(root: Path, nights: Nights) -> NightlyHome:
    """The second draw's extracts under names, days, sizes and in orders of rows that are not their own."""
    home, drawn = NightlyHome(root), nights.end_of("second_draw")
    theirs, ours = drawn.paths.landing, home.paths.landing
    for folder in ("kunden", "abos", "kurse"):
        shutil.copytree(theirs / folder, ours / folder)
    shutil.copyfile(drawn.paths.settings_file, home.paths.settings_file)
    for folder in ("bestellungen", "umfrage", "einladungen", "schweiz", "schweiz_erstattungen"):
        (ours / folder).mkdir()
        files = sorted((theirs / folder).iterdir())
        # What came first comes last.
        for file, other in zip(files, reversed(files), strict=True):
            shutil.copyfile(file, ours / folder / other.name)
    for file in ours.rglob("*.csv"):
        heading, *lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(heading + b"".join(reversed(lines)))
    _split(ours / "bestellungen" / "bestellungen_2024-07-01.csv", "bestellungen_2024-08-13.csv")
    whole = ours / "bestellungen" / "bestellungen_2023-10-01.csv"
    shutil.copyfile(whole, whole.with_name("bestellungen_2025-12-12.csv"))
    faults.sell_twice(home, for_another_amount=False)
    home.run()
    return home


def _split(file: Path, name_of_rest: str) -> None:
    """Deliver the second half of a file's rows in a file of its own."""
    heading, *lines = file.read_bytes().splitlines(keepends=True)
    half = len(lines) // 2
    file.write_bytes(heading + b"".join(lines[:half]))
    file.with_name(name_of_rest).write_bytes(heading + b"".join(lines[half:]))


def backfilled(root: Path, nights: Nights) -> Backfilled:
    """A copy of the second draw that runs for an earlier day with what was known then, observed meanwhile."""
    home: NightlyHome = nights.end_of("second_draw").copy(root)
    states = [home.one(STATE)]
    run = home.start("run", "--as-of", EARLIER_DAY, "--knowledge", "then")
    _wait_until_locked(home, run)
    second = home.start("run")
    while run.poll() is None:
        states.append(home.one(STATE))
        time.sleep(0.2)
    said, _ = run.communicate()
    refused, _ = second.communicate()
    assert run.returncode == 0, f"{said}\nThe second run said: {refused}"
    states.append(home.one(STATE))
    return Backfilled(home, run.pid, (second.returncode, refused), states)


def _wait_until_locked(home: NightlyHome, run: "subprocess.Popen[str]") -> None:
    while str(run.pid) not in home.paths.lock_file.read_text(encoding="utf-8"):
        assert run.poll() is None, f"the run ended without its home: {run.communicate()[0]}"
        time.sleep(0.02)


def erased(root: Path, nights: Nights) -> Erased:
    """Two companies that differ in one person, who is then erased where she was."""
    home = privacy_home.make_home(root / "with", with_eva=True)
    without = privacy_home.make_home(root / "without", with_eva=False)
    home.run()
    found = {"first night": privacy_home.found(home)}
    request = root / "request.txt"
    request.write_text(f"# asked in January\nemail:{privacy_home.EVA['address']}\n", encoding="utf-8")
    code, dry_run = home.call("erase", str(request), "--dry-run")
    assert code == 0, dry_run
    code, report = home.call("erase", str(request))
    assert code == 0, report
    found["erasure"] = privacy_home.found(home)
    for each, with_eva in ((home, True), (without, False)):
        privacy_home.next_delivery(each, with_eva=with_eva)
        each.run()
    found["second night"] = privacy_home.found(home)
    return Erased(home, without, dry_run, report, found)


def odd(root: Path, nights: Nights) -> Odd:
    """A night of odd names that publishes to a database, and commands that fail over what is secret."""
    home = odd_home.make_home(root / "home", publish=["duckdb", "postgres"], alerts={})
    home.secret = odd_home.SECRETS["key of the pseudonyms"]
    home.variables = {"TREUE_ALERT_URLS": odd_home.ALERT_URLS}
    said = {}
    with odd_home.database() as address:
        with_password = address.replace(":@", f":{odd_home.SECRETS['password']}@")
        home.variables["TREUE_POSTGRES_URL"] = with_password
        said["night"] = home.run()
        texts = odd_home.texts_of(address)
    shutil.rmtree(home.paths.landing / "survey")
    for what, arguments, module, variables in odd_home.failing_commands(with_password):
        home.variables |= variables
        code, told = home.call(*arguments, module=module)
        assert code != 0, told
        said[what] = told
    return Odd(home, said, texts)


def pruned(root: Path, nights: Nights) -> Pruned:
    """A copy of the company that never had the erased person, which keeps its rows for fifteen days."""
    home: NightlyHome = nights.end_of("erased").without.copy(root)
    settings = home.paths.settings_file.read_text("utf-8")
    home.paths.settings_file.write_text(f"{settings}retention: {{raw_days: 15}}\n", "utf-8")
    report, too_early = home.call("prune"), home.call("run", "--as-of", "2026-01-30")
    home.run()
    return Pruned(home, report, too_early)


def real(name: str, folder: Path) -> Journey:
    """A home over a file of the real data."""

    def journey(root: Path, nights: Nights) -> NightlyHome:
        home = real_home(root, name, folder / REAL_FILES[name])
        home.run()
        return home

    return journey


JOURNEYS: dict[str, Journey] = {
    "second_draw": second_draw,
    "demo": demo,
    "erased": erased,
    "mended": mended,
    "third_draw": third_draw,
    "shuffled": shuffled,
    "backfilled": backfilled,
    "odd": odd,
    "pruned": pruned,
}
# In the order in which they begin: whoever copies another home begins long after it, and the longest ones early.
