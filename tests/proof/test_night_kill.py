"""Killed in any stage, a night leaves readers the release before, and a later one publishes as if nothing had been.

Nights are killed in rows of a few, each further on than the one before, and the next after them runs to its end: what
one of them left, all after it have met. The moments within publishing are the business of `test_publication_kill.py`.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipelines.gate.fingerprint import Fingerprint
from tests.conftest import Postgres
from tests.integration.homes import NightlyHome, demo_home
from tests.proof import kill_night, kill_publication
from tests.proof.test_publication_faults import free_bytes, watched_faults
from tests.proof.watching import Watch, watched
from tests.small_disks import small_disk

CUSTOMERS = 300
NEW_FILES = ("bestellungen/bestellungen_2026-01-01.csv", "umfrage/kundenbefragung_2025-07-05.xlsx")
# Delivered after the first night, so that a killed one has something to read.
AT_A_TIME = 2
ROWS = 25
# Of four kills each.
Moment = tuple[str, float]


@dataclass(frozen=True)
class TwoNights:
    """A home and its database after a first night, and what an undisturbed second one makes of them."""

    home: NightlyHome
    database: str
    before: dict[str, Fingerprint]
    after: dict[str, Fingerprint]
    seconds: dict[str, float]


def copied(nights: TwoNights, root: Path, postgres: Postgres) -> tuple[NightlyHome, str]:
    """The home after its first night with the new files in it, and its database, both in other places."""
    home = nights.home.copy(root)
    for name in NEW_FILES:
        shutil.copyfile(nights.home.paths.root.parent / "new" / Path(name).name, home.paths.landing / name)
    address = postgres.new_database(template=nights.database)
    home.variables = {"TREUE_POSTGRES_URL": address}
    return home, address


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> TwoNights:
    folder = tmp_path_factory.mktemp("nights")
    home = demo_home(folder / "home", seed=22, customers=CUSTOMERS)
    settings = home.paths.settings_file.read_text(encoding="utf-8")
    settings = settings.replace("publish: [duckdb]", "publish: [duckdb, postgres]")
    home.paths.settings_file.write_text(settings, encoding="utf-8")
    (folder / "new").mkdir()
    for name in NEW_FILES:
        shutil.move(home.paths.landing / name, folder / "new")
    database = postgres.new_database()
    home.variables = {"TREUE_POSTGRES_URL": database}
    home.run()
    before = kill_publication.fingerprints_of_file(home.paths.root)
    first = TwoNights(home, urlsplit(database).path.removeprefix("/"), before, {}, {})
    undisturbed, _ = copied(first, folder / "undisturbed", postgres)
    seconds = kill_night.stage_seconds(undisturbed)
    after = kill_publication.fingerprints_of_file(undisturbed.paths.root)
    assert after != before
    return TwoNights(home, first.database, before, after, seconds)


def rows_of_moments(count: int) -> list[list[Moment]]:
    """Four moments a row, each in a later stage or later within it: ingest, models, metrics, gate; some in between."""
    rows = []
    for number in range(count):
        share = (number + 0.5) / count
        second: Moment = ("context", share) if number % 5 == 0 else ("dbt", share)
        rows.append([("ingest", share), second, ("metrics", share), ("gate", share)])
    return rows


def judge_row(
    nights: TwoNights, folder: Path, moments: Sequence[Moment], home: NightlyHome, address: str
) -> tuple[Watch, int]:
    """Kill one night after another, then let one run; readers look on all the time."""
    root, deaths = home.paths.root, 0
    with watched(root, address, folder, pause=0.1) as watch:
        for stage, share in moments:
            deaths += kill_night.killed(home, stage, share, nights.seconds)
            where = f"killed at {share:.0%} of {stage}"
            # One that was killed late in its gate may have come to publish.
            whole = (nights.before, nights.after) if share > 0.8 else (nights.before,)
            assert kill_publication.fingerprints_of_file(root) in whole, where
            assert kill_publication.fingerprints_of_database(root, address) in whole, where
        home.run()
        assert kill_publication.fingerprints_of_file(root) == nights.after, moments
        assert kill_publication.fingerprints_of_database(root, address) == nights.after, moments
        assert kill_publication.leftovers(root, address) == []
    shutil.rmtree(root)
    return watch, deaths


def judge(nights: TwoNights, folder: Path, postgres: Postgres, rows: Sequence[Sequence[Moment]]) -> None:
    homes = [copied(nights, folder / f"{number}", postgres) for number in range(len(rows))]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        ended = [
            pool.submit(judge_row, nights, folder / f"readers {number}", row, *homes[number])
            for number, row in enumerate(rows)
        ]
        found = [each.result() for each in ended]
    deaths, count = sum(deaths for _, deaths in found), sum(map(len, rows))
    watches = [watch for watch, _ in found]
    for target in ("duckdb", "postgres"):
        seen = [each for watch in watches for each in watch.of(target)]
        print(
            f"{target}: {sum(each.reads for each in seen):,} reads, "
            f"{sum(len(each.faults) for each in seen)} mixed, missing or failed"
        )
    print(f"{count} nights: {deaths} killed in time; {len(rows)} nights after them ran to their ends")
    assert [fault for watch in watches for fault in watch.faults()] == []
    assert deaths >= 0.8 * count, f"only {deaths} of {count} nights were killed in time"


@pytest.mark.proof
def test_nights_killed_in_every_stage_leave_readers_what_they_have_and_the_next_publishes(
    two_nights: TwoNights, postgres: Postgres, tmp_path: Path
) -> None:
    print({stage: round(seconds, 1) for stage, seconds in two_nights.seconds.items()})
    judge(two_nights, tmp_path, postgres, rows_of_moments(ROWS))


@pytest.fixture
def disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="treue-disk-") as folder, small_disk(Path(folder), "size=1g"):
        yield Path(folder)


@pytest.mark.proof
def test_nights_on_a_full_disk_leave_readers_what_they_have_and_the_next_publishes(
    two_nights: TwoNights, postgres: Postgres, tmp_path: Path, disk: Path
) -> None:
    home, address = copied(two_nights, disk / "home", postgres)
    root = home.paths.root
    with watched(root, address, tmp_path / "readers", pause=0.1) as watch:
        for megabytes in (0, 4, 12):
            with free_bytes(disk, megabytes << 20):
                code, said = home.call("run")
            assert code != 0, f"with {megabytes} MB free"
            assert "Traceback" not in said, said
            print(f"{megabytes} MB free: {said.strip().splitlines()[-1][:200]}")
            assert kill_publication.fingerprints_of_file(root) == two_nights.before
            assert kill_publication.fingerprints_of_database(root, address) == two_nights.before
        home.run()
    assert kill_publication.fingerprints_of_file(root) == two_nights.after
    assert kill_publication.fingerprints_of_database(root, address) == two_nights.after
    assert watched_faults(watch) == []


def test_a_night_killed_among_its_models_leaves_readers_what_they_have_and_the_next_publishes(
    second_draw: NightlyHome, tmp_path: Path
) -> None:
    home = second_draw.copy(tmp_path / "home")
    before = home.fingerprints()
    with watched(home.paths.root, None, tmp_path / "readers", pause=0.1) as watch:
        assert kill_night.killed(home, "dbt", 1.0, {"dbt": 3.0})
        assert home.fingerprints() == before
        home.run()
    assert home.fingerprints() == before
    assert home.value("select release_id from loyalty.releases where is_current") == "2025-12-31.2"
    assert watch.faults() == []
    assert {release for each in watch.of("duckdb") for release in each.releases} == {
        "2025-12-31.1",
        "2025-12-31.2",
    }
