"""What a rehearsal found, as it is read in a terminal."""

from datetime import date

from pipelines.check.report import told_extract, told_unmatched
from pipelines.check.silence import assumptions
from pipelines.ingest.contracts import Extract
from tests.conftest import Home
from tests.unit.check.test_rehearsal import ORDERS, TOLERANT, findings, order
from tests.unit.ingest.test_bad_input import HEADER


def told(home: Home, text: str) -> str:
    return told_extract(findings(home, text), "Europe/Berlin", "EUR")


def test_a_file_is_told_with_its_rows_how_it_is_written_and_its_problems(home: Home) -> None:
    home.land(
        "orders/a.csv", HEADER + order(1) + order(2, status="offen") + order(3) + order(4, status="neu")
    )
    said = told(home, TOLERANT)
    assert "  orders/a.csv (csv, encoding utf-8 told from the file, delimiter ';')\n" in said
    assert "    4 rows read: 2 would be loaded, 2 rejected; known from 2026-01-02\n" in said
    assert "such as 'offen' first in orders/a.csv line 3, then 5 ('neu')\n" in said


def test_rows_that_the_contract_leaves_out_are_not_told_as_rejected(home: Home) -> None:
    rule = "    leave_out: [{column: Status, values: [offen], reason: unpaid}]\n    key:"
    home.land("orders/a.csv", HEADER + order(1) + order(2, status="offen"))
    said = told(home, ORDERS.replace("    key:", rule))
    assert "2 rows read: 1 would be loaded, 0 rejected, 1 left out;" in said
    assert "1 of 2 rows are left out as unpaid, as told" in said


def test_refused_files_and_repeats_are_told_as_such_and_the_error_stands_below(home: Home) -> None:
    home.land("orders/a.csv", HEADER + order(1, day="2025-12-31"))
    home.land("orders/b.csv", HEADER + order(2))
    home.land("orders/c.csv", HEADER + order(2))
    home.land("orders/d.csv", b"")
    said = told(home, ORDERS)
    assert "1 rows read: 0 would be loaded, 1 rejected; refused, see below\n" in said
    assert "orders/c.csv: the same bytes as orders/b.csv\n" in said
    assert "orders/d.csv: can't be read, see below\n" in said
    assert said.count("\n  ERROR: orders/") == 2


def test_columns_that_are_not_mapped_are_listed_once_and_with_their_file_where_only_some_have_them(
    home: Home,
) -> None:
    wider = HEADER.replace("\n", ";Kanal;Notiz\n")
    home.land("orders/a.csv", wider + order(1).replace("\n", ";;\n"))
    home.land("orders/b.csv", wider.replace("Notiz", "Bemerkung") + order(2).replace("\n", ";;\n"))
    said = told(home, ORDERS)
    assert "    'Kanal'\n" in said
    assert "    'Notiz' (in 1 of 2 files, first in orders/a.csv)\n" in said
    assert "    'Bemerkung' (in 1 of 2 files, first in orders/b.csv)\n" in said


def test_of_a_file_without_headings_no_cell_is_shown_as_a_column(home: Home) -> None:
    text = ORDERS.replace('decimal: ","', 'decimal: ",", header_rows: 0').replace("Bestellnummer", "1")
    text = text.replace("from: Kundennummer", "from: 2").replace("from: Bestelldatum", "from: 3")
    text = text.replace("gross_amount: Betrag", "gross_amount: 4").replace("from: Status", "from: 5")
    home.land("orders/a.csv", order(1).replace("\n", ";Ann Miller\n"))
    said = told(home, text)
    assert "    column 6\n" in said
    assert "Miller" not in said


def test_keys_of_json_lines_that_are_not_mapped_are_listed_and_ways_into_objects_are_not(home: Home) -> None:
    home.land("a.ndjson", '{"id": 1, "at": "2025-12-31", "sum": 5, "who": {"id": 7}, "note": "x"}\n')
    text = (
        ORDERS.partition("    files")[0]
        + '    files: "*.ndjson"\n    key: [order_id]\n'
        + "    columns: {order_id: id, customer_id: who.id, ordered_at: at, gross_amount: sum}\n"
    )
    assert "never read:\n    'note'\n" in told(home, text)


def test_unmatched_files_are_counted_when_there_are_many() -> None:
    said = told_unmatched([f"{number}.csv" for number in range(50)])
    assert said.endswith("39.csv\n  and 10 more")


def silence(**keys: object) -> str:
    stated: dict[str, object] = {
        "kind": "orders",
        "files": "*.csv",
        "key": "none",
        "columns": {"ordered_at": "Date", "gross_amount": "Sum"},
    }
    return "\n".join(assumptions(Extract.model_validate({**stated, **keys}), "Europe/Berlin", "EUR"))


def test_everything_that_a_contract_does_not_say_is_told_as_assumed() -> None:
    said = silence()
    for part in (
        "delivery: increment",
        "their names state no day",
        "only ISO 8601",
        "Europe/Berlin, the company's zone",
        "'.' is the decimal sign",
        "currency is not mapped: all amounts are in EUR",
        "status is not mapped: every row is completed",
        "none of customer_id, account_id, email, phone is mapped: every row is somebody unknown",
    ):
        assert part in said


def test_a_contract_that_says_everything_leaves_nothing_to_assume() -> None:
    columns = {
        "ordered_at": {"from": "Date", "format": "%d.%m.%Y", "time_zone": "Europe/Paris"},
        "gross_amount": "Sum",
        "currency": {"value": "CHF"},
        "status": {"from": "Status", "map": {"ok": "completed"}},
        "customer_id": "Customer",
    }
    said = silence(
        columns=columns,
        files="*_{delivered:%Y-%m-%d}.csv",
        delivery="increment",
        format={"decimal": ","},
    )
    assert said == "currency: where the cell is empty, EUR, the company's"


def test_times_that_name_their_own_offset_need_no_zone() -> None:
    unix = {"ordered_at": {"from": "at", "format": "unix"}, "gross_amount": "Sum"}
    assert "zone" not in silence(columns=unix)


def test_the_day_of_a_file_is_the_one_of_its_name(home: Home) -> None:
    home.land("orders/x_2025-12-31.csv", HEADER + order(1))
    text = ORDERS.replace("orders/*.csv*", "orders/*_{delivered:%Y-%m-%d}.csv")
    (file,) = findings(home, text).files
    assert file.known_on == date(2025, 12, 31)
    assert "known from the start" in told(home, text.replace("    key:", "    initial_load: true\n    key:"))
