"""Writes the Swiss shop's extracts as its own tool exports them: items, refunds, and the rates of the central bank.

UTF-8, commas, apostrophes between thousands, years first in dates; one file of items and one of refunds per
quarter that has any, dated the day after. Spelling only: nothing is drawn or counted here.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.demo.company import AS_OF, HISTORY_START
from pipelines.demo.exchange_rates import Quotes
from pipelines.demo.expected_purchases import quarter_starts
from pipelines.demo.orders import CANCELLED, GUEST
from pipelines.demo.survey import history_day
from pipelines.demo.swiss_shop import NO_ORDER, SwissShop

LINE_HEADINGS = ("Order", "Customer", "Ordered at", "Item", "Quantity", "Amount", "Currency", "Status")
REFUND_HEADINGS = ("Refund", "Order", "Refunded at", "Amount", "Reason")
RATE_HEADINGS = ("Date", "Currency", "Per euro")


def write_swiss_shop(landing: Path, shop: SwissShop) -> dict[str, int]:
    """Write items and refunds, a file of each per quarter; returns their rows by path below landing."""
    lines, refunds = _lines(shop), _refunds(shop)
    written: dict[str, int] = {}
    for start, end in pairwise(quarter_starts()):
        span = (history_day(start), history_day(end))
        first, last = np.searchsorted(shop.orders.days[shop.lines.orders], span)
        written |= _write(landing, f"schweiz/artikel_{end}.csv", LINE_HEADINGS, lines[first:last])
        first, last = np.searchsorted(shop.refunds.days, span)
        written |= _write(
            landing, f"schweiz_erstattungen/erstattungen_{end}.csv", REFUND_HEADINGS, refunds[first:last]
        )
    return written


def write_quotes(landing: Path, quotes: Quotes) -> dict[str, int]:
    """Write all quotes into one file; returns its rows by path below landing."""
    rows = [
        (day, "CHF", f"{quote // 10_000}.{quote % 10_000:04}")
        for day, quote in zip(_spelled(quotes.days), quotes.ten_thousandths.tolist(), strict=True)
    ]
    return _write(landing, f"kurse/kurse_{AS_OF + timedelta(days=1)}.csv", RATE_HEADINGS, rows)


def _lines(shop: SwissShop) -> list[tuple[str, ...]]:
    orders, lines = shop.orders, shop.lines
    return [
        (
            _order_number(order),
            "" if customer == GUEST else f"CH-{customer + 1:06}",
            f"{day} {minute // 60:02}:{minute % 60:02}",
            item,
            str(quantity),
            _swiss_amount(rappen),
            "CHF",
            "cancelled" if status == CANCELLED else "paid",
        )
        for order, customer, day, minute, status, item, quantity, rappen in zip(
            lines.orders.tolist(),
            orders.customers[lines.orders].tolist(),
            _spelled(orders.days[lines.orders]),
            orders.minutes[lines.orders].tolist(),
            orders.statuses[lines.orders].tolist(),
            lines.items.tolist(),
            lines.quantities.tolist(),
            lines.rappen.tolist(),
            strict=True,
        )
    ]


def _refunds(shop: SwissShop) -> list[tuple[str, ...]]:
    refunds = shop.refunds
    return [
        (
            f"R{place:05}",
            f"CH2022-{place:06}" if order == NO_ORDER else _order_number(order),
            day,
            _swiss_amount(rappen),
            reason,
        )
        for place, (order, day, rappen, reason) in enumerate(
            zip(
                refunds.orders.tolist(),
                _spelled(refunds.days),
                refunds.rappen.tolist(),
                refunds.reasons.tolist(),
                strict=True,
            ),
            start=1,
        )
    ]


def _write(
    landing: Path, path: str, headings: Sequence[str], rows: Iterable[Sequence[str]]
) -> dict[str, int]:
    lines = list(rows)
    if not lines:
        return {}
    target = landing / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows(lines)
    return {path: len(lines)}


def _spelled(days: NDArray[np.int64]) -> list[str]:
    return [(HISTORY_START + timedelta(days=day)).isoformat() for day in days.tolist()]


def _order_number(place: int) -> str:
    return f"CH{place + 1:06}"


def _swiss_amount(rappen: int) -> str:
    return f"{rappen // 100:,}".replace(",", "'") + f".{rappen % 100:02}"
