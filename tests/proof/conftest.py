"""What several proofs need: the build of a whole night, and a home at the end of one."""

from pathlib import Path

import pytest

from tests.integration.homes import NightlyHome, demo_home
from tests.integration.journeys import Nights

CUSTOMERS = 300


@pytest.fixture(scope="session")
def night_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The build of a whole night of a few hundred customers, as the gate has passed it."""
    home = demo_home(tmp_path_factory.mktemp("night") / "home", seed=21, customers=CUSTOMERS)
    home.run()
    return home.paths.build_file


@pytest.fixture(scope="session")
def second_draw(nights: Nights) -> NightlyHome:
    """A smaller demo company of another seed, published; copy it before changing it."""
    home: NightlyHome = nights.end_of("second_draw")
    return home
