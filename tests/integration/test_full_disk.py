"""A run whose home lies on a disk that is full or may only be read: refused in words, and nothing is published."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.demo.home import write_demo_home
from tests.integration.homes import NightlyHome
from tests.small_disks import make_read_only, small_disk


@pytest.fixture
def home(tmp_path: Path) -> Iterator[NightlyHome]:
    """A small draw of the demo company on a disk of three megabytes."""
    drawn = tmp_path / "drawn"
    write_demo_home(drawn, seed=5, customers=300)
    root = tmp_path / "disk"
    with small_disk(root, "size=3m"):
        yield NightlyHome(shutil.copytree(drawn, root / "home"))


def test_a_run_that_fills_its_disk_says_so_and_publishes_nothing(home: NightlyHome) -> None:
    code, said = home.call("run")
    assert code == 1
    refusal = next(line for line in said.splitlines() if "could not be written" in line)
    assert str(home.paths.root) in refusal
    assert "there is no room left (" in refusal
    assert "of 3.1 MB are free). Nothing unfinished was published" in refusal
    assert "Traceback" not in said
    assert not home.paths.warehouse_file.exists()


def test_a_run_on_a_disk_that_may_only_be_read_says_so(home: NightlyHome) -> None:
    make_read_only(home.paths.root.parent)
    code, said = home.call("run")
    assert code == 1
    assert said.startswith(f"{home.paths.root}/")
    assert (
        "could not be opened or written: user 0 lacks the right to, or its disk is mounted read-only" in said
    )
    assert said.count("\n") == 1
