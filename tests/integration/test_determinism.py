"""Same lake, same day, same settings: the same published tables to the last bit, however often and in what order.

The tables about publishing itself, `releases` and `metric_history`, tell of each run and differ by right.
"""

from pathlib import Path

import pytest

from tests.integration.homes import JUDGED, NightlyHome, Row
from tests.integration.journeys import Mended


def releases(home: NightlyHome) -> list[Row]:
    """The releases of a home: id, lake and settings."""
    return home.query("select release_id, lake_hash, settings_hash from loyalty.releases order by release_id")


def test_fingerprints_tell_two_draws_of_the_demo_apart(
    second_draw: NightlyHome, third_draw: NightlyHome
) -> None:
    second, third = second_draw.fingerprints(), third_draw.fingerprints()
    # Names of figures are the same for everybody.
    assert [name for name in JUDGED if second[name] == third[name]] == ["metric_labels"]


def test_two_runs_over_one_lake_publish_the_same_tables(second_draw: NightlyHome, mended: Mended) -> None:
    # Between them runs failed over files that were refused.
    assert mended.home.fingerprints() == second_draw.fingerprints()
    first, second = releases(mended.home)
    assert (first[0], second[0]) == ("2025-12-31.1", "2025-12-31.2")
    assert first[1:] == second[1:]


def test_names_days_sizes_and_row_order_of_the_files_change_no_figure(
    second_draw: NightlyHome, shuffled: NightlyHome
) -> None:
    assert releases(shuffled)[0][1] != releases(second_draw)[0][1], "the lake must be another one"
    drawn, other = second_draw.fingerprints(), shuffled.fingerprints()
    # One file was delivered twice, and one order of another: that is counted, and nothing else.
    assert [name for name in JUDGED if drawn[name] != other[name]] == ["left_out"]


def test_rows_of_a_file_that_was_delivered_twice_are_counted_once_and_left_out_once(
    shuffled: NightlyHome,
) -> None:
    twice = shuffled.paths.landing / "bestellungen" / "bestellungen_2025-12-12.csv"
    rows = len(twice.read_bytes().splitlines()) - 1
    assert shuffled.query("from loyalty.left_out where reason = 'repeated_delivery'") == [
        ("ingest", "shop_orders", "repeated_delivery", "dropped", rows)
    ]


def test_an_order_that_was_delivered_twice_is_counted_once_and_left_out_once(shuffled: NightlyHome) -> None:
    assert shuffled.query("from loyalty.left_out where reason = 'repeated_row'") == [
        ("transform", "shop_orders", "repeated_row", "dropped", 1)
    ]


@pytest.mark.proof
@pytest.mark.parametrize("name", ["demo", "online_retail"])
def test_five_runs_over_one_lake_publish_the_same_tables_five_times(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    # Online Retail's half a million lines are what DuckDB shares out among its threads.
    published: NightlyHome = request.getfixturevalue(name)
    home = published.copy(tmp_path / "home")
    for _ in range(4):
        home.run()
        assert home.fingerprints() == published.fingerprints()
    assert len(releases(home)) == 5
