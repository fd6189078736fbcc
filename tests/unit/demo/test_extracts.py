"""How the extracts are spelled."""

from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipelines.demo.extracts import _german_amount
from pipelines.demo.home import Truth
from tests.unit.demo.landed_files import euros, read_folder


@pytest.mark.parametrize(
    ("cents", "spelled"), [(0, "0,00"), (5, "0,05"), (12_345, "123,45"), (123_456_789, "1.234.567,89")]
)
def test_amounts_have_decimal_commas_and_thousands_dots(cents: int, spelled: str) -> None:
    assert _german_amount(cents) == spelled


def test_csv_files_of_the_first_shop_are_windows_1252_and_nothing_else(
    small_home: tuple[Path, Truth],
) -> None:
    home, _ = small_home
    files = [
        path
        for folder in ("kunden", "bestellungen", "abos")
        for path in (home / "landing" / folder).iterdir()
    ]
    for path in files:
        content = path.read_bytes()
        assert content.endswith(b"\r\n")
        heading = content.decode("cp1252").splitlines()[0]
        # The euro sign is byte 0x80 only in Windows-1252, and u umlaut alone is no UTF-8.
        assert any(column in heading for column in ("Betrag (€)", "Gewonnen über", "Währung"))
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


def test_subscriptions_in_the_file_are_those_of_the_truth(small_home: tuple[Path, Truth]) -> None:
    home, truth = small_home
    rows = read_folder(home, "abos")
    withdrawn = [row for row in rows if row["Ende"] and sortable(row["Ende"]) < sortable(row["Beginn"])]
    running = [row for row in rows if not row["Ende"]]
    stated = truth.counts["subscriptions"]
    assert len(rows) - len(withdrawn) == stated["subscriptions"] == sum(stated["by_plan"].values())
    assert (len(withdrawn), len(running)) == (stated["ended_before_started"], stated["running"])
    for currency, monthly in stated["monthly_amount_running"].items():
        amounts = [euros(row["Monatsbetrag"]) for row in running if row["Währung"] == currency]
        assert str(sum(amounts, Decimal("0.00"))) == monthly


def sortable(day: str) -> str:
    return "-".join(reversed(day.split(".")))
