"""The same orders in every format that exports come in, and what the manifest notes of how each was written."""

import io
import zipfile
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from pipelines.ingest.faults import IngestRefused
from pipelines.ingest.manifests import Manifest
from tests import ingest_files
from tests.conftest import Home, RawRows

SETTINGS = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2025-01-01
extracts:
  shop:
    kind: orders
    files: "*"
    key: [order_id]
    format: {decimal: ",", thousands: "."}
    columns: {order_id: Nr, ordered_at: Datum, gross_amount: Betrag, channel: Größe}
"""
ROWS = [
    ["Nr", "Datum", "Betrag", "Größe", "Rest"],
    ["A1", "2025-07-01 10:00", "1.234,50", "groß; für 5 €", "x"],
    ["A2", "2025-12-31 23:30", "-0,99", 'zwei\n"Zeilen", hier', ""],
]
LOADED = [
    (2, "A1", datetime(2025, 7, 1, 8, 0), Decimal("1234.5"), "groß; für 5 €"),
    (3, "A2", datetime(2025, 12, 31, 22, 30), Decimal("-0.99"), 'zwei\n"Zeilen", hier'),
]
COLUMNS = "line, order_id, ordered_at, gross_amount, channel"


def read(home: Home, name: str, content: bytes, settings: str = SETTINGS) -> Manifest:
    home.land(name, content)
    (manifest,) = home.ingest(home.settings(settings)).read
    assert manifest.rows_read == manifest.rows_loaded + manifest.rows_rejected
    return manifest


def refused(home: Home, name: str, content: bytes, settings: str = SETTINGS) -> str:
    home.land(name, content)
    with pytest.raises(IngestRefused) as caught:
        home.ingest(home.settings(settings))
    assert not list(home.paths.lake.rglob("*.parquet"))
    return str(caught.value)


@pytest.mark.parametrize(
    ("encoding", "noted"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_an_encoding_that_nobody_states_is_told_from_the_bytes_and_noted(
    home: Home, raw_rows: RawRows, encoding: str, noted: str, line_end: str
) -> None:
    manifest = read(home, "a.csv", ingest_files.csv_text(ROWS, ";", line_end).encode(encoding))
    assert (manifest.file_type, manifest.encoding, manifest.delimiter) == ("csv", noted, ";")
    assert raw_rows("orders", COLUMNS) == LOADED


def test_big_endian_utf_16_with_its_mark_is_read_too(home: Home, raw_rows: RawRows) -> None:
    read(home, "a.csv", b"\xfe\xff" + ingest_files.csv_text(ROWS).encode("utf-16-be"))
    assert raw_rows("orders", COLUMNS) == LOADED


@pytest.mark.parametrize("damage", [b"\xff", b"\xc3"])
def test_damaged_utf_8_is_refused_with_its_line_and_not_taken_for_windows_text(
    home: Home, damage: bytes
) -> None:
    content = ingest_files.csv_text(ROWS).encode() + b"A3,2025-07-01,1," + damage + b",\n"
    assert "a.csv line 5: not utf-8" in refused(home, "a.csv", content)


def test_a_file_cut_within_a_letter_is_refused(home: Home) -> None:
    text = ingest_files.csv_text([["Nr", "Datum", "Betrag", "Kanal"], ["A1", "2025-07-01", "1", "Gr\u00f6"]])
    settings = SETTINGS.replace("Größe", "Kanal")
    assert "unexpected end of data" in refused(home, "a.csv", text.encode()[:-2], settings)


def test_a_stated_encoding_that_the_bytes_contradict_is_refused(home: Home) -> None:
    settings = SETTINGS.replace('decimal: ","', 'decimal: ",", encoding: utf-16')
    assert "a.csv line 1: not utf-16" in refused(
        home, "a.csv", ingest_files.csv_text(ROWS).encode(), settings
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_sign_by_which_the_headings_are_found(
    home: Home, raw_rows: RawRows, delimiter: str
) -> None:
    rows = [[*ROWS[0], "a question, of commas; and others | here"], *([*row, ""] for row in ROWS[1:])]
    text = ingest_files.csv_text(rows, delimiter)
    assert read(home, "a.csv", text.encode()).delimiter == delimiter
    assert raw_rows("orders", COLUMNS) == LOADED


def test_commas_in_unquoted_headings_do_not_outvote_the_delimiter(home: Home, raw_rows: RawRows) -> None:
    text = "Nr;Datum;Betrag;Größe;well, how, likely, is, it\nA1;2025-07-01 10:00;5,00;web;1\n"
    assert read(home, "a.csv", text.encode()).delimiter == ";"
    assert raw_rows("orders", "gross_amount, channel") == [(Decimal(5), "web")]


def test_lines_that_end_differently_are_all_lines(home: Home, raw_rows: RawRows) -> None:
    text = ingest_files.csv_text(ROWS[:1], ";", "\n") + ingest_files.csv_text(ROWS[1:], ";", "\r\n")
    read(home, "a.csv", text.encode())
    assert raw_rows("orders", COLUMNS) == LOADED


def test_empty_lines_above_the_headings_are_passed_over(home: Home, raw_rows: RawRows) -> None:
    read(home, "a.csv", ("\n\n" + ingest_files.csv_text(ROWS)).encode())
    assert [row[1:] for row in raw_rows("orders", COLUMNS)] == [row[1:] for row in LOADED]


def test_a_quote_out_of_place_costs_its_own_line_alone(home: Home, raw_rows: RawRows) -> None:
    lines = ingest_files.csv_text(ROWS, ";").encode() + b'"A3"x;2025-07-01;1,00;;\nA4;2025-07-01;2,00;;\n'
    manifest = read(home, "a.csv", lines, SETTINGS.replace("key:", "max_rejected_share: 1\n    key:"))
    assert manifest.rejected_by_reason == {"broken_quotes": 1}
    assert raw_rows("orders", "line, order_id") == [(2, "A1"), (3, "A2"), (5, "A4")]


TEXT = ingest_files.csv_text(ROWS, "\t").encode()


@pytest.mark.parametrize(
    ("name", "content", "file_type"),
    [
        ("a.tsv", TEXT, "csv"),
        ("a.TXT", TEXT, "csv"),
        ("a.csv.gz", ingest_files.gzipped(TEXT), "csv"),
        ("a.csv", ingest_files.gzipped(TEXT), "csv"),
        ("a.zip", ingest_files.zipped({"folder/export.tsv": TEXT}), "csv"),
        ("a.zip", ingest_files.zipped({"export.csv": TEXT, "__MACOSX/._export.csv": b"x", ".hidden": b"x"}), "csv"),
        ("a.xlsx", ingest_files.xlsx(ROWS), "spreadsheet"),
        ("A.XLSX", ingest_files.xlsx(ROWS), "spreadsheet"),
        ("a.xls", ingest_files.xls(ROWS), "spreadsheet"),
        ("a.ods", ingest_files.ods(ROWS), "spreadsheet"),
        ("a.zip", ingest_files.zipped({"a.xlsx": ingest_files.xlsx(ROWS)}), "spreadsheet"),
        ("a.zip", ingest_files.zipped({"a.ods": ingest_files.ods(ROWS)}), "spreadsheet"),
        ("a.xlsx.gz", ingest_files.gzipped(ingest_files.xlsx(ROWS)), "spreadsheet"),
        ("mislabelled.csv", ingest_files.xlsx(ROWS), "spreadsheet"),
        ("mislabelled.xlsx", ingest_files.xls(ROWS), "spreadsheet"),
    ],
)  # fmt: skip
def test_every_container_gives_the_same_orders(
    home: Home, raw_rows: RawRows, name: str, content: bytes, file_type: str
) -> None:
    assert read(home, name, content).file_type == file_type
    assert raw_rows("orders", COLUMNS) == LOADED


def test_parquet_gives_the_same_orders_by_its_bytes_and_counts_lines_from_the_first_row(
    home: Home, raw_rows: RawRows
) -> None:
    columns = {name: pa.array(cells) for name, *cells in zip(*ROWS, strict=True)}
    assert read(home, "mislabelled.csv", ingest_files.parquet(columns)).file_type == "parquet"
    assert raw_rows("orders", COLUMNS) == [(row[0] - 1, *row[1:]) for row in LOADED]


def test_real_dates_and_numbers_of_a_spreadsheet_need_no_layout_and_no_decimal_sign(
    home: Home, raw_rows: RawRows
) -> None:
    native: list[list[Any]] = [
        ROWS[0],
        ["A1", datetime(2025, 7, 1, 10), 1234.5, "NA", ""],
        ["A2", datetime(2025, 12, 31, 23, 30), -0.99, "None", ""],
    ]
    read(home, "a.xlsx", ingest_files.xlsx(native))
    assert raw_rows("orders", COLUMNS) == [(*LOADED[0][:4], "NA"), (*LOADED[1][:4], "None")]


def test_a_long_number_that_a_spreadsheet_cut_is_reported_as_damaged(home: Home) -> None:
    rows: list[list[Any]] = [ROWS[0], [123456789012345678, "2025-07-01", "1,00", "", ""]]
    assert "1 of 1 values of `order_id` (their column 'Nr') were turned into numbers" in refused(
        home, "a.xlsx", ingest_files.xlsx(rows)
    )


def test_a_sheet_that_claims_more_cells_than_there_is_memory_is_refused(home: Home) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for place in ("A1", "XFD1", "A1048576"):
        book.active[place] = "x"
    buffer = io.BytesIO()
    book.save(buffer)
    message = refused(home, "a.xlsx", buffer.getvalue())
    assert "a.xlsx: not a readable spreadsheet (it claims more cells than there is memory for" in message


def test_the_sheet_is_the_first_or_the_stated_one(home: Home, raw_rows: RawRows) -> None:
    stated = SETTINGS.replace('decimal: ","', 'decimal: ",", sheet: Daten')
    assert "there is no sheet 'Daten'; its sheets are 'Sheet1'" in refused(
        home, "a.xlsx", ingest_files.xlsx(ROWS), stated
    )
    home.land("a.xlsx", ingest_files.xlsx(ROWS, "Daten"))
    home.ingest(home.settings(stated))
    assert raw_rows("orders", COLUMNS) == LOADED


def test_json_lines_reach_into_objects_and_keep_dotted_keys(home: Home, raw_rows: RawRows) -> None:
    objects: list[dict[str, Any]] = [
        {"Nr": "A1", "meta": {"at": "2025-07-01T08:00:00Z"}, "Betrag.brutto": "1.234,50", "No.": "web"},
        {"Nr": "A2", "meta": {"at": "2025-12-31T22:30:00Z", "x": [1]}, "Betrag.brutto": "-0,99"},
        {"Nr": "A3", "meta": None, "Betrag.brutto": "1"},
    ]
    settings = (
        SETTINGS.replace("Datum", "meta.at").replace("Betrag", "Betrag.brutto").replace("Größe", "No.")
    ).replace("key:", "max_rejected_share: 1\n    key:")
    text = ingest_files.ndjson(objects) + "[1]\nno json\n"
    assert read(home, "a.ndjson", text.encode(), settings).rejected_by_reason == {
        "broken_json": 2,
        "missing_value": 1,
    }
    assert raw_rows("orders", "line, order_id, gross_amount, channel") == [
        (1, "A1", Decimal("1234.5"), "web"),
        (2, "A2", Decimal("-0.99"), None),
    ]


def test_numbers_of_json_have_a_point_whatever_sign_the_texts_beside_them_have(
    home: Home, raw_rows: RawRows
) -> None:
    amounts: list[Any] = [1234.5, -0.99, 7, 1e-05, "1.234,50", "0,5", 12345678901234.25]
    objects = [
        {"Nr": f"A{i}", "Datum": "2025-07-01", "Betrag": amount, "Größe": ""}
        for i, amount in enumerate(amounts)
    ]
    manifest = read(home, "a.ndjson", ingest_files.ndjson(objects).encode())
    assert manifest.rows_loaded == len(amounts)
    assert [amount for (amount,) in raw_rows("orders", "gross_amount")] == [
        Decimal(each) for each in ("1234.5", "-0.99", "7", "0", "1234.5", "0.5", "12345678901234.25")
    ]


@pytest.mark.parametrize("sign", ["\x01", "\x02", "\x00"])
def test_control_signs_in_json_lines_cost_their_own_line_alone(home: Home, sign: str) -> None:
    lines = ingest_files.ndjson(
        [{"Nr": f"A{i}", "Datum": "2025-07-01", "Betrag": "1", "Größe": ""} for i in range(3)]
    )
    settings = SETTINGS.replace("key:", "max_rejected_share: 1\n    key:")
    manifest = read(home, "a.ndjson", (lines + f'{{"Nr": "{sign}"}}\n').encode(), settings)
    assert (manifest.rows_loaded, manifest.rejected_by_reason) == (3, {"broken_json": 1})


def test_a_line_of_more_than_two_megabytes_is_rejected_in_every_format_of_lines(home: Home) -> None:
    settings = SETTINGS.replace("key:", "max_rejected_share: 1\n    key:")
    good = '{"Nr": "A1", "Datum": "2025-07-01", "Betrag": "1", "Größe": ""}\n'
    manifest = read(
        home,
        "a.ndjson",
        (good + '{"Nr": "' + "x" * 2_100_000 + '"}\n' + good.replace("A1", "A2")).encode(),
        settings,
    )
    assert (manifest.rows_loaded, manifest.rejected_by_reason) == (2, {"line_too_long": 1})


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"a.csv": TEXT, "b.csv": TEXT}, "must hold one data file and holds 2 ('a.csv', 'b.csv')"),
        ({}, "holds 0 (none)"),
        ({"a.csv": b""}, "holds an empty file"),
    ],
)
def test_an_archive_must_hold_one_file(home: Home, members: dict[str, bytes], told: str) -> None:
    content = ingest_files.zipped(members)
    # An archive without members is nothing but its end mark.
    if members:
        assert told in refused(home, "a.zip", content)
    else:
        assert "a.zip" in refused(home, "a.zip", content)


def test_a_damaged_archive_is_refused(home: Home) -> None:
    content = bytearray(ingest_files.zipped({"a.csv": TEXT}, zipfile.ZIP_STORED))
    content[40] ^= 1
    assert "a.zip: the zip archive is damaged or locked" in refused(home, "a.zip", bytes(content))


def test_repeated_headings_are_told_apart_by_their_number(home: Home, raw_rows: RawRows) -> None:
    text = "Nr,Datum,Betrag,Betrag,Größe\nA1,2025-07-01,1,2,x\n"
    assert "the heading 'Betrag' stands over several columns (3, 4)" in refused(home, "a.csv", text.encode())
    home.ingest(home.settings(SETTINGS.replace("gross_amount: Betrag", 'gross_amount: "Betrag [2]"')))
    assert raw_rows("orders", "gross_amount") == [(Decimal(2),)]
