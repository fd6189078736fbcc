"""A whole run talks to nobody: every connect of it and of its child processes is recorded, none leaves the machine.

The run is started as a cron job would start it, with none of the variables by which the Makefile switches
telemetry off. `record_connects.c` beside this file is the recorder, preloaded into every process of the run.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest
import yaml

from pipelines.demo.home import write_demo_home

PROJECT = Path(__file__).resolve().parents[2]
SOURCE = Path(__file__).with_name("record_connects.c")
FEW_CUSTOMERS = 300
OF_A_CRON_JOB = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")
# What the recorded processes inherit. No proxy among them: what goes through one looks as if it stayed here.

Finished = subprocess.CompletedProcess[str]

CONNECTING = "import socket; socket.create_connection(('127.0.0.1', {port})).close()"
CONNECTING_WITH_A_CHILD = (
    "import subprocess, sys; {code}; subprocess.run([sys.executable, '-c', {code!r}], check=True)"
)
TALKING_TO_OTHERS = """
import socket
for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
    # A datagram socket notes where it would send to, and sends nothing.
    try:
        socket.socket(family, socket.SOCK_DGRAM).connect((address, 9))
    except OSError:
        pass
try:
    socket.getaddrinfo("statistics.invalid", 443)
except OSError:
    pass
"""


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


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or sys.platform != "linux":
        pytest.skip("recording connects takes Linux and a C compiler (cc)")
    folder = tmp_path_factory.mktemp("recorder")
    library = folder / "record_connects.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True)
    return Recorder(library, folder)


@dataclass(frozen=True)
class RecordedRun:
    """A run of the demo company's night."""

    home: Path
    user: Path
    output: str
    notes: list[Note]


@pytest.fixture(scope="module")
def recorded_run(recorder: Recorder, tmp_path_factory: pytest.TempPathFactory) -> RecordedRun:
    home = tmp_path_factory.mktemp("company") / "home"
    write_demo_home(home, customers=FEW_CUSTOMERS)
    command = (sys.executable, "-m", "pipelines.cli", "run")
    finished, notes = recorder.run("night", *command, TREUE_HOME=str(home), TREUE_SECRET="only for this test")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return RecordedRun(home, recorder.folder / "night.user", finished.stdout, notes)


def test_the_recorder_sees_a_connect_of_a_process_and_of_its_child(recorder: Recorder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = CONNECTING.format(port=server.getsockname()[1])
        finished, notes = recorder.run(
            "planted", sys.executable, "-c", CONNECTING_WITH_A_CHILD.format(code=code)
        )
    assert finished.returncode == 0, finished.stderr
    connects = [note for note in notes if note.what == "connect"]
    assert [note.whereto for note in connects] == ["127.0.0.1", "127.0.0.1"]
    assert len({note.pid for note in connects}) == 2
    assert all(note.stays_here for note in notes)


def test_the_recorder_tells_what_would_leave_the_machine(recorder: Recorder) -> None:
    finished, notes = recorder.run("leaving", sys.executable, "-c", TALKING_TO_OTHERS)
    assert finished.returncode == 0, finished.stderr
    leaving = {(note.what, note.whereto) for note in notes if not note.stays_here}
    expected = {("connect", "192.0.2.1"), ("name", "statistics.invalid")}
    # A machine without IPv6 refuses the socket before it can connect.
    assert expected <= leaving <= expected | {("connect", "2001:db8::1")}


def test_a_whole_run_connects_to_nothing_beyond_this_machine_and_looks_up_no_name(
    recorded_run: RecordedRun,
) -> None:
    started = {note.pid: note.whereto for note in recorded_run.notes if note.what == "start"}
    is_build = [re.search(r"\bdbt\b.* build\b", command) for command in started.values()]
    assert any(is_build), "the recorder did not see dbt"
    assert (recorded_run.home / "warehouse" / "treue.duckdb").is_file(), recorded_run.output
    beyond = [
        f"{started.get(note.pid, note.pid)}: {note.what} {note.whereto}"
        for note in recorded_run.notes
        if not note.stays_here
    ]
    assert beyond == []


def test_a_run_keeps_nothing_to_tell_later(recorded_run: RecordedRun) -> None:
    """Dagster collects events in a file that the UI sends; dbt and its like leave an id of the user."""
    collected = [path for path in recorded_run.home.rglob("event.log*") if "logs" in path.parts]
    assert collected == []
    assert [path for path in recorded_run.user.rglob("*") if path.is_file()] == []


def test_telemetry_is_off_in_the_files_that_the_tools_read(recorded_run: RecordedRun) -> None:
    for instance in (PROJECT / "dagster.yaml", recorded_run.home / "dagster" / "dagster.yaml"):
        assert yaml.safe_load(instance.read_text(encoding="utf-8"))["telemetry"] == {"enabled": False}
    project = yaml.safe_load((PROJECT / "dbt_project" / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["flags"]["send_anonymous_usage_stats"] is False
