"""Reads the files of a drawn home as anybody could, without the pipeline."""

import csv
import gzip
import json
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any

from openpyxl import load_workbook


def read_csv(path: Path) -> list[dict[str, str]]:
    is_swiss = path.parent.name in ("schweiz", "schweiz_erstattungen", "kurse")
    with path.open(encoding="utf-8" if is_swiss else "cp1252", newline="") as file:
        return list(csv.DictReader(file, delimiter="," if is_swiss else ";"))


def read_folder(home: Path, folder: str) -> list[dict[str, str]]:
    return [row for path in sorted((home / "landing" / folder).iterdir()) for row in read_csv(path)]


def read_invitations(path: Path) -> list[dict[str, Any]]:
    """The objects of a packed file, with the keys of inner objects behind a dot."""
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    return [
        {name: cell for name, cell in row.items() if name != "kunde"}
        | {f"kunde.{name}": cell for name, cell in row["kunde"].items()}
        for row in rows
    ]


def read_any(path: Path) -> list[dict[str, Any]]:
    readers = {".xlsx": read_wave, ".gz": read_invitations, ".csv": read_csv}
    return readers[path.suffix](path)


def read_orders(home: Path) -> list[dict[str, str]]:
    return read_folder(home, "bestellungen")


def read_swiss_orders(home: Path) -> dict[str, dict[str, Any]]:
    """Customer, day, francs and whether it is a purchase of every order, from its lines and refunds."""
    orders: dict[str, dict[str, Any]] = {}
    for line in read_folder(home, "schweiz"):
        order = orders.setdefault(
            line["Order"], line | {"francs": Decimal(0), "refunded": Decimal(0), "lines": 0}
        )
        order["francs"] += francs(line["Amount"])
        order["lines"] += 1
    for refund in read_folder(home, "schweiz_erstattungen"):
        if refund["Order"] in orders:
            orders[refund["Order"]]["refunded"] += francs(refund["Amount"])
    for order in orders.values():
        if order["Status"] == "cancelled":
            order["refunded"] = order["francs"]
        order["is_purchase"] = order["refunded"] < order["francs"]
    return orders


def rate_of(home: Path, day: date) -> Decimal | None:
    """Euros for a franc, by the file of rates alone."""
    quotes = {row["Date"]: row["Per euro"] for row in read_folder(home, "kurse")}
    for age in range(8):
        quote = quotes.get((day - timedelta(days=age)).isoformat())
        if quote:
            return (1 / Decimal(quote)).quantize(Decimal("1e-8"), ROUND_HALF_UP)
    return None


def read_wave(path: Path) -> list[dict[str, Any]]:
    headings, *rows = load_workbook(path, read_only=True)["Antworten"].iter_rows(values_only=True)
    # A row ends with its last filled cell.
    return [dict(zip_longest(headings, row)) for row in rows]


def francs(text: str) -> Decimal:
    return Decimal(text.replace("'", ""))


def euros(text: str) -> Decimal:
    return Decimal(text.replace(".", "").replace(",", "."))
