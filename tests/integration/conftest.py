"""The homes of the integration tests at the end of their journeys, one fixture for each."""

from pathlib import Path

import pytest

from tests.integration.homes import NightlyHome
from tests.integration.journeys import Backfilled, Erased, Mended, Nights, Odd, Pruned
from tests.integration.recorder import RecordedRun


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
    run: RecordedRun = nights.end_of("third_draw")
    return run.home


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


@pytest.fixture(scope="session")
def odd(nights: Nights) -> Odd:
    """A home of odd names, published, and what its commands said that failed over what is secret."""
    home: Odd = nights.end_of("odd")
    return home


@pytest.fixture(scope="session")
def pruned(nights: Nights) -> Pruned:
    """A home that was pruned, and ran again."""
    home: Pruned = nights.end_of("pruned")
    return home
