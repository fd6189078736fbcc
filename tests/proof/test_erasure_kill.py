"""Killed at any moment, an erasure is completed by the next run: what is left is what an undisturbed one leaves."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.paths import HomePaths
from pipelines.privacy.search import Needles, files_below, traces
from tests.erasure_home import EVA, ErasureHome, key_of
from tests.proof import kill_erasure
from tests.proof.processes import DEATH, LIMIT_SECONDS, process

WORDS = Needles(tuple(EVA.values()), frozenset(map(key_of, ("customer", "email", "phone"))))


@dataclass
class Undisturbed:
    """The home before the erasure, what the erasure makes of it, and how long that takes in steps and seconds."""

    origin: ErasureHome
    before: dict[str, object]
    after: dict[str, object]
    steps: int
    seconds: float


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed")
    kill_erasure.make_home(folder / "origin")
    origin = ErasureHome(folder / "origin")
    home = origin.copy(folder / "home")
    child = process(kill_erasure.erasing, home.paths.root, folder / "steps")
    begin = _wait_until_planned(folder / "steps")
    child.join(LIMIT_SECONDS)
    seconds = time.monotonic() - begin
    assert child.exitcode == 0
    steps = int((folder / "steps").read_text(encoding="utf-8"))
    return Undisturbed(
        origin,
        kill_erasure.state_of(origin.paths.root),
        kill_erasure.state_of(home.paths.root),
        steps,
        seconds,
    )


def _wait_until_planned(ready: Path) -> float:
    limit = time.monotonic() + LIMIT_SECONDS
    while not ready.exists():
        assert time.monotonic() < limit
        time.sleep(0.001)
    return time.monotonic()


def killed_after(home: ErasureHome, ready: Path, seconds: float) -> int | None:
    child = process(kill_erasure.erasing, home.paths.root, ready)
    _wait_until_planned(ready)
    child.join(seconds)
    if child.pid and child.is_alive():
        os.kill(child.pid, signal.SIGKILL)
    child.join(LIMIT_SECONDS)
    return child.exitcode


def killed_at_step(home: ErasureHome, ready: Path, step: int) -> int | None:
    child = process(kill_erasure.erasing, home.paths.root, ready, step)
    child.join(LIMIT_SECONDS)
    return child.exitcode


def completed(home: ErasureHome, ready: Path, killed_once_more_at: int) -> None:
    """What the next run does first, the first time killed as well; an erasure that was not begun is begun again."""
    paths = home.paths
    if not paths.pending_erasure.exists() and not list(paths.privacy.glob("erasure-*.json")):
        home.erase()
    process(kill_erasure.completing, paths.root, ready, killed_once_more_at).join(LIMIT_SECONDS)
    child = process(kill_erasure.completing, paths.root, ready)
    child.join(LIMIT_SECONDS)
    assert child.exitcode == 0


def person_is_whole_or_marked(home: ErasureHome, before: dict[str, object]) -> bool:
    """Either nothing has gone but records, or the intent is there, or nothing of the person is left."""
    paths: HomePaths = home.paths
    state = {
        place: content
        for place, content in kill_erasure.state_of(paths.root).items()
        if place[:7] != "dagster"
    }
    untouched = {place: content for place, content in before.items() if place[:7] != "dagster"}
    made = files_below(paths.lake, paths.build, paths.warehouse, paths.dagster)
    return paths.pending_erasure.exists() or state == untouched or not traces(made, WORDS)


def judge(undisturbed: Undisturbed, folder: Path, by_step: int, by_time: int) -> None:
    """Kill an erasure in each stretch, complete it, compare; half-done homes must have been among them."""
    deaths = half_done = 0
    for number in range(by_step + by_time):
        home = undisturbed.origin.copy(folder / f"{number}")
        ready = folder / f"{number}.ready"
        if number < by_step:
            step = int((number + 0.5) / by_step * undisturbed.steps)
            where = f"killed at step {step} of {undisturbed.steps}"
            exitcode = killed_at_step(home, ready, step)
        else:
            seconds = (number - by_step + 0.5) / by_time * undisturbed.seconds
            where = f"killed after {seconds:.3f} s"
            exitcode = killed_after(home, ready, seconds)
        assert exitcode in (DEATH, 0), f"{where}: ended with {exitcode}"
        deaths += exitcode == DEATH
        half_done += kill_erasure.state_of(home.paths.root) not in (undisturbed.before, undisturbed.after)
        assert person_is_whole_or_marked(home, undisturbed.before), where
        completed(home, ready, killed_once_more_at=(7 * number) % undisturbed.steps)
        again = kill_erasure.state_of(home.paths.root)
        odd = [
            place
            for place in again.keys() | undisturbed.after.keys()
            if again.get(place) != undisturbed.after.get(place)
        ]
        assert not odd, f"{where}: {odd}"
    assert deaths >= 0.8 * (by_step + by_time), f"only {deaths} erasures were killed in time"
    assert half_done >= 0.5 * (by_step + by_time), f"only {half_done} kills met a home half done"


def test_a_killed_erasure_is_completed_by_the_next_run(undisturbed: Undisturbed, tmp_path: Path) -> None:
    judge(undisturbed, tmp_path, by_step=5, by_time=0)


@pytest.mark.proof
def test_an_erasure_killed_in_every_stretch_is_completed_by_the_next_run(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    judge(undisturbed, tmp_path, by_step=60, by_time=30)
