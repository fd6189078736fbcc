"""The raw tables are written in the order of the file, whatever the threads do."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.ingest.contracts import Extract
from pipelines.ingest.deliveries import find_deliveries
from pipelines.ingest.load import Ingest, load_file
from pipelines.paths import HomePaths

ROWS = 400_000
# More than three row groups of Parquet, so that several threads write at once.


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> HomePaths:
    paths = HomePaths(tmp_path_factory.mktemp("home"))
    paths.landing.mkdir()
    rows = "select 'o' || i as id, 'c' || hash(i) % 300000 as person, '2026-01-01' as day, i % 97 as amount"
    file = paths.landing / "orders.csv"
    duckdb.execute(f"copy ({rows} from range({ROWS}) as orders(i)) to '{file}' (header)")
    with file.open("a", encoding="utf-8") as handle:
        handle.write("broken\no-last,c1,2026-01-01,5\n")
    return paths


def written(paths: HomePaths) -> Path:
    extract = Extract.model_validate(
        {
            "kind": "orders",
            "files": "orders.csv",
            "key": ["order_id"],
            "columns": {
                "order_id": "id", "customer_id": "person", "ordered_at": "day", "gross_amount": "amount",
            },
        }
    )  # fmt: skip
    ingest = Ingest(paths, "Europe/Berlin", "EUR", b"a secret for tests alone", date(2026, 2, 1))
    (delivery,) = find_deliveries(paths.landing, "shop", extract)
    outcome = load_file(ingest, "shop", extract, delivery)
    return paths.lake / outcome.manifest.outputs["orders"]


def test_rows_keep_the_order_of_the_file_and_their_lines_through_many_row_groups(paths: HomePaths) -> None:
    file = written(paths)
    found = duckdb.execute(
        """
        select
            count(*), count(identifier_key),
            count(*) filter (line <> file_row_number + 2 and line <= 400001),
            count(*) filter (order_id <> 'o' || (line - 2) and line <= 400001),
            max(line), arg_max(order_id, line)
        from read_parquet($file, file_row_number = true)
        """,
        {"file": str(file)},
    ).fetchall()
    assert found == [(ROWS + 1, ROWS + 1, 0, 0, ROWS + 3, "o-last")]


def test_the_same_file_gives_the_same_bytes_whatever_the_threads_did(paths: HomePaths) -> None:
    first = written(paths).read_bytes()
    assert all(written(paths).read_bytes() == first for _ in range(3))
