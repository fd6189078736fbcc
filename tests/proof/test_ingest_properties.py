"""Of extracts drawn at random, every row is loaded as it was meant or rejected for what was done to it."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.ingest.contract_rules import contract_faults
from pipelines.ingest.contracts import Extract
from pipelines.ingest.deliveries import find_deliveries
from pipelines.ingest.load import FileOutcome, Ingest, load_file
from pipelines.ingest.pseudonyms import identifier_key
from pipelines.paths import HomePaths
from tests.proof.extract_cases import STATUSES, Case, case_of, money

SECRET = b"a secret for tests alone"
FEW, MANY = 60, 2_400
PARTS = 4
# Of the whole form, so that several processes can share it.
REDUCED = range(FEW)


def loaded(case: Case, home: Path) -> tuple[FileOutcome, HomePaths]:
    paths = HomePaths(home)
    paths.landing.mkdir(parents=True)
    (paths.landing / case.name).write_bytes(case.content)
    extract = Extract.model_validate(case.contract)
    assert not list(contract_faults("drawn", extract))
    night = Ingest(paths, "Europe/Berlin", "EUR", SECRET, date(2026, 1, 2))
    (delivery,) = find_deliveries(paths.landing, "drawn", extract)
    return load_file(night, "drawn", extract, delivery), paths


def rows_of(outcome: FileOutcome, paths: HomePaths, table: str, columns: str) -> list[tuple[Any, ...]]:
    output = outcome.manifest.outputs.get(table)
    if output is None:
        return []
    with duckdb.connect() as connection:
        query = f"select {columns} from read_parquet($path) order by line"
        return connection.execute(query, {"path": str(paths.lake / output)}).fetchall()


def meant_rows(case: Case) -> Iterator[tuple[Any, ...]]:
    for order in case.orders:
        if order.rejected is None:
            person = None if order.customer is None else identifier_key(SECRET, "shop", order.customer)
            at = order.ordered_at.astimezone(UTC).replace(tzinfo=None)
            yield (
                order.line,
                order.order_id,
                person,
                at,
                money(order.gross_amount),
                STATUSES[order.status],
                order.channel,
            )


def judge(number: int, home: Path) -> Counter[str]:
    """Compare one case with its meaning; say what it was a case of."""
    case = case_of(number)
    outcome, paths = loaded(case, home)
    manifest = outcome.manifest
    where = f"case {number} ({case.name}, {case.contract['format']})"
    columns = "line, order_id, identifier_key, ordered_at, gross_amount, status, channel"
    assert rows_of(outcome, paths, "orders", columns) == list(meant_rows(case)), where
    rejected = [(order.line, *order.rejected) for order in case.orders if order.rejected]
    assert rows_of(outcome, paths, "rows", "line, column_name, reason") == rejected, where
    assert manifest.rows_read == manifest.rows_loaded + manifest.rows_rejected == len(case.orders), where
    assert {key: getattr(manifest, key) for key in case.told} == case.told, where
    return Counter({manifest.file_type: 1, "rows": manifest.rows_read, "rejected": manifest.rows_rejected})


@pytest.mark.parametrize("number", REDUCED)
def test_every_row_of_a_drawn_extract_is_loaded_as_meant_or_rejected_for_its_damage(
    tmp_path: Path, number: int
) -> None:
    judge(number, tmp_path)


@pytest.mark.proof
@pytest.mark.parametrize("part", range(PARTS))
def test_thousands_of_drawn_extracts_come_out_as_they_were_meant(
    tmp_path_factory: pytest.TempPathFactory, part: int
) -> None:
    total: Counter[str] = Counter()
    wrong: list[str] = []
    for number in range(10_000 + part, 10_000 + MANY, PARTS):
        try:
            total += judge(number, tmp_path_factory.mktemp("case"))
        except Exception as error:  # noqa: BLE001 - a refusal or a traceback is a finding like a wrong cell
            wrong.append(f"{number}: {type(error).__name__} {str(error)[:1500]}")
    assert not wrong, f"{len(wrong)} cases came out otherwise:\n" + "\n".join(wrong[:10])
    print(f"{MANY // PARTS} drawn extracts: {dict(total)}")
    assert total["rejected"] > 200
    assert all(total[each] > 30 for each in ("csv", "spreadsheet", "parquet", "ndjson")), total
