"""Writes the drawn company as its shop would export it: customers, orders, subscriptions, in Windows-1252.

Spelling only: headings, decimal commas, leading zeros, dates. The same draws give the same bytes. Personal
columns (names, addresses) are written because real extracts have them; treue.yml maps none of them. The survey
stands in `survey_extracts`, the Swiss shop in `swiss_extracts`.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from pipelines.demo.company import AS_OF, HISTORY_DAYS, HISTORY_START
from pipelines.demo.customers import Customers
from pipelines.demo.expected_purchases import quarter_starts
from pipelines.demo.orders import CANCELLED, FULLY_REFUNDED, GUEST, PAID, PARTLY_REFUNDED, Orders
from pipelines.demo.subscriptions import HISTORY_MONTHS, PLANS, Subscriptions
from pipelines.demo.survey import history_day

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
SUBSCRIPTION_HEADINGS = (
    "Abonummer",
    "Kundennummer",
    "Tarif",
    "Bestellt am",
    "Beginn",
    "Ende",
    "Monatsbetrag",
    "Währung",
)
EMAIL_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "ë": "e"})


def write_customers(landing: Path, customers: Customers) -> dict[str, int]:
    """Write the customer file; returns its rows by path below landing."""
    days = spelled_days()
    rows = (
        (
            customer_number(number),
            given,
            family,
            email_address(given, family, number),
            days[day],
            country,
            source,
        )
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
    numbers = [customer_number(number) for number in customers.numbers.tolist()]
    days, times = spelled_days(), [f" {minute // 60:02}:{minute % 60:02}" for minute in range(24 * 60)]
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


def write_subscriptions(landing: Path, customers: Customers, subscriptions: Subscriptions) -> dict[str, int]:
    """Write the file of all subscriptions; returns its rows by path below landing."""
    days, months = spelled_days(), _spelled_months()
    rows = (
        (
            f"ABO{place:05}",
            customer_number(number),
            PLANS[plan],
            days[ordered],
            months[start],
            days[ordered] if is_withdrawn else months[end] if end < HISTORY_MONTHS else "",
            _german_amount(cents),
            currency,
        )
        for place, (number, plan, ordered, start, end, is_withdrawn, cents, currency) in enumerate(
            zip(
                customers.numbers[subscriptions.customers].tolist(),
                subscriptions.plans.tolist(),
                subscriptions.ordered_days.tolist(),
                subscriptions.start_months.tolist(),
                subscriptions.end_months.tolist(),
                subscriptions.is_withdrawn.tolist(),
                subscriptions.monthly_cents.tolist(),
                subscriptions.currencies.tolist(),
                strict=True,
            ),
            start=1,
        )
    )
    return _write_csv(landing, f"abos/abos_{AS_OF + timedelta(days=1)}.csv", SUBSCRIPTION_HEADINGS, rows)


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


def spelled_days() -> list[str]:
    """Every day of the history as the shop writes it."""
    return [(HISTORY_START + timedelta(days=day)).strftime("%d.%m.%Y") for day in range(HISTORY_DAYS)]


def _spelled_months() -> list[str]:
    return [f"01.{month % 12 + 1:02}.{HISTORY_START.year + month // 12}" for month in range(HISTORY_MONTHS)]


def customer_number(number: int) -> str:
    """A customer's number as the shop prints it."""
    return f"{number:08}"


def _german_amount(cents: int) -> str:
    return f"{cents // 100:,}".replace(",", ".") + f",{cents % 100:02}"


def email_address(given: str, family: str, number: int) -> str:
    """An address that nobody has."""
    return f"{given}.{family}.{number}@example.org".lower().translate(EMAIL_LETTERS)
