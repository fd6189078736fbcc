"""How dates, amounts and identifiers are written in exports, through the whole reading of a file."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests import ingest_files
from tests.conftest import Home, RawRows

SETTINGS = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2020-01-01
extracts:
  shop:
    kind: orders
    files: "*"
    key: [order_id]
    max_rejected_share: 1
    format: {decimal: ","}
    columns:
      order_id: id
      customer_id: {from: customer, normalise: [strip_apostrophe, strip_decimal, strip_zeros]}
      ordered_at: {from: at}
      gross_amount: amount
"""
HEADINGS = ["id", "customer", "at", "amount"]


def read(home: Home, rows: list[list[str]], settings: str = SETTINGS) -> None:
    home.land("a.csv", ingest_files.csv_text([HEADINGS, *rows], ";"))
    home.ingest(home.settings(settings))


def moments(home: Home, raw_rows: RawRows, texts: list[str], stated: str) -> list[datetime]:
    """What the texts of one column are read as, in UTC, none of them rejected."""
    rows = [[f"A{index}", "", text, "1"] for index, text in enumerate(texts)]
    read(home, rows, SETTINGS.replace("{from: at}", f"{{from: at, {stated}}}"))
    found = raw_rows("orders", "ordered_at")
    assert len(found) == len(texts)
    return [at for (at,) in found if isinstance(at, datetime)]


def test_each_cell_of_a_column_may_have_another_layout(home: Home, raw_rows: RawRows) -> None:
    layouts = 'format: ["%d.%m.%Y %H:%M", "%Y-%m-%d", "%m/%d/%Y %I:%M %p", "%B %d, %Y"]'
    texts = ["31.12.2025 18:05", "2025-12-31", "12/31/2025 6:05 PM", "December 31, 2025"]
    midnight, evening = datetime(2025, 12, 30, 23), datetime(2025, 12, 31, 17, 5)
    assert moments(home, raw_rows, texts, layouts) == [evening, midnight, evening, midnight]


def test_days_counted_by_a_spreadsheet_stand_beside_written_dates(home: Home, raw_rows: RawRows) -> None:
    texts = ["46022", "46022.75", "46022,75", "31.12.2025", "61"]
    midnight, evening = datetime(2025, 12, 30, 23), datetime(2025, 12, 31, 17)
    found = moments(home, raw_rows, texts, 'format: [excel, "%d.%m.%Y"]')
    assert found == [midnight, evening, evening, midnight, datetime(1900, 2, 28, 23)]


def test_seconds_since_1970_need_no_zone(home: Home, raw_rows: RawRows) -> None:
    texts = ["0", "1767200700", "1767200700.5"]
    found = moments(home, raw_rows, texts, "format: unix, time_zone: Asia/Tokyo")
    assert found == [
        datetime(1970, 1, 1),
        datetime(2025, 12, 31, 17, 5),
        datetime(2025, 12, 31, 17, 5, 0, 500000),
    ]


def test_an_offset_in_the_text_goes_before_any_zone(home: Home, raw_rows: RawRows) -> None:
    texts = ["2025-12-31 18:05:00 +0100", "2025-12-31 12:05:00 -0500"]
    found = moments(home, raw_rows, texts, 'format: "%Y-%m-%d %H:%M:%S %z", time_zone: Asia/Tokyo')
    assert found == [datetime(2025, 12, 31, 17, 5)] * 2


def test_the_zone_of_the_column_goes_before_that_of_the_file_and_the_company(
    home: Home, raw_rows: RawRows
) -> None:
    of_file = SETTINGS.replace('{decimal: ","', '{decimal: ",", time_zone: America/New_York')
    row = ["A1", "", "2025-12-31 18:05", "1"]
    for settings, hour in (
        (SETTINGS, 17),
        (of_file, 23),
        (of_file.replace("{from: at}", "{from: at, time_zone: UTC}"), 18),
    ):
        read(home, [row], settings)
        known = [at for (at,) in raw_rows("orders", "ordered_at")]
        assert datetime(2025, 12, 31, hour, 5) in known


def test_an_hour_that_summer_time_skips_is_read_as_the_hour_after(home: Home, raw_rows: RawRows) -> None:
    texts = ["2025-03-30 01:59", "2025-03-30 02:30", "2025-03-30 03:00"]
    assert moments(home, raw_rows, texts, "time_zone: Europe/Berlin") == [
        datetime(2025, 3, 30, 0, 59),
        datetime(2025, 3, 30, 1, 30),
        datetime(2025, 3, 30, 1, 0),
    ]


def test_an_hour_that_comes_twice_is_read_as_its_second_time(home: Home, raw_rows: RawRows) -> None:
    texts = ["2025-10-26 01:59", "2025-10-26 02:30", "2025-10-26 03:00", "2025-10-26T02:30:00+02:00"]
    assert moments(home, raw_rows, texts, "time_zone: Europe/Berlin") == [
        datetime(2025, 10, 25, 23, 59),
        datetime(2025, 10, 26, 1, 30),
        datetime(2025, 10, 26, 2, 0),
        datetime(2025, 10, 26, 0, 30),
    ]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_any_hour_that_comes_once_is_read_as_the_time_zone_database_says(
    home: Home, raw_rows: RawRows, zone: str
) -> None:
    meant = [datetime(2025, month, 15, hour, 30, tzinfo=UTC) for month in range(1, 13) for hour in (0, 12)]
    texts = [at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") for at in meant]
    assert moments(home, raw_rows, texts, f"time_zone: {zone}") == [at.replace(tzinfo=None) for at in meant]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("€ 1.234,50", "1234.5"),
        ("1.234,50 €", "1234.5"),
        ("EUR 5", "5"),
        ("5,25 EUR", "5.25"),
        ("$5", "5"),
        ("-5,25", "-5.25"),
        ("5,25-", "-5.25"),
        ("(5,25)", "-5.25"),
        ("-€ 5,25", "-5.25"),
        ("€ -5,25", "-5.25"),
        ("5,25- €", "-5.25"),
        ("\u22125,25", "-5.25"),
        ("1.234.567,00", "1234567"),
        ("12.34,00", None),
        ("5,25,1", None),
        ("(5,25", None),
        ("--5", None),
        ("5 Stück", None),
        ("€", None),
    ],
)
def test_an_amount_is_read_past_currency_signs_and_with_its_minus_wherever_it_stands(
    home: Home, raw_rows: RawRows, text: str, amount: str | None
) -> None:
    read(
        home,
        [["A1", "", "2025-12-31", text]],
        SETTINGS.replace('decimal: ","', 'decimal: ",", thousands: "."'),
    )
    if amount is None:
        assert raw_rows("rejected", "column_name, reason") == [("gross_amount", "unreadable_number")]
    else:
        assert raw_rows("orders", "gross_amount") == [(Decimal(amount),)]


@pytest.mark.parametrize(
    ("text", "thousands"),
    [("1'234,5", "'"), ("1\u2019234,5", "'"), ("1 234,5", " "), ("1\u00a0234,5", " "), ("1\u202f234,5", " ")],
)
def test_thousands_are_grouped_by_apostrophes_and_blanks_of_any_sort(
    home: Home, raw_rows: RawRows, text: str, thousands: str
) -> None:
    stated = SETTINGS.replace('decimal: ","', f'decimal: ",", thousands: "{thousands}"')
    read(home, [["A1", "", "2025-12-31", text]], stated)
    assert raw_rows("orders", "gross_amount") == [(Decimal("1234.5"),)]


def test_identifiers_that_lost_digits_are_rejected_without_being_shown(home: Home, raw_rows: RawRows) -> None:
    rows = [
        ["4.1670000000E+10", "1", "2025-12-31", "1"],
        ["A2", "4,167E+10", "2025-12-31", "1"],
        ["A3", "1e5x", "2025-12-31", "1"],
    ]
    read(home, rows)
    assert raw_rows("rejected", "line, column_name, reason, value") == [
        (2, "order_id", "damaged_identifier", "4.1670000000E+10"),
        (3, "customer_id", "damaged_identifier", "***"),
    ]
    assert raw_rows("orders", "order_id") == [("A3",)]


def test_an_identifier_is_the_same_with_zeros_apostrophe_or_decimal_places(
    home: Home, raw_rows: RawRows
) -> None:
    texts = ["42", "00042", "'0042", "42.0", "42,00", " 42 "]
    read(home, [[f"A{index}", text, "2025-12-31", "1"] for index, text in enumerate(texts)])
    assert len({key for (key,) in raw_rows("orders", "identifier_key")}) == 1
