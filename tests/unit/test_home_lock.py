"""One process at a time works on a home, and says who it is."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.home_lock import HomeIsBusy, home_lock

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
            pytest.raises(HomeIsBusy, match=rf"run of another process.*{holder.pid}"),
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


def test_steps_of_one_process_do_not_wait_for_themselves(tmp_path: Path) -> None:
    with home_lock(tmp_path / ".lock", "a"), home_lock(tmp_path / ".lock", "a"):
        pass
    with home_lock(tmp_path / ".lock", "b"):
        assert '"b"' in (tmp_path / ".lock").read_text()
