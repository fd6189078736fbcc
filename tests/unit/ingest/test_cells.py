"""What a cell's text becomes, and when it has no value."""

from datetime import UTC, datetime
from decimal import Decimal

import duckdb
import pytest

from pipelines.ingest import cells
from pipelines.ingest.amounts import decimal as amount
from pipelines.ingest.answers import choices, score
from pipelines.ingest.cells import Surroundings
from pipelines.ingest.contracts import Column, FileFormat, Question
from pipelines.ingest.expressions import clean
from pipelines.ingest.kinds import ColumnSpec


def value_of(expression: str, text: str | None) -> object:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        return connection.execute(
            f"select {expression} from (select $text as cell)", {"text": text}
        ).fetchall()[0][0]


def both(cell: cells.Cell, text: str | None) -> tuple[object, object]:
    return value_of(cell.value, text), value_of(cell.problem, text)


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "expected"),
    [
        ("1234,50", ",", "", "1234.5000"),
        ("1.234,50", ",", ".", "1234.5000"),
        ("1.234.567", ",", ".", "1234567.0000"),
        ("12.34,5", ",", ".", None),
        ("1.5", ",", ".", None),
        ("1,234.5", ".", ",", "1234.5000"),
        ("-0.00005", ".", "", "-0.0001"),
        ("1e-05", ".", "", "0.0000"),
        ("4.95", ".", "", "4.9500"),
        ("", ".", "", None),
        ("free", ".", "", None),
        ("99999999999999999", ".", "", None),
        ("１２", ".", "", None),  # noqa: RUF001
    ],
)
def test_numbers_are_read_by_the_stated_signs_alone(
    text: str, decimal: str, thousands: str, expected: str | None
) -> None:
    expression = amount(clean("cell"), FileFormat(decimal=decimal, thousands=thousands))  # type: ignore[arg-type]
    assert value_of(expression, text) == (Decimal(expected) if expected else None)


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("31.12.2025 18:05", {"format": "%d.%m.%Y %H:%M"}, datetime(2025, 12, 31, 17, 5, tzinfo=UTC)),
        ("01.07.2025 18:05", {"format": "%d.%m.%Y %H:%M"}, datetime(2025, 7, 1, 16, 5, tzinfo=UTC)),
        ("2025-12-31 18:05", {}, datetime(2025, 12, 31, 17, 5, tzinfo=UTC)),
        ("2025-12-31", {}, datetime(2025, 12, 30, 23, 0, tzinfo=UTC)),
        ("2025-12-31T18:05:00Z", {}, datetime(2025, 12, 31, 18, 5, tzinfo=UTC)),
        ("2025-12-31 18:05:00-05:00", {}, datetime(2025, 12, 31, 23, 5, tzinfo=UTC)),
        ("2025-12-31 18:05:00 +0100", {}, datetime(2025, 12, 31, 17, 5, tzinfo=UTC)),
        ("2025-12-31 18:05 -05:30", {}, datetime(2025, 12, 31, 23, 35, tzinfo=UTC)),
        ("2025-12-31T18:05:00.5 +02", {}, datetime(2025, 12, 31, 16, 5, 0, 500_000, tzinfo=UTC)),
        ("2025-12-31 18:05:00 Z", {}, datetime(2025, 12, 31, 18, 5, tzinfo=UTC)),
        ("2025-12-31 18:05:00 UTC", {}, datetime(2025, 12, 31, 18, 5, tzinfo=UTC)),
        ("2025-12-31 18:05:00 America/New_York", {}, None),
        ("1767204300", {"format": "unix"}, datetime(2025, 12, 31, 18, 5, tzinfo=UTC)),
        ("1767204300,5", {"format": "unix"}, datetime(2025, 12, 31, 18, 5, 0, 500_000, tzinfo=UTC)),
        (
            "12/31/25",
            {"format": ["%d.%m.%Y", "%m/%d/%y"], "time_zone": "UTC"},
            datetime(2025, 12, 31, tzinfo=UTC),
        ),
        ("30.02.2025", {"format": "%d.%m.%Y"}, None),
    ],
)
def test_dates_are_read_in_their_layout_and_zone(
    text: str, column: dict[str, object], expected: datetime | None
) -> None:
    around = Surroundings("Europe/Berlin", "EUR", FileFormat())
    spec = ColumnSpec("timestamp", is_required=True)
    cell = cells.typed("ordered_at", Column.model_validate({"from": "x", **column}), spec, "cell", around)
    value, problem = both(cell, text)
    assert value == expected
    assert problem == (None if expected else "unreadable_date")


@pytest.mark.parametrize(
    ("steps", "text", "expected"),
    [
        (["strip_zeros"], " 000421 ", "421"),
        (["strip_zeros"], "000", "0"),
        (["strip_decimal"], "13085.0", "13085"),
        (["strip_decimal"], "10.5", "10.5"),
        (["strip_apostrophe", "strip_zeros"], "'0042", "42"),
        (["email"], " Eva.Linde@Example.ORG\u00a0", "eva.linde@example.org"),
        (["phone"], "0049 (0)30 / 12-34", "+49301234"),
        (["phone"], "+49 30 1234", "+49301234"),
        (["phone"], "(030) 1234", "0301234"),
        (["phone"], "none", None),
        ([], "   ", None),
    ],
)
def test_identifiers_take_one_form(steps: list[str], text: str, expected: str | None) -> None:
    assert value_of(cells.normalised(clean("cell"), steps), text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sehr\u00a0zufrieden", (5, None)),
        ("sehr  zufrieden", (5, None)),
        ("4", (4, None)),
        ("4.0", (4, None)),
        ("keine Angabe", (None, None)),
        (None, (None, None)),
        ("6", (6, "outside_scale")),
        ("prima", (None, "unknown_label")),
    ],
)
def test_answers_are_scored_by_label_or_digits(text: str | None, expected: tuple[object, object]) -> None:
    question = Question.model_validate(
        {
            "id": "satisfaction", "column": "x", "construct": "overall_satisfaction", "scale": [1, 5],
            "labels": {"sehr zufrieden": 5, "unzufrieden": 1}, "missing": ["Keine Angabe"],
        }
    )  # fmt: skip
    assert both(score(question, "cell"), text) == expected


def test_a_multi_select_gives_each_choice_once_and_refuses_unknown_ones_without_showing_them() -> None:
    question = Question.model_validate(
        {
            "id": "reasons", "column": "x", "construct": "reason", "separator": ";",
            "choices": {"Lieferzeit": "delivery", "Preis": "price"},
        }
    )  # fmt: skip
    cell = choices(question, "cell")
    assert both(cell, "Preis; lieferzeit;Preis;") == (["delivery", "price"], None)
    assert value_of(cell.problem, "Preis; weil ich Eva Linde bin") == "unknown_choice"
    assert value_of(cell.shown, "Preis; weil ich Eva Linde bin") == "***"


def test_an_identity_column_shows_nothing_and_an_address_in_the_wrong_column_is_masked() -> None:
    around = Surroundings("Europe/Berlin", "EUR", FileFormat())
    person = cells.typed("customer_id", Column.model_validate("x"), ColumnSpec("identifier"), "cell", around)
    amount = cells.typed("gross_amount", Column.model_validate("x"), ColumnSpec("decimal"), "cell", around)
    assert value_of(person.shown, "0042") == "***"
    assert value_of(amount.shown, "eva@example.org") == "***"
    assert value_of(amount.shown, "+49 (0)151 234567-89") == "***"
    assert value_of(amount.shown, "call 0049151234567") == "***"
    assert [value_of(amount.shown, text) for text in ("12,x", "2025-12-31 24:61", "1.000.000,00x")] == [
        "12,x", "2025-12-31 24:61", "1.000.000,00x",
    ]  # fmt: skip
