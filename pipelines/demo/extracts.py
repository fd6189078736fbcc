"""Writes the drawn company as its shop would export it: CSV in Windows-1252, surveys as spreadsheets.

Spelling only: headings, decimal commas, leading zeros, dates, labels. The same draws give the same bytes.
Personal columns (names, addresses, comments) are written because real extracts have them; treue.yml maps none
of them.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
from openpyxl import Workbook

from pipelines.demo import questionnaire
from pipelines.demo.answer_model import lowest_score, scored_items
from pipelines.demo.company import AS_OF, HISTORY_START, Company
from pipelines.demo.customers import Customers
from pipelines.demo.expected_purchases import quarter_starts
from pipelines.demo.orders import CANCELLED, FULLY_REFUNDED, GUEST, PAID, PARTLY_REFUNDED, Orders
from pipelines.demo.survey import ANONYMOUS, MISSING, Responses, history_day

CUSTOMER_HEADINGS = ("Kundennummer", "Vorname", "Nachname", "E-Mail", "Anmeldedatum", "Land", "Gewonnen über")
ORDER_HEADINGS = (
    "Bestellnummer",
    "Bestelldatum",
    "Kundennummer",
    "Betrag (€)",
    "Erstattet (€)",
    "Status",
    "Verkaufsweg",
    "Zahlungsart",
)
STATUSES = {
    PAID: "bezahlt",
    PARTLY_REFUNDED: "teilweise erstattet",
    FULLY_REFUNDED: "erstattet",
    CANCELLED: "storniert",
}
EMAIL_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "ë": "e"})


def write_customers(landing: Path, customers: Customers) -> dict[str, int]:
    """Write the customer file; returns its rows by path below landing."""
    days = _spelled_days()
    rows = (
        (_customer_number(number), given, family, _email(given, family, number), days[day], country, source)
        for number, given, family, day, country, source in zip(
            customers.numbers.tolist(),
            customers.given_names.tolist(),
            customers.family_names.tolist(),
            customers.registered_days.tolist(),
            customers.countries.tolist(),
            customers.sources.tolist(),
            strict=True,
        )
    )
    return _write_csv(landing, f"kunden/kunden_{AS_OF + timedelta(days=1)}.csv", CUSTOMER_HEADINGS, rows)


def write_orders(landing: Path, customers: Customers, orders: Orders) -> dict[str, int]:
    """Write one order file per quarter, dated the day after; returns their rows by path below landing."""
    numbers = [_customer_number(number) for number in customers.numbers.tolist()]
    days, times = _spelled_days(), [f" {minute // 60:02}:{minute % 60:02}" for minute in range(24 * 60)]
    rows = [
        (
            f"BL{place:07}",
            days[day] + times[minute],
            "" if customer == GUEST else numbers[customer],
            _german_amount(gross),
            _german_amount(refunded),
            STATUSES[status],
            channel,
            payment,
        )
        for place, (day, minute, customer, gross, refunded, status, channel, payment) in enumerate(
            zip(
                orders.days.tolist(),
                orders.minutes.tolist(),
                orders.customers.tolist(),
                orders.gross_cents.tolist(),
                orders.refunded_cents.tolist(),
                orders.statuses.tolist(),
                orders.channels.tolist(),
                orders.payments.tolist(),
                strict=True,
            ),
            start=1,
        )
    ]
    written: dict[str, int] = {}
    starts = quarter_starts()
    for start, end in pairwise(starts):
        first, last = np.searchsorted(orders.days, (history_day(start), history_day(end)))
        written |= _write_csv(
            landing, f"bestellungen/bestellungen_{end}.csv", ORDER_HEADINGS, rows[first:last]
        )
    return written


def write_responses(
    landing: Path, company: Company, customers: Customers, responses: Responses
) -> dict[str, int]:
    """Write one wave's spreadsheet; returns its rows by path below landing."""
    items = scored_items(company)
    headings = [
        questionnaire.RESPONSE_ID,
        questionnaire.CUSTOMER_NUMBER,
        questionnaire.RESPONDED_AT,
        questionnaire.CHANNEL,
        *(questionnaire.HEADINGS[item] for item in (*items, "reason", "comment")),
    ]
    path = f"umfrage/kundenbefragung_{responses.wave.delivered_on}.xlsx"
    rows = _response_rows(company, customers, responses)
    _write_spreadsheet(landing / path, headings, rows, responses.wave.delivered_on)
    return {path: responses.days.size}


def _response_rows(
    company: Company, customers: Customers, responses: Responses
) -> Iterable[tuple[str | int | None, ...]]:
    answers = [_spelled_answers(company, item, responses) for item in scored_items(company)]
    chosen = np.stack([responses.reasons[reason] for reason in questionnaire.REASONS], axis=1).tolist()
    days = _spelled_days()
    texts = list(questionnaire.REASONS.values())
    for place, (customer, day, minute, reasons, comment, channel, *cells) in enumerate(
        zip(
            responses.customers.tolist(),
            responses.days.tolist(),
            responses.minutes.tolist(),
            chosen,
            responses.comments.tolist(),
            responses.channels.tolist(),
            *answers,
            strict=True,
        ),
        start=1,
    ):
        yield (
            f"A{responses.wave.name}-{place:05}",
            # A spreadsheet takes the customer number for a number: its leading zeros are gone.
            None if customer == ANONYMOUS else int(customers.numbers[customer]),
            f"{days[day]} {minute // 60:02}:{minute % 60:02}",
            channel,
            *cells,
            questionnaire.REASON_SEPARATOR.join(
                t for t, is_chosen in zip(texts, reasons, strict=True) if is_chosen
            )
            or None,
            comment or None,
        )


def _spelled_answers(company: Company, item: str, responses: Responses) -> list[str | int]:
    labels = questionnaire.LABELS.get(item)
    lowest = lowest_score(company, item)
    missing = questionnaire.NOT_USED if item == "service" else questionnaire.MISSING
    scores = responses.scores[item].tolist()
    if labels is None:
        return [missing if score == MISSING else score for score in scores]
    return [missing if score == MISSING else labels[score - lowest] for score in scores]


def _write_csv(
    landing: Path, path: str, headings: Sequence[str], rows: Iterable[Sequence[str]]
) -> dict[str, int]:
    target = landing / path
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = list(rows)
    with target.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(headings)
        writer.writerows(lines)
    return {path: len(lines)}


def _write_spreadsheet(
    target: Path, headings: Sequence[str], rows: Iterable[tuple[str | int | None, ...]], written_on: date
) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Antworten")
    sheet.append(headings)
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_without_clock(buffer, written_on))


def _without_clock(spreadsheet: io.BytesIO, written_on: date) -> bytes:
    """The same spreadsheet with a fixed time wherever openpyxl writes the present one."""
    result = io.BytesIO()
    with zipfile.ZipFile(spreadsheet) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                stamp = f"{written_on}T08:00:00Z".encode()
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, content)
            entry = zipfile.ZipInfo(
                name, date_time=(written_on.year, written_on.month, written_on.day, 8, 0, 0)
            )
            entry.compress_type = zipfile.ZIP_DEFLATED
            copy.writestr(entry, content)
    return result.getvalue()


def _spelled_days() -> list[str]:
    return [
        (HISTORY_START + timedelta(days=day)).strftime("%d.%m.%Y")
        for day in range((AS_OF - HISTORY_START).days + 1)
    ]


def _customer_number(number: int) -> str:
    return f"{number:08}"


def _german_amount(cents: int) -> str:
    return f"{cents // 100:,}".replace(",", ".") + f",{cents % 100:02}"


def _email(given: str, family: str, number: int) -> str:
    return f"{given}.{family}.{number}@example.org".lower().translate(EMAIL_LETTERS)
