"""Same lake, same day, same settings: the same published tables to the last bit, however often and in what order.

The tables about publishing itself, `releases` and `metric_history`, tell of each run and differ by right.
"""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.gate.fingerprint import Fingerprint, fingerprint
from pipelines.gate.tables import JUDGED_TABLES
from tests.integration.conftest import NightlyHome

JUDGED = sorted(table.name for table in JUDGED_TABLES)


def fingerprints(home: NightlyHome) -> dict[str, Fingerprint]:
    """The fingerprint of every published table that the gate has judged."""
    with duckdb.connect(str(home.paths.warehouse_file), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'loyalty' order by table_name"
        ).fetchall()
        assert sorted({name for (name,) in tables} - {"releases", "metric_history"}) == JUDGED
        return {name: fingerprint(connection, "loyalty", name) for name in JUDGED}


def releases(home: NightlyHome) -> list[tuple[object, ...]]:
    return home.query("select release_id, lake_hash, settings_hash from loyalty.releases order by release_id")


def test_fingerprints_tell_two_draws_of_the_demo_apart(
    second_draw: NightlyHome, third_draw: NightlyHome
) -> None:
    second, third = fingerprints(second_draw), fingerprints(third_draw)
    assert [name for name in JUDGED if second[name] == third[name]] == []


def test_two_runs_over_one_lake_publish_the_same_tables(demo: NightlyHome, tmp_path: Path) -> None:
    home = demo.copy(tmp_path / "home")
    home.run()
    assert fingerprints(home) == fingerprints(demo)
    first, second = releases(home)
    assert (first[0], second[0]) == ("2025-12-31.1", "2025-12-31.2")
    assert first[1:] == second[1:]


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
        assert fingerprints(home) == fingerprints(published)
    assert len(releases(home)) == 5


@pytest.fixture(scope="module")
def shuffled(second_draw: NightlyHome, tmp_path_factory: pytest.TempPathFactory) -> NightlyHome:
    """The second draw's extracts, published once more from files of other names, days, sizes and row order."""
    home = NightlyHome(tmp_path_factory.mktemp("shuffled") / "home")
    theirs, ours = second_draw.paths.landing, home.paths.landing
    shutil.copytree(theirs / "kunden", ours / "kunden")
    shutil.copyfile(second_draw.paths.settings_file, home.paths.settings_file)
    for folder in ("bestellungen", "umfrage"):
        (ours / folder).mkdir()
        files = sorted((theirs / folder).iterdir())
        # What came first comes last.
        for file, other in zip(files, reversed(files), strict=True):
            shutil.copyfile(file, ours / folder / other.name)
    for file in (*(ours / "kunden").iterdir(), *(ours / "bestellungen").iterdir()):
        heading, *lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(heading + b"".join(reversed(lines)))
    split(ours / "bestellungen" / "bestellungen_2024-07-01.csv", date(2024, 8, 13))
    home.run()
    return home


def split(file: Path, rest_delivered_on: date) -> None:
    """Deliver the second half of a file's rows in a file of its own."""
    heading, *lines = file.read_bytes().splitlines(keepends=True)
    half = len(lines) // 2
    file.write_bytes(heading + b"".join(lines[:half]))
    rest = file.with_name(f"bestellungen_{rest_delivered_on}.csv")
    rest.write_bytes(heading + b"".join(lines[half:]))


def test_order_names_days_and_sizes_of_the_files_change_no_published_table(
    second_draw: NightlyHome, shuffled: NightlyHome
) -> None:
    assert releases(shuffled)[0][1] != releases(second_draw)[0][1], "the lake must be another one"
    assert fingerprints(shuffled) == fingerprints(second_draw)


def test_a_file_that_is_delivered_twice_changes_only_what_is_left_out(shuffled: NightlyHome) -> None:
    before = fingerprints(shuffled)
    file = shuffled.paths.landing / "bestellungen" / "bestellungen_2024-08-13.csv"
    shutil.copyfile(file, file.with_name("bestellungen_2025-11-11.csv"))
    shuffled.run()
    after = fingerprints(shuffled)
    assert [name for name in JUDGED if before[name] != after[name]] == ["left_out"]
    rows = len(file.read_bytes().splitlines()) - 1
    assert shuffled.query(
        "select stage, source, treatment, row_count from loyalty.left_out where reason = 'repeated_delivery'"
    ) == [("ingest", "shop_orders", "dropped", rows)]
