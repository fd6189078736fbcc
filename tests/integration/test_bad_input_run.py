"""Bad input in a home that has a release: a run says file, place and remedy, and readers keep what they have.

What each reader finds in a bad file is the business of the unit tests of ingest; here the whole command is run.
"""

from pathlib import Path

import pytest

from tests.integration.faults import SOLD_TWICE, UNREADABLE, edit_settings, published_bytes
from tests.integration.homes import NightlyHome
from tests.integration.journeys import Mended

FIRST_RELEASE = {
    "treue.duckdb",
    "releases/2025-12-31.1.duckdb",
    "releases/2025-12-31.1.json",
    "history/2025-12-31.1.parquet",
}


@pytest.fixture
def shop(second_draw: NightlyHome, tmp_path: Path) -> NightlyHome:
    """A home with a release, to be harmed."""
    return second_draw.copy(tmp_path / "home")


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_is_told_with_its_place_and_a_remedy(mended: Mended, name: str) -> None:
    code, said = mended.of_unreadable_files
    assert code != 0
    assert UNREADABLE[name].place in said
    assert UNREADABLE[name].remedy in said


def test_an_order_number_with_two_amounts_is_told_with_both_places_and_a_remedy(mended: Mended) -> None:
    code, said = mended.of_two_amounts
    assert code != 0
    assert (
        f"{SOLD_TWICE} line 2 says other things of the same ['order_id'] than bestellungen/bestellungen_"
        in said
    )
    assert "bestellungen_2023-04-01.csv line 2 (1 such key(s))" in said
    assert "state delivery: changes" in said


def test_runs_that_fail_say_so_in_sentences_and_leave_every_published_byte(mended: Mended) -> None:
    assert set(mended.published_before) == FIRST_RELEASE
    assert mended.published_after_unreadable_files == mended.published_before
    assert mended.published_after_two_amounts == mended.published_before
    for _, said in (mended.of_unreadable_files, mended.of_two_amounts):
        assert "Traceback" not in said
        assert "The run failed" in said
        assert "What was published before is untouched." in said


def test_once_the_files_are_mended_the_night_publishes_what_it_would_have_published(
    mended: Mended, second_draw: NightlyHome
) -> None:
    assert mended.home.query("select release_id from loyalty.releases where is_current") == [
        ("2025-12-31.2",)
    ]
    assert mended.home.fingerprints() == second_draw.fingerprints()


def test_a_typo_in_the_settings_is_told_with_line_and_key(shop: NightlyHome) -> None:
    line = edit_settings(
        shop, "delivery: full\n    key: [customer_id]", "delivry: full\n    key: [customer_id]"
    )
    code, said = shop.call("run")
    assert code != 0
    assert "Traceback" not in said
    assert f"{shop.paths.settings_file} line {line}, extracts.shop_customers.delivry: unknown key" in said
    assert "did you mean 'delivery'?" in said
    assert set(published_bytes(shop)) == FIRST_RELEASE


def test_a_pattern_that_matches_no_file_is_told_with_the_extract_and_where_it_was_looked_for(
    shop: NightlyHome,
) -> None:
    before = published_bytes(shop)
    edit_settings(shop, "bestellungen/bestellungen_{", "bestellungen/bestellung_{")
    code, said = shop.call("run")
    assert code != 0
    assert "Traceback" not in said
    assert (
        "extract shop_orders: no file matches 'bestellungen/bestellung_{delivered:%Y-%m-%d}.csv' below"
        in said
    )
    assert str(shop.paths.landing) in said
    assert "correct `files`" in said
    assert published_bytes(shop) == before


def test_without_the_key_of_the_pseudonyms_a_run_says_how_to_make_one(shop: NightlyHome) -> None:
    before = published_bytes(shop)
    shop.secret = ""
    code, said = shop.call("run")
    assert code != 0
    assert "Traceback" not in said
    assert "TREUE_SECRET is not set" in said
    assert "openssl rand -hex 32" in said
    assert published_bytes(shop) == before


def test_a_database_without_an_address_is_told_before_the_night_and_not_after_it(shop: NightlyHome) -> None:
    edit_settings(shop, "publish: [duckdb]", "publish: [duckdb, postgres]")
    build = shop.paths.build_file.stat().st_mtime_ns
    code, said = shop.call("run")
    assert code != 0
    assert said.count("TREUE_POSTGRES_URL is not set") == 1
    assert "Traceback" not in said
    assert shop.paths.build_file.stat().st_mtime_ns == build
    assert set(published_bytes(shop)) == FIRST_RELEASE
