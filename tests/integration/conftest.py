"""The homes of the integration tests at the end of their journeys, one fixture for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.integration.homes import NightlyHome
from tests.integration.journeys import JOURNEYS, REAL_FILES, Backfilled, Erased, Mended, Nights, real

MANIFEST = PROJECT / "dbt_project" / "target" / "manifest.json"


@pytest.fixture(scope="session")
def nights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    """Starts every home that a selected test asks for; under several workers, each when it is asked for."""
    assert MANIFEST.exists(), f"{MANIFEST} is missing: make it with `make {MANIFEST.relative_to(PROJECT)}`"
    journeys = dict(JOURNEYS)
    try:
        folder = request.getfixturevalue("real_data")
        journeys |= {name: real(name, folder) for name in REAL_FILES}
    except pytest.skip.Exception:
        # The tests that need it ask for it too, and are skipped where it shows.
        pass
    nights = Nights(tmp_path_factory.mktemp("nights"), journeys)
    if not hasattr(request.config, "workerinput"):
        asked = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
        for name in journeys:
            if name in asked:
                nights.start(name)
    yield nights
    nights.close()


@pytest.fixture(scope="session")
def online_retail(real_data: Path, nights: Nights) -> NightlyHome:
    """Online Retail II, published: order lines of a British gift retailer."""
    home: NightlyHome = nights.end_of("online_retail")
    return home


@pytest.fixture(scope="session")
def cdnow(real_data: Path, nights: Nights) -> NightlyHome:
    """CDNOW, published: purchases of customers who first bought early in 1997."""
    home: NightlyHome = nights.end_of("cdnow")
    return home


@pytest.fixture(scope="session")
def carpentries(real_data: Path, nights: Nights) -> NightlyHome:
    """The Carpentries' instructor training, published: a survey without customers."""
    home: NightlyHome = nights.end_of("carpentries")
    return home


@pytest.fixture(scope="session")
def demo(nights: Nights) -> NightlyHome:
    """The demo company as `make run` draws it, published."""
    home: NightlyHome = nights.end_of("demo")
    return home


@pytest.fixture(scope="session")
def second_draw(nights: Nights) -> NightlyHome:
    """A smaller demo company of another seed, published; copy it before changing it."""
    home: NightlyHome = nights.end_of("second_draw")
    return home


@pytest.fixture(scope="session")
def third_draw(nights: Nights) -> NightlyHome:
    """A smaller demo company of a third seed, published."""
    home: NightlyHome = nights.end_of("third_draw")
    return home


@pytest.fixture(scope="session")
def mended(nights: Nights) -> Mended:
    """The second draw after faults that were mended."""
    home: Mended = nights.end_of("mended")
    return home


@pytest.fixture(scope="session", params=("demo", "second_draw", "third_draw"))
def drawn(request: pytest.FixtureRequest) -> NightlyHome:
    """Each draw of the demo company, published."""
    home: NightlyHome = request.getfixturevalue(request.param)
    return home


@pytest.fixture(scope="session")
def run_again(nights: Nights) -> NightlyHome:
    """The demo company after a second run over the same lake."""
    home: NightlyHome = nights.end_of("run_again")
    return home


@pytest.fixture(scope="session")
def shuffled(nights: Nights) -> NightlyHome:
    """The second draw's extracts, delivered otherwise."""
    home: NightlyHome = nights.end_of("shuffled")
    return home


@pytest.fixture(scope="session")
def backfilled(nights: Nights) -> Backfilled:
    """The second draw after a run for an earlier day."""
    home: Backfilled = nights.end_of("backfilled")
    return home


@pytest.fixture(scope="session")
def erased(nights: Nights) -> Erased:
    """A home of which one person was erased, and one that never had her."""
    homes: Erased = nights.end_of("erased")
    return homes
