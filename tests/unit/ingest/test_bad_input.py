"""Every kind of bad input gets an error that names file, place and remedy, and takes no row."""

import gzip
import re
from pathlib import Path

import pytest

from pipelines.ingest.faults import IngestRefused
from pipelines.settings_file import SettingsError
from tests.conftest import Home, RawRows

ORDERS = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2025-01-01
extracts:
  shop_orders:
    kind: orders
    files: "orders/*.csv*"
    key: [order_id]
    format: {type: csv, delimiter: ";", decimal: ","}
    columns:
      order_id: Bestellnummer
      customer_id: {from: Kundennummer, id_space: shop, normalise: strip_zeros}
      ordered_at: {from: Bestelldatum, format: "%d.%m.%Y %H:%M"}
      gross_amount: Betrag
      status: {from: Status, map: {bezahlt: completed, storniert: cancelled}}
"""
SURVEY = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2025-01-01
extracts:
  befragung:
    kind: survey_responses
    files: "*.csv"
    key: [response_id]
    columns: {response_id: id, responded_at: am}
    questions:
      - {id: recommend, column: Empfehlung, construct: recommend, scale: [0, 10], missing: [weiß nicht]}
"""
HEADER = "Bestellnummer;Kundennummer;Bestelldatum;Betrag;Status\n"
GOOD = "1001;0042;31.12.2025 18:05;1.234,50;bezahlt\n".replace("1.234,50", "1234,50")


def refused(home: Home, settings_text: str) -> str:
    settings = home.settings(settings_text)
    with pytest.raises(IngestRefused) as caught:
        home.ingest(settings)
    assert not list(home.paths.lake.glob("raw/**/*.parquet")), "a refused file must leave nothing in the lake"
    assert not list(home.paths.lake.glob(".scratch-*")), "scratch folders must go"
    return str(caught.value)


def test_a_pattern_that_matches_no_file_is_refused_and_names_pattern_and_folder(home: Home) -> None:
    message = refused(home, ORDERS)
    assert "extract shop_orders: no file matches 'orders/*.csv*' below" in message
    assert "on_problem: warn" in message


def test_an_empty_file_is_refused(home: Home) -> None:
    home.land("orders/a.csv", b"")
    assert "orders/a.csv: the file is empty (0 bytes). Ask for it again" in refused(home, ORDERS)


def test_a_wrong_delimiter_is_refused_and_the_right_one_named(home: Home) -> None:
    home.land("orders/a.csv", HEADER + GOOD)
    message = refused(home, ORDERS.replace('delimiter: ";"', 'delimiter: ","'))
    assert "orders/a.csv line 1: the column 'Bestellnummer' is missing" in message
    assert "';' would" in message


def test_a_missing_column_is_refused_with_the_columns_that_are_there_and_the_nearest(home: Home) -> None:
    home.land("orders/a.csv", HEADER.replace("Betrag", "Betrg") + GOOD)
    message = refused(home, ORDERS)
    assert "the column 'Betrag' is missing" in message
    assert "Did you mean 'Betrg'?" in message


@pytest.mark.parametrize(
    ("cell", "replacement", "told"),
    [
        (
            "bezahlt",
            "retourniert",
            "1 of 1 values of `status` (their column 'Status') have no entry in its map",
        ),
        ("31.12.2025 18:05", "2025/12/31", "can't be read as a date by '%d.%m.%Y %H:%M'"),
        ("31.12.2025 18:05", "31.02.2025 18:05", "can't be read as a date"),
        ("31.12.2025 18:05", "", "are empty, and the column is needed"),
        ("1234,50", "12,34,50", "can't be read as a number (decimal sign ',')"),
        ("1234,50", "1.234,50", "can't be read as a number"),
    ],
)
def test_an_unreadable_cell_is_refused_with_column_reason_and_line(
    home: Home, cell: str, replacement: str, told: str
) -> None:
    home.land("orders/a.csv", HEADER + GOOD.replace(cell, replacement))
    message = refused(home, ORDERS)
    assert told in message
    assert "first in orders/a.csv line 2" in message


def test_few_unreadable_rows_are_rejected_and_the_rest_is_loaded(home: Home, raw_rows: RawRows) -> None:
    lines = [GOOD.replace("1001", str(1000 + i)) for i in range(200)]
    lines[150] = lines[150].replace("bezahlt", "retourniert")
    home.land("orders/a.csv", HEADER + "".join(lines))
    report = home.ingest(home.settings(ORDERS))
    manifest = report.read[0]
    assert (manifest.rows_read, manifest.rows_loaded, manifest.rows_rejected) == (200, 199, 1)
    assert raw_rows("rejected", "line, column_name, reason, value") == [
        (152, "status", "unmapped_value", "retourniert")
    ]
    assert re.search(r"1 of 200 values .* 'retourniert' first in orders/a.csv line 152", report.warnings[0])


@pytest.mark.parametrize(
    ("score", "told"), [("11", "lie outside its scale (allowed: 0 to 10)"), ("8.5", "are no whole number")]
)
def test_a_score_outside_its_scale_is_refused_and_the_scale_named(home: Home, score: str, told: str) -> None:
    home.land("a.csv", f"id,am,Empfehlung\n1,2025-07-01,{score}\n")
    message = refused(home, SURVEY)
    assert f"`recommend` (their column 'Empfehlung') {told}" in message


def test_do_not_know_is_kept_as_missing_and_never_zero_and_a_blank_leaves_no_row(
    home: Home, raw_rows: RawRows
) -> None:
    home.land("a.csv", "id,am,Empfehlung\n1,2025-07-01,Weiß  nicht\n2,2025-07-01,\n3,2025-07-01,0\n")
    home.ingest(home.settings(SURVEY))
    assert raw_rows("survey_answers", "line, score, is_missing") == [(2, None, True), (4, 0, False)]
    assert len(raw_rows("survey_responses")) == 3


def test_one_order_id_with_two_amounts_is_refused_with_both_places(home: Home) -> None:
    home.land("orders/a.csv", HEADER + GOOD + GOOD.replace("1234,50", "99,00"))
    settings = home.settings(ORDERS)
    places = "orders/a.csv line 3 says other things of the same ['order_id'] than orders/a.csv line 2"
    with pytest.raises(IngestRefused, match=re.escape(places)) as caught:
        home.ingest(settings)
    assert "delivery: changes" in str(caught.value)
    with pytest.raises(IngestRefused):
        home.ingest(settings)


def test_an_order_repeated_with_equal_cells_is_no_conflict(home: Home) -> None:
    home.land("orders/a.csv", HEADER + GOOD + GOOD)
    assert home.ingest(home.settings(ORDERS)).rows_loaded == 2


def test_a_truncated_gzip_is_refused(home: Home) -> None:
    packed = gzip.compress((HEADER + GOOD * 5000).encode())
    home.land("orders/a.csv.gz", packed[: len(packed) // 2])
    assert "orders/a.csv.gz: the gzip archive is damaged or cut off" in refused(home, ORDERS)


def test_a_quote_that_never_closes_is_refused_with_its_line(home: Home) -> None:
    home.land("orders/a.csv", HEADER + GOOD + '"' + GOOD * 3)
    assert 'orders/a.csv line 3: a quote (") is opened and never closed' in refused(home, ORDERS)


def test_a_file_in_another_encoding_is_refused_with_the_line(home: Home) -> None:
    home.land("orders/a.csv", HEADER + GOOD + GOOD.replace("0042", "Müller"), encoding="cp1252")
    message = refused(home, ORDERS.replace('decimal: ","', 'decimal: ",", encoding: utf-8'))
    assert "orders/a.csv line 3: not utf-8" in message
    assert "encoding: cp1252" in message


def test_a_damaged_parquet_file_is_refused(home: Home) -> None:
    home.land("orders/a.csv", b"PAR1 and then nothing")
    message = refused(home, ORDERS.replace('type: csv, delimiter: ";", decimal: ","', "type: parquet"))
    assert "orders/a.csv: not a readable Parquet file" in message


def test_a_damaged_spreadsheet_is_refused(home: Home) -> None:
    home.land("orders/a.csv", b"PK\x03\x04 and then nothing")
    message = refused(home, ORDERS.replace('type: csv, delimiter: ";", decimal: ","', "type: spreadsheet"))
    assert "orders/a.csv: not a readable spreadsheet" in message


def test_all_faults_of_a_night_are_told_at_once(home: Home) -> None:
    home.land("orders/a.csv", b"")
    home.land("orders/b.csv", HEADER.replace("Status", "Stand") + GOOD)
    message = refused(home, ORDERS)
    assert "orders/a.csv: " in message
    assert "orders/b.csv line 1: " in message


def test_with_warn_the_night_goes_on_without_the_file(home: Home) -> None:
    home.land("orders/a.csv", b"")
    home.land("orders/b.csv", HEADER + GOOD)
    report = home.ingest(
        home.settings(ORDERS.replace("    kind: orders", "    kind: orders\n    on_problem: warn"))
    )
    assert report.rows_loaded == 1
    assert any("orders/a.csv: the file is empty" in warning for warning in report.warnings)


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("delimeter", "delimiter", "line 10, extracts.shop_orders.format.delimeter: unknown key 'delimeter'"),
        ("kind: order\n", "kind: orders\n", "'order' is not allowed; allowed: 'orders'"),
        ("gross_ammount", "gross_amount", "did you mean 'gross_amount'?"),
        ("Europe/Berln", "Europe/Berlin", "line 2, time_zone: not a time zone"),
        ("bezahlt: paid", "bezahlt: completed", "'paid' is not allowed; allowed: completed, cancelled"),
        ("key: [order_number]", "key: [order_id]", "the key of orders is"),
        ("company: [", "company: Blumenhaus Linde", "not valid YAML"),
    ],
)
def test_a_typo_in_the_settings_is_told_with_line_key_and_what_was_allowed(
    home: Home, wrong: str, right: str, told: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        home.settings(ORDERS.replace(right, wrong))
    assert told in str(caught.value)
    assert str(home.paths.settings_file) in str(caught.value)


def test_a_home_without_settings_is_told_what_a_home_needs(tmp_path: Path) -> None:
    from pipelines.settings import load_settings

    with pytest.raises(SettingsError, match=r"treue.yml does not exist"):
        load_settings(tmp_path)
