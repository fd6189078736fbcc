"""Killed at any moment, a publication leaves the readers of both targets a whole release, and the next one gets out."""

import json
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.gate.fingerprint import Fingerprint
from pipelines.paths import HomePaths
from tests.conftest import Postgres
from tests.proof import kill_publication
from tests.proof.kill_publication import Line
from tests.proof.processes import DEATH, LIMIT_SECONDS, process
from tests.proof.watching import Watch, watched
from tests.unit.gate.small_build import make_small_build

KILLS_PER_HOME = 10
# The history of a home grows with every release: after so many another home begins.


@dataclass(frozen=True)
class Builds:
    """Two judged builds of one day, which differ in every table, and what an undisturbed publication leaves of them.

    `lines` are those of the stage that it comes by, in their order, and `seconds` what it takes.
    """

    files: tuple[Path, Path]
    fingerprints: tuple[dict[str, Fingerprint], dict[str, Fingerprint]]
    lines: list[Line]
    seconds: float


@dataclass(frozen=True)
class Kill:
    """When a publication is killed: before a line, or after some seconds."""

    line: Line | None = None
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"before {self.line[0]}:{self.line[1]}" if self.line else f"after {self.seconds:.3f} s"


def prepared(build: Path, folder: Path, address: str) -> Builds:
    files = (build, folder / "other.duckdb")
    kill_publication.other_build(*files)
    root = new_home(folder / "undisturbed", files[0], address)
    kill_publication.take_build(root, files[1])
    ended(process(kill_publication.publishing, root, address, folder / "lines"))
    lines = [(name, number) for name, number in json.loads((folder / "lines").read_text(encoding="utf-8"))]
    kill_publication.take_build(root, files[0])
    child = process(kill_publication.publishing_untraced, root, address, folder / "ready")
    began = wait_until_begun(folder / "ready")
    ended(child)
    seconds = time.monotonic() - began
    return Builds(files, tuple(map(kill_publication.fingerprints_of_build, files)), lines, seconds)  # type: ignore[arg-type]


def new_home(root: Path, build: Path, address: str) -> Path:
    """A home whose first release both targets have."""
    HomePaths(root).build.mkdir(parents=True)
    kill_publication.take_build(root, build)
    ended(process(kill_publication.publishing_untraced, root, address, root / "first"))
    return root


def ended(child: object) -> None:
    child.join(LIMIT_SECONDS)  # type: ignore[attr-defined]
    assert child.exitcode == 0  # type: ignore[attr-defined]


def wait_until_begun(ready: Path) -> float:
    limit = time.monotonic() + LIMIT_SECONDS
    while not ready.exists():
        assert time.monotonic() < limit
        time.sleep(0.001)
    return time.monotonic()


def killed(root: Path, address: str, kill: Kill) -> int | None:
    ready = root / "ready"
    ready.unlink(missing_ok=True)
    if kill.line is not None:
        child = process(kill_publication.publishing, root, address, ready, kill.line)
    else:
        child = process(kill_publication.publishing_untraced, root, address, ready)
        wait_until_begun(ready)
        child.join(kill.seconds)
        if child.pid and child.is_alive():
            os.kill(child.pid, signal.SIGKILL)
    child.join(LIMIT_SECONDS)
    return child.exitcode


def kills(builds: Builds, by_line: int, by_time: int) -> list[Kill]:
    """Moments over all of a publication, those by line and those by time in turns."""
    lines = [Kill(line=builds.lines[int((n + 0.5) / by_line * len(builds.lines))]) for n in range(by_line)]
    times = [Kill(seconds=(n + 0.5) / by_time * builds.seconds) for n in range(by_time)]
    chosen = sorted(
        [((n + 0.5) / len(each), kill) for each in (lines, times) for n, kill in enumerate(each)],
        key=lambda pair: pair[0],
    )
    return [kill for _, kill in chosen]


def judge(builds: Builds, folder: Path, postgres: Postgres, moments: Sequence[Kill]) -> None:
    """Kill a publication at each moment, publish again, compare; readers look on all the time."""
    deaths = half_done = 0
    watches: list[Watch] = []
    # Every home has moments of all stretches.
    homes = max(1, -(-len(moments) // KILLS_PER_HOME))
    for number in range(homes):
        address = postgres.new_database()
        root = new_home(folder / f"{number}", builds.files[0], address)
        with watched(root, address, folder / f"readers {number}") as watch:
            watches.append(watch)
            for turn, kill in enumerate(moments[number::homes], start=1):
                kill_publication.take_build(root, builds.files[turn % 2])
                exitcode = killed(root, address, kill)
                assert exitcode in (DEATH, 0), f"{kill}: ended with {exitcode}"
                deaths += exitcode == DEATH
                half_done += kill_publication.leftovers(root, address) != []
                ended(process(kill_publication.publishing_untraced, root, address, root / "next"))
                expected = builds.fingerprints[turn % 2]
                assert kill_publication.fingerprints_of_file(root) == expected, f"{kill}: the file"
                assert kill_publication.fingerprints_of_database(root, address) == expected, (
                    f"{kill}: database"
                )
                assert kill_publication.leftovers(root, address) == [], str(kill)
    told(watches, deaths, half_done, len(moments))
    assert [fault for watch in watches for fault in watch.faults()] == []
    assert deaths >= 0.8 * len(moments), f"only {deaths} publications were killed in time"
    assert half_done >= 0.5 * len(moments), f"only {half_done} kills met a publication half done"


def told(watches: Sequence[Watch], deaths: int, half_done: int, count: int) -> None:
    print(f"{count} publications: {deaths} killed in time, {half_done} of them half done")
    for target in ("duckdb", "postgres"):
        seen = [each for watch in watches for each in watch.of(target)]
        print(
            f"{target}: {sum(each.reads for each in seen):,} reads of {sum(len(set(each.releases)) for each in seen)} "
            f"releases, {sum(len(each.mixed) for each in seen)} mixed, {sum(len(each.missing) for each in seen)} "
            f"missing, {sum(len(each.failed) for each in seen)} failed; the longest took "
            f"{max(each.longest_ms for each in seen):.1f} ms"
        )


def test_a_killed_publication_leaves_readers_a_whole_release_and_the_next_one_is_published(
    tmp_path: Path, postgres: Postgres
) -> None:
    build = tmp_path / "build.duckdb"
    make_small_build(build)
    with kill_publication.duckdb.connect(str(build)) as connection:
        kill_publication.pass_gate(connection)
    builds = prepared(build, tmp_path, postgres.new_database())
    judge(builds, tmp_path / "homes", postgres, kills(builds, by_line=5, by_time=1))


@pytest.mark.proof
def test_a_publication_killed_in_every_stretch_leaves_readers_a_whole_release(
    night_build: Path, tmp_path: Path, postgres: Postgres
) -> None:
    builds = prepared(night_build, tmp_path, postgres.new_database())
    judge(builds, tmp_path / "homes", postgres, kills(builds, by_line=60, by_time=40))
