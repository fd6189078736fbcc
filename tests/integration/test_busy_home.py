"""Two runs in one home at once: whoever comes second is refused before it touches anything, however it is started.

The home is empty but for its settings: what is refused never gets as far as looking at them.
"""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from pipelines.home_lock import home_lock
from tests.integration.homes import NightlyHome

SETTINGS = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2025-01-01
extracts:
  shop:
    kind: orders
    files: "*.csv"
    key: [order_id]
    columns: {order_id: id, ordered_at: at, gross_amount: amount}
"""
STEP = ("asset", "materialize", "-m", "pipelines.definitions", "--select", "raw/orders")
# As the UI and the schedule run: by Dagster, with nothing of ours around it.


@pytest.fixture
def home(tmp_path: Path) -> NightlyHome:
    home = NightlyHome(tmp_path / "home")
    home.paths.landing.mkdir(parents=True)
    home.paths.settings_file.write_text(SETTINGS, encoding="utf-8")
    (home.paths.landing / "a.csv").write_text("id,at,amount\n1,2025-12-01,10.00\n", encoding="utf-8")
    home.paths.build.mkdir()
    (home.paths.build / "nightly.log").write_text("what the first run has said so far", encoding="utf-8")
    home.paths.dagster.mkdir()
    return home


def told_by_whom(home: NightlyHome) -> str:
    return f"{home.paths.root} is in use by another run (the first run, process {os.getpid()}, since 20"


def test_a_second_make_run_is_refused_at_once_and_leaves_the_log_of_the_first(home: NightlyHome) -> None:
    with home_lock(home.paths.lock_file, "the first run"):
        code, said = home.call("run", "--as-of", "2025-12-31")
        assert json.loads(home.paths.lock_file.read_text(encoding="utf-8"))["pid"] == os.getpid()
    assert code == 1
    assert said.startswith(told_by_whom(home))
    assert said.count("\n") == 1
    assert [path.name for path in home.paths.build.iterdir()] == ["nightly.log"]
    assert (home.paths.build / "nightly.log").read_text(
        encoding="utf-8"
    ) == "what the first run has said so far"
    assert not home.paths.lake.exists()


def test_a_run_of_dagster_is_refused_before_its_first_step(home: NightlyHome) -> None:
    with home_lock(home.paths.lock_file, "the first run"):
        code, said = home.call(*STEP, module="dagster")
    assert code != 0
    assert told_by_whom(home) in said
    assert "STEP_START" not in said
    assert not home.paths.lake.exists()


def test_a_run_that_was_killed_holds_up_nobody(home: NightlyHome) -> None:
    with home.start("run", "--as-of", "2025-12-31") as run:
        end = time.monotonic() + 60
        while not (home.paths.lock_file.exists() and home.paths.lock_file.read_text(encoding="utf-8")):
            assert time.monotonic() < end, "the run has not taken its home"
            time.sleep(0.02)
        os.kill(run.pid, signal.SIGKILL)
    assert str(run.pid) in home.paths.lock_file.read_text(encoding="utf-8")
    code, said = home.call(*STEP, module="dagster")
    assert code == 0, said
    assert home.paths.lock_file.read_text(encoding="utf-8") == ""
