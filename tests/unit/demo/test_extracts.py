"""How the extracts are spelled."""

import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipelines.demo.extracts import _german_amount
from pipelines.demo.home import Truth


@pytest.mark.parametrize(
    ("cents", "spelled"), [(0, "0,00"), (5, "0,05"), (12_345, "123,45"), (123_456_789, "1.234.567,89")]
)
def test_amounts_have_decimal_commas_and_thousands_dots(cents: int, spelled: str) -> None:
    assert _german_amount(cents) == spelled


def test_csv_files_are_windows_1252_and_nothing_else(small_home: tuple[Path, Truth]) -> None:
    home, _ = small_home
    for path in (home / "landing").rglob("*.csv"):
        content = path.read_bytes()
        assert content.endswith(b"\r\n")
        heading = content.decode("cp1252").splitlines()[0]
        # The euro sign is byte 0x80 only in Windows-1252, and u umlaut alone is no UTF-8.
        assert ("Betrag (€)" in heading) or ("Gewonnen über" in heading)
        with pytest.raises(UnicodeDecodeError):
            content.decode("utf-8")


def test_customer_numbers_keep_their_zeros_in_csv_and_lose_them_in_spreadsheets(
    small_home: tuple[Path, Truth],
) -> None:
    home, _ = small_home
    line = next(home.glob("landing/kunden/*.csv")).read_text(encoding="cp1252").splitlines()[1]
    assert line.startswith("00001001;")
    sheet = load_workbook(next(home.glob("landing/umfrage/*.xlsx")), read_only=True)["Antworten"]
    numbers = [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert all(number is None or (isinstance(number, int) and number >= 1001) for number in numbers)


def test_spreadsheets_carry_the_day_of_delivery_instead_of_the_clock(small_home: tuple[Path, Truth]) -> None:
    home, _ = small_home
    with zipfile.ZipFile(home / "landing/umfrage/kundenbefragung_2025-07-05.xlsx") as book:
        assert {entry.date_time for entry in book.infolist()} == {(2025, 7, 5, 8, 0, 0)}
        assert book.read("docProps/core.xml").count(b"2025-07-05T08:00:00Z") == 2
