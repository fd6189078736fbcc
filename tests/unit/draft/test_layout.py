"""How an undescribed file is written is told for every format; of files that can't be read the readers say why."""

from typing import Any

import pytest

from pipelines.ingest.faults import FileFault
from tests import ingest_files
from tests.unit.draft.drafts import contract, draft_of

ROWS: list[list[Any]] = [
    ["Order", "Customer", "Placed", "Amount"],
    *([f"A-{number}", f"C{number % 3}", f"2025-01-{number:02}", f"{number}.50"] for number in range(1, 29)),
]
COLUMNS = {
    "order_id": "Order",
    "customer_id": {"from": "Customer", "normalise": ["strip_zeros"]},
    "ordered_at": "Placed",
    "gross_amount": "Amount",
}
CSV = ingest_files.csv_text(ROWS)
FILES: dict[str, str | bytes] = {
    "a.csv": CSV,
    "a.tsv": ingest_files.csv_text(ROWS, "\t"),
    "semicolons.csv": ingest_files.csv_text(ROWS, ";", quote_all=True),
    "bars.txt": ingest_files.csv_text(ROWS, "|"),
    "windows.csv": ingest_files.csv_text(ROWS, line_end="\r\n").encode("utf-16"),
    "a.csv.gz": ingest_files.gzipped(CSV.encode()),
    "a.zip": ingest_files.zipped({"inside/a.csv": CSV.encode()}),
    "a.xlsx": ingest_files.xlsx(ROWS),
    "a.xls": ingest_files.xls(ROWS),
    "a.ods": ingest_files.ods(ROWS),
    "a.parquet": ingest_files.parquet(dict(zip(ROWS[0], zip(*ROWS[1:], strict=True), strict=True))),
    "a.ndjson": ingest_files.ndjson([dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]),
    "blanks.txt": ingest_files.csv_text(ROWS, "   "),
}


@pytest.mark.parametrize("name", FILES)
def test_the_same_table_in_every_format_gives_the_same_columns(name: str) -> None:
    found = contract(draft_of(FILES[name], name))
    assert (found["kind"], found["key"]) == ("orders", ["order_id"])
    assert found["columns"] == COLUMNS


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        ("a.csv", {"type": "csv", "delimiter": ",", "encoding": "utf-8"}),
        ("a.tsv", {"type": "csv", "delimiter": "\t", "encoding": "utf-8"}),
        ("semicolons.csv", {"type": "csv", "delimiter": ";", "encoding": "utf-8"}),
        ("windows.csv", {"type": "csv", "delimiter": ","}),
        ("a.ods", {"type": "spreadsheet"}),
        ("a.ndjson", {"type": "ndjson", "encoding": "utf-8"}),
        ("blanks.txt", {"type": "csv", "delimiter": "blanks", "encoding": "utf-8"}),
    ],
)
def test_what_was_told_from_the_file_is_stated(name: str, stated: dict[str, str]) -> None:
    assert contract(draft_of(FILES[name], name))["format"] == stated


def test_windows_1252_is_stated_where_the_file_is_no_utf_8() -> None:
    content = CSV.replace("Amount", "Betrag (€)").encode("cp1252")
    assert contract(draft_of(content))["format"]["encoding"] == "cp1252"


def test_title_lines_above_the_table_are_counted_as_headings() -> None:
    rows = [["Orders of January", "", "", ""], ["", "", "", ""], *ROWS]
    found = contract(draft_of(ingest_files.xlsx(rows), "a.xlsx"))
    assert (found["format"]["header_rows"], found["format"]["names_row"]) == (3, 3)
    assert found["columns"] == COLUMNS


def test_without_headings_columns_are_named_by_position_and_no_cell_is_taken_for_a_heading() -> None:
    text = draft_of(ingest_files.csv_text(ROWS[1:]))
    found = contract(text)
    assert found["format"]["header_rows"] == 0
    assert found["columns"] == {"ordered_at": 3, "gross_amount": 4}
    assert "A-1" not in text


def test_of_several_sheets_the_fullest_is_taken() -> None:
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(ingest_files.xlsx([["Read me"]], "About")))
    sheet = book.create_sheet("Data")
    for row in ROWS:
        sheet.append(row)
    saved = io.BytesIO()
    book.save(saved)
    text = draft_of(saved.getvalue(), "a.xlsx")
    assert contract(text)["format"]["sheet"] == "Data"
    assert "# of About, Data" in text


def test_a_heading_that_stands_twice_is_numbered() -> None:
    rows = [
        ["Order", "Date", "Date", "Total"],
        ["1", "2025-01-01", "2025-01-02", "5"],
        ["2", "2025-01-01", "", "6"],
    ]
    assert contract(draft_of(ingest_files.csv_text(rows)))["columns"]["ordered_at"] == "Date [1]"


def test_an_object_within_json_lines_is_reached_into() -> None:
    objects = [
        {"id": n, "at": "2025-01-01", "total": 5.5, "customer": {"id": n, "city": "X"}} for n in range(9)
    ]
    columns = contract(draft_of(ingest_files.ndjson(objects), "a.ndjson"))["columns"]
    assert columns["customer_id"]["from"] == "customer.id"


def test_a_long_export_is_turned_so_that_its_questions_are_found() -> None:
    rows = [["Response ID", "Date", "Question", "Answer"]]
    for number in range(8):
        rows.append([str(number), "2025-01-01", "Would you recommend us?", str(number + 2)])
        rows.append([str(number), "2025-01-01", "How satisfied are you overall?", "Very satisfied"])
    found = contract(draft_of(ingest_files.csv_text(rows)))
    assert found["format"]["question_column"] == "Question"
    assert found["format"]["response_columns"] == ["Response ID", "Date"]
    assert [(each["column"], each["construct"]) for each in found["questions"]] == [
        ("How satisfied are you overall?", "overall_satisfaction"),
        ("Would you recommend us?", "recommend"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("cut.csv.gz", ingest_files.gzipped(CSV.encode())[:40], "damaged or cut off"),
        ("two.zip", ingest_files.zipped({"a.csv": b"x", "b.csv": b"y"}), "holds 2"),
        ("no.parquet", b"PAR1 and no more", "not a readable Parquet file"),
        ("no.xlsx", b"PK\x03\x04 and no more", "damaged or locked|not a readable spreadsheet"),
        ("lines.csv", b"\n\n\n", "no column with a name"),
        ("no.ndjson", b"not one object\n", "no column with a name"),
        ("broken.csv", "Ort;Ümläut\n".encode() + b"\xc3(;x\n", "not utf-8"),
    ],
)
def test_a_file_that_cannot_be_read_gets_the_error_of_its_reader(
    name: str, content: bytes, said: str
) -> None:
    with pytest.raises(FileFault, match=said):
        draft_of(content, name)


def test_a_file_of_a_hundred_columns_is_described() -> None:
    names = [f"column {number}" for number in range(100)]
    rows = [names, [str(number) for number in range(100)], [str(number) for number in range(100)]]
    assert "    #   and 3" in draft_of(ingest_files.csv_text(rows), "wide.csv")
