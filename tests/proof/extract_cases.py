"""Extracts drawn at random whose meaning is known: what every row of a file must become.

A case is drawn from its number alone. Meaning is made first, then written in the case's format, then single cells
and rows are damaged. What must stay out: reading them back.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from tests import ingest_files

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC")
WRITTEN_OUT = (
    "%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%Y%m%dT%H%M%S", "%d %B %Y %H:%M:%S",
)  # fmt: skip
LAYOUTS = ((*WRITTEN_OUT, "excel"), (*WRITTEN_OUT, "unix"))
# A column may mix written dates with numbers, but not two sorts of numbers.
TEXTS = (
    "web", "Laden", 'says "no"', "a;b", "a,b", "a|b", "two\nlines", "NA", "null", "None", "N/A", "'", "#1", "0",
    "Größe", "€ 5", "x — y", "true", "1e5", "-", "\\", "{}",
)  # fmt: skip
FAR_TEXTS = ("日本語", "Привет", "naïve ☕", "𝄞 clef", "İstanbul")
CURRENCIES = ("", "€ ", " €", "EUR ", " EUR", "$")
STATUSES = {"bezahlt": "completed", "storniert": "cancelled", "Gutschrift": "cancellation"}
EXCEL_DAY_ZERO = datetime(1899, 12, 30)


@dataclass(frozen=True)
class Order:
    """What one row of the file means; `rejected` names the damaged column and the reason."""

    line: int
    order_id: str
    customer: str | None
    ordered_at: datetime
    gross_amount: Decimal
    status: str
    channel: str | None
    rejected: tuple[str | None, str] | None = None


@dataclass
class Case:
    """A file, its contract and its meaning; `told` is what the manifest must note of the file."""

    name: str
    content: bytes
    contract: dict[str, Any]
    orders: list[Order]
    told: Mapping[str, str | None] = field(default_factory=dict)


@dataclass
class Manner:
    """How the cells of one file are written."""

    kind: str
    chance: random.Random
    zone: str
    layouts: list[str]
    decimal: str
    thousands: str
    currency: str
    is_native: bool
    texts: tuple[str, ...]

    def moment(self, at: datetime) -> Any:
        local = at.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        if self.is_native:
            return local
        if not self.layouts:
            return local.isoformat(self.chance.choice((" ", "T")))
        layout = self.chance.choice(self.layouts)
        if layout == "excel":
            return f"{(local - EXCEL_DAY_ZERO) / timedelta(days=1):.8f}"
        return str(int(at.timestamp())) if layout == "unix" else local.strftime(layout)

    def amount(self, value: Decimal) -> Any:
        if self.is_native:
            return float(value)
        whole, _, fraction = f"{abs(value):,.2f}".partition(".")
        grouped = whole.replace(",", self.thousands if self.chance.random() < 0.8 else "")
        text = grouped + self.decimal + fraction
        is_before = self.currency.endswith((" ", "$"))
        money = self.currency + text if is_before else text + self.currency
        if value >= 0:
            return money
        return self.chance.choice((f"-{money}", f"{text}-", f"({text})"))


def case_of(number: int) -> Case:
    """The case of this number."""
    chance = random.Random(f"extract {number}")
    kind = chance.choice(
        ("csv", "csv", "csv", "csv.gz", "zip", "tsv", "xlsx", "xls", "ods", "parquet", "ndjson")
    )
    encoding = _encoding(kind, chance)
    manner = _manner(kind, encoding, chance)
    line = 2 if kind not in ("parquet", "ndjson") else 1
    orders = [_order(line + index, manner, chance) for index in range(chance.choice((0, 1, 5, 20, 40)))]
    orders = [order for order in orders if _is_in_one_hour(order.ordered_at, manner.zone)]
    orders = [_renumbered(order, line + index) for index, order in enumerate(orders)]
    names = _names(chance)
    damage = chance.choice((0, 0.1, 0.5))
    rows, meant = [], []
    for order in orders:
        row = _row(order, manner)
        if chance.random() < damage:
            row, order = _damaged_cell(row, order, manner, chance)  # noqa: PLW2901
        rows.append(row)
        meant.append(order)
    write: Callable[..., _Written] = WRITERS.get(kind, _write_text)
    written = write(kind, names, rows, meant, manner, encoding, chance, damage)
    contract = _contract(names, manner, written.contract)
    return Case(written.name, written.content, contract, written.orders, written.told)


def _encoding(kind: str, chance: random.Random) -> str:
    if kind == "ndjson":
        return chance.choice(("utf-8", "utf-8-sig", "utf-16"))
    return chance.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"))


def _manner(kind: str, encoding: str, chance: random.Random) -> Manner:
    is_native = kind in ("parquet", "xlsx") and chance.random() < 0.5
    decimal = "." if is_native else chance.choice((".", ","))
    many = kind in ("xlsx", "xls", "ods", "parquet", "ndjson") or encoding.startswith("utf")
    return Manner(
        kind=kind,
        chance=chance,
        zone=chance.choice(ZONES),
        layouts=[] if is_native else chance.sample(chance.choice(LAYOUTS), chance.choice((0, 1, 3))),
        decimal=decimal,
        thousands=chance.choice(("", "." if decimal == "," else ",", "'", " ")),
        currency=chance.choice(CURRENCIES),
        is_native=is_native,
        texts=TEXTS + (FAR_TEXTS if many else ()),
    )


def _order(line: int, manner: Manner, chance: random.Random) -> Order:
    at = datetime(2022, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(4 * 365 * 86400))
    cents = chance.choice((chance.randrange(100, 10_000), chance.randrange(10**9), 0))
    amount = (Decimal(cents) / 100).quantize(Decimal("0.01")) * chance.choice((1, 1, 1, -1))
    return Order(
        line=line,
        order_id=f"A-{line}-{chance.randrange(10**6)}",
        customer=chance.choice((None, str(chance.randrange(1, 10**7)))),
        ordered_at=at,
        gross_amount=abs(amount) if amount == 0 else amount,
        status=chance.choice(list(STATUSES)),
        channel=chance.choice((None, chance.choice(manner.texts), chance.choice(manner.texts))),
    )


def _is_in_one_hour(at: datetime, zone: str) -> bool:
    """Whether the local time means this instant alone; the hour that comes twice has tests of its own."""
    local = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return (
        local.replace(tzinfo=ZoneInfo(zone), fold=0).utcoffset()
        == local.replace(tzinfo=ZoneInfo(zone), fold=1).utcoffset()
    )


def _renumbered(order: Order, line: int) -> Order:
    return Order(**{**vars(order), "line": line})


def _names(chance: random.Random) -> dict[str, str]:
    """Our columns and their headings, in the order of the file, with columns that nobody mapped."""
    theirs = {
        "order_id": "Bestellnummer", "customer_id": "Kunden-Nr.", "ordered_at": "Datum (lokal)",
        "gross_amount": "Betrag, brutto", "status": "Status", "channel": "Kanal",
        "x1": "Bemerkung", "x2": "Größe",
    }  # fmt: skip
    order = list(theirs)
    chance.shuffle(order)
    return {ours: theirs[ours] for ours in order}


def _row(order: Order, manner: Manner) -> dict[str, Any]:
    zeros = "0" * manner.chance.choice((0, 3))
    padding = manner.chance.choice(("", "", " ", "\u00a0"))
    return {
        "order_id": padding + order.order_id,
        "customer_id": None if order.customer is None else zeros + order.customer,
        "ordered_at": manner.moment(order.ordered_at),
        "gross_amount": manner.amount(order.gross_amount),
        "status": order.status + padding,
        "channel": order.channel,
        "x1": manner.chance.choice((None, "any", *manner.texts)),
        "x2": None,
    }


def _damaged_cell(
    row: dict[str, Any], order: Order, manner: Manner, chance: random.Random
) -> tuple[dict[str, Any], Order]:
    column = chance.choice(("order_id", "ordered_at", "gross_amount", "status", "customer_id"))
    options: dict[str, tuple[tuple[Any, str], ...]] = {
        "order_id": ((None, "missing_value"), ("4.1670000000E+10", "damaged_identifier"), ("  ", "missing_value")),
        "ordered_at": (
            ("31.02.2025 10:00:00", "unreadable_date"), ("yesterday", "unreadable_date"),
            ("0000-00-00 00:00:00", "unreadable_date"), (None, "missing_value"),
        ),
        "gross_amount": (
            ("free", "unreadable_number"), ("1.2.3,4,5", "unreadable_number"), (None, "missing_value"),
            ("--5", "unreadable_number"), ("99999999999999999", "unreadable_number"),
        ),
        "status": (("unbekannt", "unmapped_value"), (None, "unmapped_value")),
        "customer_id": (("1.2E+07", "damaged_identifier"), ("4,167E+10", "damaged_identifier")),
    }  # fmt: skip
    cell, reason = chance.choice(options[column])
    if manner.is_native and column in ("ordered_at", "gross_amount") and manner.kind == "parquet":
        cell, reason = None, "missing_value"
    return {**row, column: cell}, Order(**{**vars(order), "rejected": (column, reason)})


def _contract(names: dict[str, str], manner: Manner, file_format: dict[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {ours: theirs for ours, theirs in names.items() if not ours.startswith("x")}
    columns["customer_id"] = {"from": names["customer_id"], "id_space": "shop", "normalise": "strip_zeros"}
    columns["ordered_at"] = {"from": names["ordered_at"], "time_zone": manner.zone}
    if manner.layouts:
        columns["ordered_at"]["format"] = manner.layouts
    columns["status"] = {"from": names["status"], "map": STATUSES}
    signs = {} if manner.is_native else {"decimal": manner.decimal, "thousands": manner.thousands}
    return {
        "kind": "orders", "files": "*", "key": ["order_id"], "max_rejected_share": 1,
        "format": {**signs, **file_format}, "columns": columns,
    }  # fmt: skip


@dataclass
class _Written:
    name: str
    content: bytes
    orders: list[Order]
    contract: dict[str, Any] = field(default_factory=dict)
    told: Mapping[str, str | None] = field(default_factory=dict)


def _write_text(
    kind: str,
    names: dict[str, str],
    rows: list[dict[str, Any]],
    orders: list[Order],
    manner: Manner,
    encoding: str,
    chance: random.Random,
    damage: float,
) -> _Written:
    delimiter = "\t" if kind == "tsv" else chance.choice(",;\t|")
    line_end, quote_all = chance.choice(("\n", "\r\n")), chance.random() < 0.3
    lines = [ingest_files.csv_text([list(names.values())], delimiter, line_end, quote_all=quote_all)]
    meant = []
    for row, order in zip(rows, orders, strict=True):
        cells = [row[ours] for ours in names]
        told = order
        if chance.random() < damage / 3:
            # Whole rows are broken besides: too short, too long, or with a quote out of place.
            shape = chance.choice(("short", "long", "quote"))
            cells = {"short": cells[:-1], "long": [*cells, "more"], "quote": cells}[shape]
            reason = {"short": "too_few_columns", "long": "too_many_columns", "quote": "broken_quotes"}[shape]
            told = Order(**{**vars(order), "rejected": (None, reason)})
            line = ingest_files.csv_text([cells], delimiter, line_end, quote_all=quote_all)
            if shape == "quote":
                line = f'"x"y{delimiter}' + delimiter.join("z" * (len(cells) - 1)) + line_end
        else:
            line = ingest_files.csv_text([cells], delimiter, line_end, quote_all=quote_all)
        lines.append(line)
        meant.append(told)
    text = "".join(lines)
    content = text.encode(encoding)
    is_seen = encoding != "cp1252" or _tells_itself(content)
    stated: dict[str, Any] = {}
    if not is_seen or chance.random() < 0.3:
        stated["encoding"] = "utf-8" if encoding == "utf-8-sig" else encoding
    if chance.random() < 0.3:
        stated["delimiter"] = delimiter
    told_as = {"file_type": "csv", "delimiter": delimiter, "encoding": encoding}
    if not stated.get("encoding") and content.isascii() and encoding == "cp1252":
        told_as["encoding"] = "utf-8"
    match kind:
        case "csv.gz":
            return _Written("a.csv.gz", ingest_files.gzipped(content), meant, stated, told_as)
        case "zip":
            return _Written("a.zip", ingest_files.zipped({"in/a.csv": content}), meant, stated, told_as)
        case _:
            return _Written(f"a.{kind}", content, meant, stated, told_as)


def _tells_itself(content: bytes) -> bool:
    """Whether Windows bytes can't be taken for UTF-8."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return content[: error.start].isascii() and error.reason != "unexpected end of data"
    return content.isascii()


def _write_sheet(
    kind: str,
    names: dict[str, str],
    rows: list[dict[str, Any]],
    orders: list[Order],
    manner: Manner,
    encoding: str,
    chance: random.Random,
    damage: float,
) -> _Written:
    table = [list(names.values()), *([row[ours] for ours in names] for row in rows)]
    make: dict[str, Callable[..., bytes]] = {
        "xlsx": ingest_files.xlsx, "xls": ingest_files.xls, "ods": ingest_files.ods,
    }  # fmt: skip
    told = {"file_type": "spreadsheet", "delimiter": None, "encoding": None}
    if chance.random() < 0.5:
        content = make[kind](table, "Blatt 1")
        return _Written(f"a.{kind}", content, orders, {"sheet": "Blatt 1"}, told)
    return _Written(f"A.{kind.upper()}", make[kind](table), orders, {}, told)


def _write_parquet(
    kind: str,
    names: dict[str, str],
    rows: list[dict[str, Any]],
    orders: list[Order],
    manner: Manner,
    encoding: str,
    chance: random.Random,
    damage: float,
) -> _Written:
    types = {"ordered_at": pa.timestamp("us"), "gross_amount": pa.float64()} if manner.is_native else {}
    columns = {
        theirs: pa.array([row[ours] for row in rows], types.get(ours, pa.string()))
        for ours, theirs in names.items()
    }
    return _Written("a.parquet", ingest_files.parquet(columns), orders, {}, {"file_type": "parquet"})


def _write_ndjson(
    kind: str,
    names: dict[str, str],
    rows: list[dict[str, Any]],
    orders: list[Order],
    manner: Manner,
    encoding: str,
    chance: random.Random,
    damage: float,
) -> _Written:
    lines, meant = [], []
    for row, order in zip(rows, orders, strict=True):
        line, told = ingest_files.ndjson([{theirs: row[ours] for ours, theirs in names.items()}]), order
        if chance.random() < damage / 3:
            line = chance.choice(("[1, 2]\n", line[: len(line) // 2] + "\n", "null\n", '"text"\n'))
            told = Order(**{**vars(order), "rejected": (None, "broken_json")})
        lines.append(line)
        meant.append(told)
    content = ("".join(lines) or "\n").encode(encoding)
    return _Written("a.ndjson", content, meant, {}, {"file_type": "ndjson", "delimiter": None})


WRITERS: dict[str, Callable[..., _Written]] = {
    "xlsx": _write_sheet, "xls": _write_sheet, "ods": _write_sheet, "parquet": _write_parquet,
    "ndjson": _write_ndjson,
}  # fmt: skip


def money(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.0001"), ROUND_HALF_UP)
