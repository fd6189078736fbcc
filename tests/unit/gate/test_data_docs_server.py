import http.client
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipelines.gate.data_docs_server import HEADERS, LOOPBACK, server


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    running = server(folder, 0)
    threading.Thread(target=running.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield running.server_address[1]
    finally:
        running.shutdown()
        running.server_close()


def ask(port: int, path: str, method: str = "GET") -> tuple[int, str, dict[str, str]]:
    """Ask as no browser would: the path goes out as it is."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", "localhost")
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), dict(answer.getheaders())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pages = tmp_path / "data_docs"
    (pages / "validations").mkdir(parents=True)
    (pages / "index.html").write_text("the index")
    (pages / "validations" / "orders.html").write_text("orders")
    (tmp_path / "treue.yml").write_text("secret: 1")
    (tmp_path / "data_docs_of_others").mkdir()
    (tmp_path / "data_docs_of_others" / "index.html").write_text("others")
    (pages / "out").symlink_to(tmp_path / "treue.yml")
    (pages / "outside").symlink_to(tmp_path)
    return pages


def test_pages_are_served_with_headers_that_let_nothing_run(folder: Path) -> None:
    with serving(folder) as port:
        for path, text in (
            ("/", "the index"),
            ("/index.html", "the index"),
            ("/validations/orders.html", "orders"),
        ):
            status, body, headers = ask(port, path)
            assert (status, body) == (200, text)
            assert headers.items() >= HEADERS.items()
    assert "script-src" not in HEADERS["Content-Security-Policy"]
    assert HEADERS["Content-Security-Policy"].startswith("default-src 'none';")


@pytest.mark.parametrize(
    "path",
    [
        "/../treue.yml",
        "/%2e%2e/treue.yml",
        "/..%2ftreue.yml",
        "/validations/../../treue.yml",
        "//../treue.yml",
        "/..\\treue.yml",
        "/out",
        "/outside/treue.yml",
        "/../data_docs_of_others/index.html",
        "/etc/passwd",
        "/%00",
        "/" + "a" * 10_000,
    ],
)
def test_nothing_outside_the_folder_is_served(folder: Path, path: str) -> None:
    with serving(folder) as port:
        status, body, _ = ask(port, path)
    assert status in (400, 404)
    assert "secret" not in body
    assert "others" not in body


def test_a_folder_is_not_listed(folder: Path) -> None:
    with serving(folder) as port:
        status, body, _ = ask(port, "/validations/")
    assert status == 404
    assert "orders.html" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_is_written(folder: Path, method: str) -> None:
    with serving(folder) as port:
        assert ask(port, "/index.html", method)[0] == 501
    assert (folder / "index.html").read_text() == "the index"


def test_before_the_first_run_it_says_that_there_are_no_pages(tmp_path: Path) -> None:
    with serving(tmp_path / "none") as port:
        status, body, _ = ask(port, "/")
    assert status == 404
    assert "They are made by the gate of a run." in body


def test_it_listens_on_loopback_alone(folder: Path) -> None:
    running = server(folder, 0)
    assert running.server_address[0] == "127.0.0.1"
    running.server_close()


PARENT = """
import os, subprocess, sys
command = [sys.executable, "-m", "pipelines.gate.data_docs_server", *sys.argv[1:], str(os.getpid())]
subprocess.Popen(command)
sys.stdin.read()
"""


def test_it_ends_with_the_process_that_started_it(folder: Path) -> None:
    free = server(folder, 0)
    port = free.server_address[1]
    free.server_close()
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder), str(port)],
        stdin=subprocess.PIPE,
    ) as parent:
        assert until(lambda: is_served(port))
        parent.kill()
    assert until(lambda: not is_served(port))


def is_served(port: int) -> bool:
    try:
        return ask(port, "/")[0] == 200
    except OSError:
        return False


def until(happens: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it comes to be within these seconds."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if happens():
            return True
        time.sleep(0.1)
    return False


def test_a_port_that_is_taken_is_told(folder: Path) -> None:
    with serving(folder) as port:
        ended = subprocess.run(
            [sys.executable, "-m", "pipelines.gate.data_docs_server", str(folder), str(port), "1"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert f"port {port} of 127.0.0.1 cannot be had" in ended.stderr
    assert "make ui PORT=" in ended.stderr
