"""Whatever headings, cells, labels and files are called: they are read as they are, and nothing of them is run."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from pipelines.ingest.faults import IngestRefused
from pipelines.paths import HomeMisplaced
from tests import ingest_files
from tests.conftest import PROJECT, Home, RawRows
from tests.odd_names import CANARY, ODD_TEXTS, canaries, file_name

ORDERS = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2025-01-01
extracts:
  shop:
    kind: orders
    files: "*"
    key: [order_id]
    columns: {order_id: id, ordered_at: at, gross_amount: amount}
"""
ROWS = [["id", "at", "amount"], ["1", "2025-02-03", "1.50"]]
WRITERS: dict[str, Callable[[list[list[str]]], bytes]] = {
    ".csv": lambda rows: ingest_files.csv_text(rows).encode(),
    ".xlsx": ingest_files.xlsx,
    ".ndjson": lambda rows: ingest_files.ndjson(
        [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    ).encode(),
    ".parquet": lambda rows: ingest_files.parquet(
        {name: list(cells) for name, *cells in zip(*rows, strict=True)}
    ),
    ".csv.gz": lambda rows: ingest_files.gzipped(ingest_files.csv_text(rows).encode()),
    ".zip": lambda rows: ingest_files.zipped({f"../../{CANARY}": ingest_files.csv_text(rows).encode()}),
}
# By the ending of their files; the member of the archive wants to be unpacked elsewhere.


def settings_with(text: str) -> str:
    """A treue.yml in which the text stands wherever a company writes its own words."""
    shop = {
        "kind": "orders",
        "files": "orders/*",
        "key": ["order_id"],
        "leave_out": [{"column": text, "reason": "odd", "values": [f"{text}!"]}],
        "columns": {
            "order_id": "id",
            "ordered_at": "at",
            "gross_amount": "amount",
            "channel": {"from": text, "map": {text: text}, "missing": [f"{text}?"]},
        },
    }
    people = {
        "kind": "customers",
        "files": "people/*",
        "key": ["customer_id"],
        "columns": {"customer_id": "id"},
        "attributes": {"country": text},
    }
    recommend = {"id": "recommend", "column": text, "construct": "recommend", "scale": [0, 10]}
    survey = {
        "kind": "survey_responses",
        "files": "survey/*",
        "key": "none",
        "columns": {"responded_at": "at", "touchpoint": "touch"},
        "questions": [
            {**recommend, "labels": {text: 3}, "missing": [f"{text}?"]},
            {"id": "why", "column": "why", "construct": "reason", "choices": {text: text}},
            {"id": "item", "column": "item", "construct": "likert", "scale_name": text, "scale": [1, 5]},
        ],
    }
    extracts = {"shop": shop, "people": people, "survey": survey}
    head = {"time_zone": "Europe/Berlin", "currency": "EUR", "history_start": "2025-01-01"}
    company = {"company": text[:200], **head, "extracts": extracts}
    return yaml.safe_dump(company, allow_unicode=True, width=100_000)


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".ndjson", ".parquet"])
@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_headings_cells_and_labels_are_read_as_they_are(
    home: Home, raw_rows: RawRows, text: str, ending: str
) -> None:
    settings = home.settings(settings_with(text))
    tables = {
        "orders": [["id", "at", "amount", text], ["1", "2025-02-03", "1.50", text]],
        "people": [["id", text], ["7", text]],
        "survey": [["at", "touch", text, "why", "item"], ["2025-02-03", text, text, text, "4"]],
    }
    for folder, rows in tables.items():
        home.land(f"{folder}/a{ending}", WRITERS[ending](rows))
    home.ingest(settings)
    assert raw_rows("orders", "channel") == [(text,)]
    assert raw_rows("customer_attributes", "value") == [(text,)]
    assert raw_rows("survey_responses", "touchpoint") == [(text,)]
    answers = [("recommend", 3, None), ("why", None, text), ("item", 4, None)]
    assert sorted(raw_rows("survey_answers", "question, score, choice"), key=str) == sorted(answers, key=str)
    assert canaries(home.paths.root) == []
    assert not (PROJECT / CANARY).exists()


@pytest.mark.parametrize("ending", WRITERS)
def test_files_of_any_name_are_read_and_no_other_in_their_place(
    home: Home, raw_rows: RawRows, ending: str
) -> None:
    settings = home.settings(ORDERS)
    names = [
        *map(file_name, ODD_TEXTS.values()),
        "a[b]",
        "a*",
        "a?",
        "-rf",
        "~root",
        "~",
        "s3:x",
        "{a,b}",
        "ab",
    ]
    for number, name in enumerate(names):
        rows = [ROWS[0], [str(number), "2025-02-03", f"{number}.00"]]
        home.land(name + ending, WRITERS[ending](rows))
    report = home.ingest(settings)
    # Each says what it holds: none was read as a pattern that others match.
    assert sorted(int(str(row[0])) for row in raw_rows("orders", "order_id")) == list(range(len(names)))
    assert report.warnings == []
    assert sorted(manifest.path for manifest in report.read) == sorted(name + ending for name in names)
    assert canaries(home.paths.root.parent) == []


def test_a_file_whose_name_is_not_utf_8_is_refused_by_name(home: Home) -> None:
    settings = home.settings(ORDERS)
    home.land("caf\udce9.csv", WRITERS[".csv"](ROWS))
    with pytest.raises(IngestRefused, match=r"caf\\udce9\.csv: its name is not UTF-8.*Rename the file"):
        home.ingest(settings)


def test_a_link_in_an_archive_or_a_folder_of_it_leads_nowhere(home: Home, raw_rows: RawRows) -> None:
    settings = home.settings(ORDERS)
    content = ingest_files.csv_text(ROWS).encode()
    home.land("a.zip", ingest_files.zipped({f"/tmp/../{home.paths.root}/treue.yml": content}))
    before = home.paths.settings_file.read_bytes()
    home.ingest(settings)
    assert raw_rows("orders", "order_id") == [("1",)]
    assert home.paths.settings_file.read_bytes() == before


def test_rejected_cells_of_any_text_are_told_in_full_sentences(home: Home) -> None:
    settings = home.settings(ORDERS.replace("columns:", "max_rejected_share: 0.5\n    columns:"))
    for number, text in enumerate(ODD_TEXTS.values()):
        rows = [ROWS[0], [f"{number}-1", "2025-02-03", "1.50"], [f"{number}-2", "2025-02-03", text]]
        home.land(f"{number}.csv", ingest_files.csv_text(rows))
    report = home.ingest(settings)
    assert len(report.warnings) == len(ODD_TEXTS)
    for number, text in enumerate(ODD_TEXTS.values()):
        [told] = [
            each for each in report.warnings if f"{number}.csv line 3" in each and f" {number}.csv" in each
        ]
        assert repr(text[:20])[1:-1] in told
        assert len(told) < 500
    assert canaries(home.paths.root) == []


def test_a_home_in_a_folder_that_reads_as_a_pattern_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HomeMisplaced, match=r"shop \[1\] can't be a home: .* Move the home to a folder"):
        Home(tmp_path / "shop [1]")
