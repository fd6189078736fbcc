"""Draws and homes that several tests of the demo company read."""

from pathlib import Path

import pytest

from pipelines.demo.company import LINDE
from pipelines.demo.home import Draw, Truth, draw, write_demo_home


@pytest.fixture(scope="session")
def large_draw() -> Draw:
    """Enough customers that a wrong formula shows beyond chance."""
    return draw(LINDE, seed=11, customers=100_000)


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """A home of 300 customers, with its truth."""
    home = tmp_path_factory.mktemp("small")
    return home, write_demo_home(home, seed=5, customers=300)
