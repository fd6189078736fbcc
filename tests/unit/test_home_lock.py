"""One process at a time works on a home, and says who it is."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from dagster import asset, build_resources, materialize

from pipelines.home_lock import HomeIsBusy, home_lock
from pipelines.resources import HomeResource

HOLDER = """
import sys
from pathlib import Path
from pipelines.home_lock import home_lock
with home_lock(Path(sys.argv[1]), "run of another process"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_second_process_is_told_run_and_pid_and_may_enter_once_the_first_has_left(tmp_path: Path) -> None:
    lock_file = tmp_path / ".lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdin
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(
                HomeIsBusy, match=rf"\(run of another process, process {holder.pid}, since \d{{4}}-"
            ),
            home_lock(lock_file, "mine"),
        ):
            pass
        holder.stdin.write("\n")
        holder.stdin.close()
        holder.wait()
    with home_lock(lock_file, "mine"):
        assert "mine" in lock_file.read_text()


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    lock_file = tmp_path / ".lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        holder.kill()
    with home_lock(lock_file, "mine"):
        pass


def test_steps_of_one_process_do_not_wait_for_themselves_and_the_lock_names_the_run_that_came_last(
    tmp_path: Path,
) -> None:
    lock_file = tmp_path / ".lock"
    with home_lock(lock_file, "command"):
        with home_lock(lock_file, "first run"):
            since = json.loads(lock_file.read_text())["since"]
        with home_lock(lock_file, "second run"):
            signed = json.loads(lock_file.read_text())
    assert signed == {"run_id": "second run", "pid": os.getpid(), "since": since}
    assert lock_file.read_text() == ""


def test_the_lock_lasts_until_the_outermost_has_left(tmp_path: Path) -> None:
    lock_file = tmp_path / ".lock"
    with home_lock(lock_file, "command"):
        with home_lock(lock_file, "run"):
            pass
        with lock_file.open() as another, pytest.raises(BlockingIOError):
            fcntl.flock(another, fcntl.LOCK_EX | fcntl.LOCK_NB)


@asset
def looked_at(home: HomeResource) -> None:
    assert json.loads(home.paths.lock_file.read_text())["pid"] == os.getpid()


def test_a_run_of_dagster_holds_the_home_from_first_to_last_step_and_a_look_at_the_home_does_not(
    tmp_path: Path,
) -> None:
    home = HomeResource(root=str(tmp_path))
    assert materialize([looked_at], resources={"home": home}).success
    with build_resources({"home": home}):
        assert home.paths.lock_file.read_text() == ""
