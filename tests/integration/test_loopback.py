"""What `make ui` serves, it serves to this machine alone: the UI has no log-in."""

import socket
import subprocess
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from tests.integration.homes import NightlyHome
from tests.integration.test_busy_home import SETTINGS

LONGEST_START_SECONDS = 120
PAGE = "<title>What the gate found</title>"


def free_port() -> int:
    """A port that is free with the one after it."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port: int = server.getsockname()[1]
        try:
            socket.create_server(("127.0.0.1", port + 1)).close()
        except OSError:
            continue
        return port


def listening(process: psutil.Process) -> set[tuple[str, int]]:
    """Addresses and ports at which the process or any that it started takes connections."""
    found = set()
    for each in [process, *process.children(recursive=True)]:
        try:
            connections = each.net_connections(kind="inet")
        except psutil.NoSuchProcess:
            continue
        found |= {tuple(c.laddr) for c in connections if c.status == psutil.CONN_LISTEN}
    return found


def ended(process: "subprocess.Popen[str]") -> None:
    family = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    _, alive = psutil.wait_procs(family, timeout=20)
    for each in alive:
        each.kill()
    process.communicate(timeout=20)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[psutil.Process, int]]:
    """A home without a run whose UI is served, and at which port."""
    home = NightlyHome(tmp_path_factory.mktemp("served") / "home")
    home.paths.data_docs.mkdir(parents=True)
    home.paths.settings_file.write_text(SETTINGS, encoding="utf-8")
    (home.paths.data_docs / "index.html").write_text(PAGE, encoding="utf-8")
    port = free_port()
    process = home.start("ui", "--port", str(port))
    try:
        _wait_until_served(process, port)
        yield psutil.Process(process.pid), port
    finally:
        ended(process)


def _wait_until_served(process: "subprocess.Popen[str]", port: int) -> None:
    end = time.monotonic() + LONGEST_START_SECONDS
    while {port, port + 1} - {at for _, at in listening(psutil.Process(process.pid))}:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < end, "the UI does not listen"
        time.sleep(0.5)


def test_the_ui_and_all_beside_it_listen_on_loopback_alone(served: tuple[psutil.Process, int]) -> None:
    process, port = served
    found = listening(process)
    assert {port, port + 1} <= {at for _, at in found}
    assert [address for address, _ in found if not ip_address(address).is_loopback] == []


def test_what_the_gate_found_is_served_beside_the_ui_and_nothing_else_of_the_home(
    served: tuple[psutil.Process, int], tmp_path: Path
) -> None:
    _, port = served
    with urlopen(f"http://127.0.0.1:{port + 1}/") as answer:
        assert PAGE in answer.read().decode()
    for path in ("/../../treue.yml", "/%2e%2e/%2e%2e/treue.yml", "//etc/passwd", "/..%2f..%2ftreue.yml"):
        with socket.create_connection(("127.0.0.1", port + 1)) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            said = connection.makefile("rb").read().decode(errors="replace")
        assert " 404 " in said.splitlines()[0], path
        assert "company:" not in said
