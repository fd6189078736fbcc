"""Runs a command as a cron job would start it, and notes where it and its child processes connect to.

`record_connects.c` beside this file is what notes it, preloaded into every process. What must stay out: which
connects are allowed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from tests.conftest import PROJECT
from tests.integration.homes import NightlyHome

SOURCE = Path(__file__).with_name("record_connects.c")
OF_A_CRON_JOB = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")
# What the recorded processes inherit. No proxy among them: what goes through one looks as if it stayed here.


@dataclass(frozen=True)
class Note:
    """One thing that a recorded process did."""

    pid: int
    what: str
    whereto: str

    @property
    def stays_here(self) -> bool:
        if self.what == "start" or self.whereto in {"unix", "localhost"}:
            return True
        try:
            return ip_address(self.whereto.partition("%")[0]).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True)
class Recorder:
    """Runs a command and notes where it and its children connect to."""

    library: Path
    folder: Path

    def run(
        self, name: str, *command: str, **environment: str
    ) -> tuple[subprocess.CompletedProcess[str], list[Note]]:
        record, user = self.folder / f"{name}.record", self.folder / f"{name}.user"
        user.mkdir()
        inherited = {key: os.environ[key] for key in OF_A_CRON_JOB if key in os.environ}
        finished = subprocess.run(
            command,
            cwd=PROJECT,
            env=inherited
            | {"HOME": str(user), "LD_PRELOAD": str(self.library), "RECORD_CONNECTS": str(record)}
            | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return finished, list(_notes(record))


def _notes(record: Path) -> Iterator[Note]:
    for line in record.read_text(encoding="utf-8", errors="replace").splitlines():
        pid, what, whereto = line.split("\t")
        yield Note(int(pid), what, whereto)


def make_recorder(folder: Path) -> Recorder | None:
    """A recorder that keeps its records in this folder; None where none can be made."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or sys.platform != "linux":
        return None
    library = folder / "record_connects.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True)
    return Recorder(library, folder)


@dataclass(frozen=True)
class RecordedRun:
    """A run as a cron job would start it, by a user of its own; `user` is None where nothing could be recorded."""

    home: NightlyHome
    user: Path | None
    output: str
    notes: list[Note]


def recorded_night(home: NightlyHome, folder: Path) -> RecordedRun:
    """Run the nightly job of a home, recorded where that can be done."""
    recorder = make_recorder(folder)
    if recorder is None:
        return RecordedRun(home, None, home.run(), [])
    finished, notes = recorder.run(
        "night", sys.executable, "-m", "pipelines.cli", "run",
        TREUE_HOME=str(home.paths.root), TREUE_SECRET=home.secret,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return RecordedRun(home, folder / "night.user", finished.stdout, notes)
