"""A rehearsal says of every file and extract what a run would say, and leaves landing and lake as they were."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.check.rehearsal import ExtractFindings, FileFindings, rehearse, unmatched_files
from pipelines.ingest.faults import IngestRefused
from pipelines.ingest.load import Ingest
from tests.conftest import SECRET, Home
from tests.unit.ingest.test_bad_input import GOOD, HEADER, ORDERS

TODAY = date(2026, 1, 2)
TOLERANT = ORDERS.replace("    key:", "    max_rejected_share: 0.5\n    key:")
BY_DAY = ORDERS.replace("orders/*.csv*", "orders/*_{delivered:%Y-%m-%d}.csv")


def order(number: int, **other: str) -> str:
    """A good row with another order number and, by what stands there, other cells."""
    row = GOOD.replace("1001", str(number))
    for before, after in {"status": "bezahlt", "amount": "1234,50", "day": "31.12.2025"}.items():
        row = row.replace(after, other.get(before, after))
    return row


def findings(home: Home, text: str, today: date = TODAY) -> ExtractFindings:
    settings = home.settings(text)
    stage = Ingest(home.paths, settings.time_zone, settings.currency, SECRET, today)
    (found,) = rehearse(stage, settings.extracts)
    return found


def by_path(found: ExtractFindings) -> dict[str, FileFindings]:
    return {file.delivery.relative: file for file in found.files}


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_every_row_of_a_file_is_accounted_for(home: Home) -> None:
    home.land("orders/a.csv", HEADER + order(1) + order(2, status="offen") + order(3))
    (file,) = findings(home, TOLERANT).files
    assert file.manifest is not None
    assert (file.manifest.rows_read, file.manifest.rows_loaded, file.manifest.rows_rejected) == (3, 2, 1)
    assert (file.known_on, file.is_known) == (TODAY, False)


def test_problems_are_told_with_all_their_first_places(home: Home) -> None:
    bad = "".join(
        order(number, amount=text) for number, text in ((4, "zwölf"), (5, "elf"), (6, "ann@example.org"))
    )
    home.land("orders/a.csv", HEADER + order(1) + order(2) + order(3) + bad)
    (problem,) = findings(home, TOLERANT).files[0].problems
    assert (problem.reject.column, problem.reject.reason, problem.reject.row_count) == (
        "gross_amount",
        "unreadable_number",
        3,
    )
    assert problem.places == [(5, "zwölf"), (6, "elf"), (7, "***")]


def test_only_the_first_places_of_many_are_told(home: Home) -> None:
    rows = "".join(order(number, status="offen" if number % 2 else "bezahlt") for number in range(40))
    home.land("orders/a.csv", HEADER + rows)
    (problem,) = findings(home, TOLERANT).files[0].problems
    assert problem.reject.row_count == 20
    assert [line for line, _ in problem.places] == [3, 5, 7, 9, 11]


def test_a_refused_file_is_read_all_the_same_so_that_one_sees_why(home: Home) -> None:
    home.land("orders/a.csv", HEADER + order(1) + order(2, day="2025-12-31") + order(3, day="2025-12-30"))
    found = findings(home, ORDERS)
    (file,) = found.files
    assert file.known_on is None
    assert file.manifest is not None
    assert file.manifest.rows_rejected == 2
    assert [line for line, _ in file.problems[0].places] == [3, 4]
    assert "more than max_rejected_share" in found.errors[0]


def test_a_file_that_cannot_be_read_has_no_manifest_and_the_reader_says_why(home: Home) -> None:
    home.land("orders/a.csv", HEADER + order(1))
    home.land("orders/empty.csv", b"")
    found = findings(home, ORDERS)
    assert by_path(found)["orders/empty.csv"].manifest is None
    assert by_path(found)["orders/a.csv"].known_on == TODAY
    assert [error.partition(".csv: ")[2][:17] for error in found.errors] == ["the file is empty"]


def test_what_needs_several_files_is_told_too(home: Home) -> None:
    home.land("orders/a_2025-12-01.csv", HEADER + order(1))
    home.land("orders/b_2025-12-02.csv", HEADER + order(1, amount="9,99"))
    home.land("orders/c_2025-12-03.csv", HEADER.replace("\n", ";Kanal\n") + order(3).replace("\n", ";Web\n"))
    found = findings(home, BY_DAY.replace("    key:", "    every: day\n    key:"), date(2025, 12, 9))
    assert any("order_id" in error and "b_2025-12-02.csv line 2" in error for error in found.errors)
    assert any("(changed_columns" in warning and "'Kanal'" in warning for warning in found.warnings)
    assert any("(missing_delivery" in warning and "since 2025-12-03" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    "text", [ORDERS, TOLERANT, ORDERS.replace("    key:", "    on_problem: warn\n    key:")]
)
def test_errors_and_warnings_are_those_of_the_run(home: Home, text: str) -> None:
    home.land("orders/a.csv", HEADER + order(1) + order(2, status="offen"))
    home.land("orders/b.csv", HEADER + order(1, amount="1,00"))
    home.land("orders/c.csv", HEADER + order(1) + order(2, status="offen"))
    found = findings(home, text)
    try:
        said: tuple[list[str], list[str]] = ([], home.ingest(home.settings(text), TODAY).warnings)
    except IngestRefused as refused:
        said = str(refused).splitlines(), list(refused.warnings)
    assert (found.errors, found.warnings) == said


def test_a_missing_file_is_told_with_the_place_of_the_home(home: Home) -> None:
    (error,) = findings(home, ORDERS).errors
    assert f"below {home.paths.landing}" in error


def test_a_rehearsal_leaves_no_trace_in_lake_and_landing(home: Home) -> None:
    home.land("orders/a.csv", HEADER + order(1))
    home.ingest(home.settings(TOLERANT))
    home.land("orders/a.csv", HEADER + order(1, amount="2,00"))
    home.land("orders/b.csv", HEADER + order(2) + order(3, status="offen"))
    before = content(home.paths.root)
    found = findings(home, TOLERANT, date(2026, 1, 5))
    assert {path: file.known_on for path, file in by_path(found).items()} == dict.fromkeys(
        ("orders/a.csv", "orders/b.csv"), date(2026, 1, 5)
    )
    assert content(home.paths.root) == before
    assert not list(home.paths.lake.glob(".scratch-*"))


def test_known_files_still_show_their_problems_and_the_day_since_when_they_are_known(home: Home) -> None:
    home.land("orders/a.csv", HEADER + order(1) + order(2, status="offen"))
    home.ingest(home.settings(TOLERANT), seen_on=TODAY)
    (file,) = findings(home, TOLERANT, date(2026, 3, 4)).files
    assert (file.is_known, file.known_on) == (True, TODAY)
    assert file.problems[0].places == [(3, "offen")]


def test_a_notice_that_was_told_on_an_earlier_night_is_told_again(home: Home) -> None:
    home.land("orders/a.csv", HEADER + order(1))
    home.land("orders/again.csv", HEADER.strip() + "\r\n" + order(1).strip() + "\r\n")
    home.ingest(home.settings(ORDERS), seen_on=TODAY)
    found = findings(home, ORDERS, date(2026, 3, 4))
    assert (found.errors, found.warnings) == ([], [])
    assert ["(repeated_delivery" in notice for notice in found.notices] == [True]


def test_files_that_no_extract_matches_are_named(home: Home) -> None:
    for name in (
        "orders/a.csv",
        "orders/notes.txt",
        "new/export.xlsx",
        "orders/.hidden",
        "new/~$export.xlsx",
    ):
        home.land(name, HEADER)
    assert unmatched_files(home.paths.landing, home.settings(ORDERS).extracts) == [
        "new/export.xlsx",
        "orders/notes.txt",
    ]
