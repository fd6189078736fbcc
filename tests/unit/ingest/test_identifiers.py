"""What a column of identifiers betrays of a spreadsheet that rewrote it, and what it does not."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from pipelines.ingest.faults import IngestRefused
from pipelines.ingest.identifiers import Shape
from tests import ingest_files
from tests.conftest import Home

SETTINGS = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2025-01-01
extracts:
  shop:
    kind: orders
    files: "*"
    key: none
    columns: {order_id: id, customer_id: {from: who}, ordered_at: at, gross_amount: amount}
"""
HEADINGS = ["id", "who", "at", "amount"]


def table(customers: list[Any], orders: list[Any] | None = None) -> list[list[Any]]:
    ids = orders or [f"A{number}" for number in range(len(customers))]
    return [
        HEADINGS,
        *([each, who, "2025-12-01", "1"] for each, who in zip(ids, customers, strict=True)),
    ]


def warnings(home: Home, rows: list[list[Any]], settings: str = SETTINGS) -> list[str]:
    home.land("a.csv", ingest_files.csv_text(rows))
    return home.ingest(home.settings(settings)).warnings


def test_numbers_shorter_than_those_that_zeros_fill_have_lost_theirs(home: Home) -> None:
    intact = [f"{number:06d}" for number in (421, 4711, 123456, 987654)]
    (told,) = warnings(home, table([*intact, "421", "4711", "815"]))
    assert told == (
        "3 of 7 values of `customer_id` have 3 or 4 digits, and zeros fill the others to 6: leading zeros may be "
        "lost; state normalise: strip_zeros, in a.csv"
    )


@pytest.mark.parametrize(
    "customers",
    [
        ["421", "4711", "81520"],
        ["000421", "004711", "123456"],
        ["0421", "004711", "815"],
        ["0421", "81520", "815"],
        ["0421", "K-17", "K-4", "AB", "815"],
        ["0", "4711", "815"],
        ["", "", ""],
    ],
    ids=[
        "none begins with a zero",
        "all have one length",
        "zeros fill no length",
        "longer numbers than zeros fill",
        "hardly any number",
        "nothing but a zero",
        "nobody",
    ],
)
def test_numbers_of_which_nothing_tells_a_lost_zero_raise_no_alarm(home: Home, customers: list[str]) -> None:
    assert warnings(home, table(customers)) == []


def test_what_only_begins_like_a_number_is_none(home: Home) -> None:
    intact = [f"{number:06d}" for number in range(1, 40)]
    assert warnings(home, table([*intact, "12-7"])) == []
    home.land("b.csv", ingest_files.csv_text(table([*intact, "12-7", "12"])))
    assert (
        home.ingest(home.settings(SETTINGS))
        .warnings[0]
        .startswith("1 of 41 values of `customer_id` have 2 digits")
    )


def test_with_the_step_that_undoes_it_stated_nothing_is_told(home: Home) -> None:
    steps = SETTINGS.replace(
        "from: who", "from: who, normalise: [strip_apostrophe, strip_decimal, strip_zeros]"
    )
    assert warnings(home, table(["000421", "421", "'000421", "421.0"]), steps) == []


def test_apostrophes_and_decimals_are_told_with_the_step_that_takes_them(home: Home) -> None:
    assert warnings(home, table(["'000421", "'4711", "42.0", "17", "000815"])) == [
        "2 of 5 values of `customer_id` begin with an apostrophe: state normalise: strip_apostrophe, in a.csv",
        "1 of 5 values of `customer_id` end in .0: state normalise: strip_decimal, in a.csv",
        (
            "1 of 5 values of `customer_id` have 2 digits, and zeros fill the others to 6: leading zeros may be lost; "
            "state normalise: strip_zeros, in a.csv"
        ),
    ]


def test_keys_that_take_no_normalisation_are_to_be_exported_as_text(home: Home) -> None:
    (told,) = warnings(home, table(["K"] * 3, ["000421", "123456", "4711"]))
    assert told == (
        "1 of 3 values of `order_id` have 4 digits, and zeros fill the others to 6: leading zeros may be lost; "
        "have the column exported as text, in a.csv"
    )


def test_a_number_among_the_texts_of_a_sheet_is_told(home: Home) -> None:
    home.land("a.xlsx", ingest_files.xlsx(table(["000421", "123456", 421, 4711.0])))
    (told,) = home.ingest(home.settings(SETTINGS)).warnings
    assert told.startswith(
        "2 of 4 values of `customer_id` have 3 or 4 digits, and zeros fill the others to 6"
    )


def test_the_manifest_keeps_how_they_look_and_no_identifier(home: Home) -> None:
    home.land("a.csv", ingest_files.csv_text(table(["000421", "123456", "421"])))
    (manifest,) = home.ingest(home.settings(SETTINGS)).read
    assert manifest.identifiers["customer_id"] == Shape(3, 0, 0, {"6": 1}, {"3": 1, "6": 1})
    (written,) = home.paths.manifests.rglob("*.json")
    assert "000421" not in written.read_text(encoding="utf-8")


MONDAY, TUESDAY, WEDNESDAY = date(2025, 12, 1), date(2025, 12, 2), date(2025, 12, 3)
DATED = SETTINGS.replace('"*"', '"*_{delivered:%Y-%m-%d}.*"')
WITNESSED = (
    "extract shop: 2 of 3 values of `customer_id` have 3 or 4 digits, and zeros fill those of a_2025-12-01.csv to 6: "
    "leading zeros may be lost; state normalise: strip_zeros, in b_2025-12-02.parquet (lost_zeros, since 2025-12-02)"
)


def test_numbers_of_a_parquet_file_are_told_beside_the_texts_of_another_file_once(home: Home) -> None:
    home.land("a_2025-12-01.csv", ingest_files.csv_text(table(["000421", "004711", "123456"])))
    assert home.ingest(home.settings(DATED), MONDAY).warnings == []
    columns = {"id": ["B1", "B2", "B3"], "who": pa.array([421, 4711, 123456]), "at": ["2025-12-02"] * 3}
    home.land("b_2025-12-02.parquet", ingest_files.parquet({**columns, "amount": ["1"] * 3}))
    assert home.ingest(home.settings(DATED), TUESDAY).warnings == [WITNESSED]
    later = home.ingest(home.settings(DATED), WEDNESDAY)
    assert (later.warnings, later.notices) == ([], [WITNESSED])
    strict = DATED.replace("key:", "notices: {lost_zeros: error}\n    key:")
    with pytest.raises(IngestRefused, match="lost_zeros"):
        home.ingest(home.settings(strict), WEDNESDAY)


def test_files_that_fill_to_different_lengths_witness_nothing(home: Home) -> None:
    for day, customers in ((MONDAY, ["000421"]), (TUESDAY, ["00421"]), (WEDNESDAY, ["421"])):
        home.land(f"a_{day}.csv", ingest_files.csv_text(table(customers, [f"{day}"])))
    assert home.ingest(home.settings(DATED), WEDNESDAY).warnings == []
