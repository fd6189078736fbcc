"""A home in the middle of its life, and a night's ingest over it that may be killed at any step.

The steps are what the interpreter itself reports of its dealings with the file system, so that a number names one
moment of the run.
"""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb  # noqa: F401 - imported before the fork, as a run has long imported it when it is killed

from pipelines.ingest.load import Ingest
from pipelines.ingest.stage import IngestReport, ingest_extracts
from pipelines.paths import HomePaths
from pipelines.settings import load_settings
from tests import ingest_files

STEPS = frozenset(
    {
        "open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.listdir", "os.scandir", "shutil.rmtree",
        "tempfile.mkdtemp", "subprocess.Popen", "fcntl.flock",
    }
)  # fmt: skip
SETTINGS = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2025-01-01
extracts:
  shop_orders:
    kind: orders
    files: "orders/*_{delivered:%Y-%m-%d}.*"
    key: [order_id]
    delivery: changes
    max_rejected_share: 0.5
    columns: {order_id: id, customer_id: customer, ordered_at: at, gross_amount: amount}
  survey:
    kind: survey_responses
    files: "survey/*.*"
    key: [response_id]
    on_problem: warn
    columns: {response_id: id, customer_id: customer, responded_at: at}
    questions:
      - {id: recommend, column: score, construct: recommend, scale: [0, 10]}
"""


def _orders(first: int, count: int, amount: str = "12.50") -> bytes:
    rows = [[f"{first + i}", f"C{i % 7}", f"2025-12-{1 + i % 28:02} 10:00:00", amount] for i in range(count)]
    return ingest_files.csv_text([["id", "customer", "at", "amount"], *rows]).encode()


def _answers(first: int, count: int) -> list[dict[str, str]]:
    return [
        {
            "id": f"R{first + i}",
            "customer": f"C{i % 7}",
            "at": f"2025-12-{1 + i % 28:02}",
            "score": str(i % 11),
        }
        for i in range(count)
    ]


def _answer_rows(first: int, count: int) -> list[list[str]]:
    answers = _answers(first, count)
    return [list(answers[0]), *(list(answer.values()) for answer in answers)]


def _answers_csv(first: int, count: int) -> bytes:
    return ingest_files.csv_text(_answer_rows(first, count)).encode()


def make_home(root: Path) -> None:
    """Files of one night read, and those of the next come in: new ones, a correction, a renamed one, a repeat."""
    paths = HomePaths(root)
    (paths.landing / "orders").mkdir(parents=True)
    (paths.landing / "survey").mkdir()
    paths.settings_file.write_text(SETTINGS, encoding="utf-8")
    land(paths, "orders/a_2025-12-01.csv", _orders(1000, 50))
    land(paths, "orders/b_2025-12-02.csv", _orders(2000, 50))
    land(paths, "survey/wave1.csv", _answers_csv(100, 40))
    land(paths, "survey/wave2.csv", _answers_csv(200, 40))
    night(root, date(2025, 12, 3))
    land(paths, "orders/b_2025-12-02.csv", _orders(2000, 50, "13.00"))
    (paths.landing / "survey/wave1.csv").rename(paths.landing / "survey/first.csv")
    land(paths, "orders/c_2025-12-03.csv", _orders(3000, 30) + b"1,2\n3999,C1,never,1\n")
    land(paths, "orders/d_2025-12-03.csv.gz", ingest_files.gzipped(_orders(4000, 60)))
    land(paths, "orders/e_2025-12-04.csv", _orders(4000, 60))
    land(paths, "orders/f_2025-12-04.zip", ingest_files.zipped({"f.csv": _orders(5000, 9)}))
    land(paths, "orders/g_2025-12-04.csv", _orders(6000, 40).decode().encode("utf-16"))
    land(paths, "survey/wave3.xlsx", ingest_files.xlsx(_answer_rows(300, 20)))
    land(paths, "survey/wave4.csv", _answers_csv(400, 20))
    land(paths, "survey/wave5.ndjson", ingest_files.ndjson(_answers(500, 20)).encode())
    land(paths, "survey/wave6_says_other_things.csv", _answers_csv(205, 20))


def land(paths: HomePaths, relative: str, content: bytes) -> None:
    (paths.landing / relative).write_bytes(content)


def night(root: Path, seen_on: date = date(2025, 12, 5)) -> IngestReport:
    settings = load_settings(root)
    ingest = Ingest(HomePaths(root), settings.time_zone, settings.currency, b"a secret for tests", seen_on)
    return ingest_extracts(ingest, settings.extracts)


def killed_night(root: Path, step: int) -> None:
    """A night that kills itself at its n-th step."""
    with counted(step):
        night(root)


def step_count(root: Path, answer: Path) -> None:
    """Write down how many steps a night has that nobody kills."""
    with counted(None) as taken:
        night(root)
        answer.write_text(str(len(taken)), encoding="utf-8")


@contextmanager
def counted(last: int | None) -> Iterator[list[str]]:
    taken: list[str] = []

    def count(event: str, _: tuple[Any, ...]) -> None:
        if event in STEPS:
            taken.append(event)
            if last is not None and len(taken) > last:
                os.kill(os.getpid(), signal.SIGKILL)

    # A hook stays for the life of its process, which is why each night here has one of its own.
    sys.addaudithook(count)
    yield taken


def lake_of(root: Path) -> dict[str, bytes]:
    """Every file of the lake by its path."""
    lake = HomePaths(root).lake
    return {
        path.relative_to(lake).as_posix(): path.read_bytes() for path in lake.rglob("*") if path.is_file()
    }


def folders_of(root: Path) -> set[str]:
    lake = HomePaths(root).lake
    return {path.relative_to(lake).as_posix() for path in lake.rglob("*") if path.is_dir()}


def copied(origin: Path, target: Path) -> Path:
    shutil.copytree(origin, target)
    return target
