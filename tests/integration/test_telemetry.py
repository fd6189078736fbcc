"""A whole run talks to nobody: every connect of it and of its child processes is recorded, none leaves the machine.

The run is started as a cron job would start it, with none of the variables by which the Makefile switches
telemetry off.
"""

import re
import socket
import sys

import pytest
import yaml

from tests.conftest import PROJECT
from tests.integration.homes import NightlyHome
from tests.integration.journeys import Nights
from tests.integration.recorder import RecordedRun, Recorder, make_recorder

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
NOT_HERE = "recording connects takes Linux and a C compiler (cc)"


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    made = make_recorder(tmp_path_factory.mktemp("recorder"))
    return made or pytest.skip(NOT_HERE)


@pytest.fixture(scope="module")
def recorded_run(third_draw: NightlyHome, nights: Nights) -> RecordedRun:
    """The night of the third draw."""
    run: RecordedRun = nights.end_of("third_draw")
    return run if run.user else pytest.skip(NOT_HERE)


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
    assert recorded_run.home.paths.warehouse_file.is_file(), recorded_run.output
    beyond = [
        f"{started.get(note.pid, note.pid)}: {note.what} {note.whereto}"
        for note in recorded_run.notes
        if not note.stays_here
    ]
    assert beyond == []


def test_a_run_keeps_nothing_to_tell_later(recorded_run: RecordedRun) -> None:
    """Dagster collects events in a file that the UI sends; dbt and its like leave an id of the user."""
    assert recorded_run.user
    collected = [path for path in recorded_run.home.paths.root.rglob("event.log*") if "logs" in path.parts]
    assert collected == []
    assert [path for path in recorded_run.user.rglob("*") if path.is_file()] == []


def test_telemetry_is_off_in_the_files_that_the_tools_read(recorded_run: RecordedRun) -> None:
    for instance in (PROJECT / "dagster.yaml", recorded_run.home.paths.dagster / "dagster.yaml"):
        assert yaml.safe_load(instance.read_text(encoding="utf-8"))["telemetry"] == {"enabled": False}
    project = yaml.safe_load((PROJECT / "dbt_project" / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["flags"]["send_anonymous_usage_stats"] is False
