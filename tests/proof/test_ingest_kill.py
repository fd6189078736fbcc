"""Killed at any moment of a night's ingest, the next run leaves the lake as an undisturbed one does, byte for byte."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.proof import kill_home
from tests.proof.processes import DEATH, LIMIT_SECONDS, process


@dataclass
class Undisturbed:
    """The home before the night, what the night makes of it, and how long that takes in steps and seconds."""

    origin: Path
    lake: dict[str, bytes]
    folders: set[str]
    steps: int
    seconds: float


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed")
    origin = folder / "origin"
    kill_home.make_home(origin)
    home = kill_home.copied(origin, folder / "home")
    begin = time.monotonic()
    child = process(kill_home.step_count, home, folder / "steps")
    child.join(LIMIT_SECONDS)
    seconds = time.monotonic() - begin
    assert child.exitcode == 0
    steps = int((folder / "steps").read_text(encoding="utf-8"))
    return Undisturbed(origin, kill_home.lake_of(home), kill_home.folders_of(home), steps, seconds)


def killed_at_step(home: Path, step: int) -> int | None:
    child = process(kill_home.killed_night, home, step)
    child.join(LIMIT_SECONDS)
    return child.exitcode


def killed_after(home: Path, seconds: float) -> int | None:
    child = process(kill_home.night, home)
    child.join(seconds)
    if child.pid and child.is_alive():
        os.kill(child.pid, signal.SIGKILL)
    child.join(LIMIT_SECONDS)
    return child.exitcode


def judge(undisturbed: Undisturbed, folder: Path, by_step: int, by_time: int) -> None:
    """Kill a night in each stretch, run it again, compare; half-done lakes must have been among them."""
    deaths = half_done = 0
    before = kill_home.lake_of(undisturbed.origin)
    for number in range(by_step + by_time):
        home = kill_home.copied(undisturbed.origin, folder / f"{number}")
        if number < by_step:
            step = int((number + 0.5) / by_step * undisturbed.steps)
            where = f"killed at step {step} of {undisturbed.steps}"
            exitcode = killed_at_step(home, step)
        else:
            seconds = (number - by_step + 0.5) / by_time * undisturbed.seconds
            where = f"killed after {seconds:.3f} s"
            exitcode = killed_after(home, seconds)
        assert exitcode in (DEATH, 0), f"{where}: ended with {exitcode}"
        deaths += exitcode == DEATH
        half_done += kill_home.lake_of(home) not in (before, undisturbed.lake)
        kill_home.night(home)
        again = kill_home.lake_of(home)
        odd = [
            path
            for path in again.keys() | undisturbed.lake.keys()
            if again.get(path) != undisturbed.lake.get(path)
        ]
        assert not odd, f"{where}: {odd}"
        assert kill_home.folders_of(home) == undisturbed.folders, where
    print(f"{by_step + by_time} nights: {deaths} killed in time, {half_done} with the lake half done")
    assert deaths >= 0.8 * (by_step + by_time), f"only {deaths} nights were killed in time"
    assert half_done >= 0.3 * (by_step + by_time), f"only {half_done} kills met a lake half done"


def test_a_killed_night_leaves_nothing_that_the_next_does_not_set_right(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    judge(undisturbed, tmp_path, by_step=8, by_time=0)


@pytest.mark.proof
def test_a_night_killed_in_every_stretch_leaves_nothing_that_the_next_does_not_set_right(
    undisturbed: Undisturbed, tmp_path: Path
) -> None:
    judge(undisturbed, tmp_path, by_step=90, by_time=40)
