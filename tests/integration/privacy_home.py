"""A small company in whose extracts one person stands wherever a person can, and the same company without her.

What must stay out: what happens to the homes (`journeys.py`), and what is expected.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from pipelines.privacy.search import Needles, files_below, traces
from tests import ingest_files
from tests.integration.homes import NightlyHome

EVA = {
    "number": "KD-884412",
    "old number": "KD-771133",
    "address": "eva.sonnenschein@example.org",
    "second address": "e.sonnenschein@example.net",
    "telephone": "+4915123456789",
    "name": "Sonnenschein",
}
AS_OF = "2026-01-31"
SETTINGS = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
as_of: 2026-01-31
history_start: 2025-01-01
settings: {min_publishable_n: 10, min_disclosed_n: 3}
segments: [{name: country, from: customers.country, at: run}]
relationship_survey: survey
extracts:
  shop_orders:
    kind: orders
    files: "orders/*_{delivered:%Y-%m-%d}.*"
    key: [order_id]
    max_rejected_share: 0.2
    columns: {order_id: id, customer_id: customer, email: mail, ordered_at: at, gross_amount: amount}
  shop_refunds:
    kind: refunds
    refunds_of: shop_orders
    files: "refunds/*_{delivered:%Y-%m-%d}.csv"
    key: [refund_id]
    columns: {refund_id: id, order_id: order, refunded_at: at, refund_amount: amount}
  till:
    kind: order_lines
    files: "till/*_{delivered:%Y-%m-%d}.csv"
    key: none
    columns: {order_id: id, customer_id: customer, ordered_at: at, product_id: product, line_amount: amount}
  people:
    kind: customers
    files: "people/*_{delivered:%Y-%m-%d}.csv"
    delivery: full
    key: [customer_id]
    notices: {shrunk_file: warn}
    columns: {customer_id: number, email: mail, phone: phone}
    attributes: {country: country}
  merged:
    kind: customer_links
    files: "merged/*_{delivered:%Y-%m-%d}.csv"
    key: [customer_id, linked_id]
    columns: {customer_id: old, linked_id: new}
  survey:
    kind: survey_responses
    files: "survey/*_{delivered:%Y-%m-%d}.*"
    key: [response_id]
    max_rejected_share: 0.2
    columns: {response_id: id, email: mail, responded_at: at}
    questions:
      - {id: recommend, column: score, construct: recommend, scale: [0, 10]}
      - {id: satisfaction, column: satisfied, construct: overall_satisfaction, scale: [1, 5]}
"""
CUSTOMERS = 60
FIRST_DAY = date(2025, 1, 7)

NEEDLES = Needles(tuple(EVA.values()))
# Texts of all sorts, as they stand in the extracts.

Table = list[list[object]]


def number(customer: int) -> str:
    return f"KD-{100000 + customer}"


def address(customer: int) -> str:
    return f"customer{customer}@example.com"


def make_home(root: Path, *, with_eva: bool) -> NightlyHome:
    """The home before its first night."""
    home = NightlyHome(root)
    home.paths.landing.mkdir(parents=True)
    home.paths.settings_file.write_text(SETTINGS, encoding="utf-8")
    rows = {name: [*heading, *([] if not with_eva else eva)] for name, heading, eva in _first_night()}
    _land(home, "2026-01-10", rows)
    return home


def next_delivery(home: NightlyHome, *, with_eva: bool) -> None:
    """What the company delivers for the night after, with her in it again."""
    rows = {name: [*heading, *([] if not with_eva else eva)] for name, heading, eva in _second_night()}
    _land(home, "2026-01-20", rows)


def found(home: NightlyHome) -> set[str]:
    """The files of the home in which anything of hers stands, landing included."""
    root = home.paths.root
    return {trace.file.relative_to(root).as_posix() for trace in traces(files_below(root), NEEDLES)}


def _land(home: NightlyHome, day: str, rows: dict[str, Table]) -> None:
    landing = home.paths.landing
    for name in rows:
        (landing / name).mkdir(exist_ok=True)
    text = {name: ingest_files.csv_text(table).encode() for name, table in rows.items()}
    (landing / "orders" / f"orders_{day}.csv.gz").write_bytes(ingest_files.gzipped(text["orders"]))
    for name in ("refunds", "till", "people", "merged"):
        if name in rows:
            (landing / name / f"{name}_{day}.csv").write_bytes(text[name])
    (landing / "survey" / f"survey_{day}.xlsx").write_bytes(ingest_files.xlsx(rows["survey"]))


def _first_night() -> Iterator[tuple[str, Table, Table]]:
    """Each extract: everybody else's rows, and hers."""
    everyday = [_order(f"A{i}", i % CUSTOMERS, i) for i in range(300)]
    mine = [
        ["E1", EVA["number"], "", "2025-03-03 10:00", "49.00", EVA["name"]],
        ["E2", "", EVA["address"].upper(), "2025-05-05 10:00", "51.00", EVA["telephone"]],
        ["E3", EVA["old number"], "", "2025-02-02 10:00", "12.00", ""],
        ["E4", EVA["number"], EVA["second address"], "never", "13.00", EVA["name"]],
        ["E5", EVA["number"], EVA["second address"], "2025-12-24 10:00", "14.00", EVA["name"]],
    ]
    yield "orders", [["id", "customer", "mail", "at", "amount", "note"], *everyday], mine
    yield "refunds", [["id", "order", "at", "amount"], *_refunds(0)], [["F1", "E1", "2025-03-09", "9.00"]]
    lines = [
        [f"T{i // 2}", number(i // 2 % 20), f"2025-{1 + i % 12:02}-11", f"P{i % 7}", "3.50"]
        for i in range(60)
    ]
    hers: Table = [
        ["T900", EVA["number"], "2025-06-06", "P1", "3.50"],
        ["T900", "", "2025-06-06", "P2", "4.50"],
    ]
    yield "till", [["id", "customer", "at", "product", "amount"], *lines], hers
    her: Table = [[EVA["number"], EVA["address"], EVA["telephone"], "AT", EVA["name"]]]
    yield "people", [["number", "mail", "phone", "country", "name"], *_people(moved=())], her
    yield "merged", [["old", "new"], [number(0), number(1)]], [[EVA["old number"], EVA["number"]]]
    yield (
        "survey",
        [_SURVEY, *_answers(0, 80)],
        [
            ["RE1", EVA["address"], "2025-07-07", "9", "5", f"I am {EVA['name']}"],
            ["RE2", EVA["second address"], "2025-08-08", "99", "5", EVA["telephone"]],
        ],
    )


def _second_night() -> Iterator[tuple[str, Table, Table]]:
    everyday = [_order(f"B{i}", i % CUSTOMERS, 300 + i) for i in range(40)]
    mine = [
        ["E6", EVA["number"], address(3), "2026-01-15 10:00", "49.00", EVA["name"]],
        ["E7", "", EVA["second address"], "2026-01-16 10:00", "51.00", ""],
        ["E8", EVA["old number"], "", "never", "51.00", EVA["telephone"]],
    ]
    yield "orders", [["id", "customer", "mail", "at", "amount", "note"], *everyday], mine
    yield "refunds", [["id", "order", "at", "amount"], *_refunds(9)], [["F2", "E5", "2026-01-11", "9.00"]]
    her: Table = [[EVA["number"], EVA["address"], EVA["telephone"], "DE", EVA["name"]]]
    yield "people", [["number", "mail", "phone", "country", "name"], *_people(moved=(1, 11, 21))], her
    yield (
        "survey",
        [_SURVEY, *_answers(80, 20)],
        [["RE3", EVA["address"], "2026-01-17", "0", "1", EVA["name"]]],
    )


def _people(moved: Sequence[int]) -> Sequence[list[object]]:
    """Half of them in Austria, but for those who have moved."""
    return [
        [number(i), address(i), f"+49301000{i:02}", "AT" if i % 2 and i not in moved else "DE", f"Person {i}"]
        for i in range(CUSTOMERS)
    ]


_SURVEY: list[object] = ["id", "mail", "at", "score", "satisfied", "comment"]


def _order(order: str, customer: int, index: int) -> list[object]:
    day = FIRST_DAY + timedelta(days=index * 370 // 340)
    # Some name themselves by number, some by address, some by both.
    who = [(number(customer), ""), ("", address(customer)), (number(customer), address(customer))][index % 3]
    return [order, *who, f"{day} 10:00", f"{10 + index % 17}.50", ""]


def _refunds(first: int) -> Sequence[list[object]]:
    return [
        [f"R{i}", f"A{i}", f"{FIRST_DAY + timedelta(days=i + 30)}", "1.50"] for i in range(first, first + 9)
    ]


def _answers(first: int, count: int) -> Sequence[list[object]]:
    return [
        [
            f"S{i}",
            address(i % 45) if i % 9 else "",
            f"{FIRST_DAY + timedelta(days=3 * i)}",
            str(i % 11),
            str(1 + i % 5),
            "Fine.",
        ]
        for i in range(first, first + count)
    ]
