"""The demo company's home: the same bytes for a seed, and a truth that agrees with the files."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from pipelines.demo.home import SETTINGS_FILE, Truth, write_demo_home
from tests.unit.demo.landed_files import euros, read_any, read_csv, read_orders, read_swiss_orders

PERSONAL = {"Vorname", "Nachname", "E-Mail", "Was möchten Sie uns noch mitteilen?", "kunde.email"}
FIRST_EXTRACTS = ("kunden", "bestellungen", "umfrage")
HASH_OF_FIRST_EXTRACTS = "74f570d9e628f9817cfbe57f4e7978513bd556a5ac61bc202c03668ebb81cd38"
# Of the cells of these files of seed 5 with 300 customers. What is drawn besides must never change them.


def contents(home: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(home)): path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()
    }


def test_a_seed_gives_the_same_bytes_and_another_seed_gives_others(
    small_home: tuple[Path, Truth], tmp_path: Path
) -> None:
    home, truth = small_home
    assert write_demo_home(tmp_path / "again", seed=5, customers=300) == truth
    assert contents(tmp_path / "again") == contents(home)
    write_demo_home(tmp_path / "other", seed=6, customers=300)
    other, same = contents(tmp_path / "other"), contents(home)
    # So small a second shop has quarters without an order or a refund, and no file of them.
    differing = other.keys() ^ same.keys()
    assert all(path.startswith("landing/schweiz") for path in differing)
    assert {path for path in same if same[path] == other.get(path)} == {"treue.yml"}


def test_the_first_extracts_of_a_seed_stay_what_they_were(small_home: tuple[Path, Truth]) -> None:
    home, _ = small_home
    files = [path for folder in FIRST_EXTRACTS for path in sorted((home / "landing" / folder).iterdir())]
    assert len(files) == 1 + 12 + 2
    cells = repr([(path.name, [list(row.items()) for row in read_any(path)]) for path in files])
    assert hashlib.sha256(cells.encode()).hexdigest() == HASH_OF_FIRST_EXTRACTS


def test_an_existing_home_is_never_overwritten(small_home: tuple[Path, Truth]) -> None:
    home, _ = small_home
    with pytest.raises(FileExistsError, match=r"treue\.yml exists"):
        write_demo_home(home)


def test_truth_json_holds_what_the_function_returns(small_home: tuple[Path, Truth]) -> None:
    home, truth = small_home
    written = json.loads((home / "truth.json").read_text(encoding="utf-8"))
    assert (written["seed"], written["customers"]) == (5, 300)
    assert written["counts"] == truth.counts
    assert written["expected"]["retention"] == truth.expected["retention"]
    assert written["parameters"]["waves"][1]["invited_on"] == "2025-06-02"


def test_every_file_has_the_rows_that_the_truth_states(small_home: tuple[Path, Truth]) -> None:
    home, truth = small_home
    landing = home / "landing"
    found = {
        str(path.relative_to(landing)): len(read_any(path)) for path in landing.rglob("*") if path.is_file()
    }
    assert found == truth.counts["rows"]
    folders = Counter(path.partition("/")[0] for path in found)
    assert 1 <= folders.pop("schweiz_erstattungen") <= 12
    assert 1 <= folders.pop("schweiz") <= 12
    assert folders == {
        "kunden": 1, "bestellungen": 12, "umfrage": 2, "einladungen": 2, "abos": 1, "kurse": 1,
    }  # fmt: skip


def test_orders_and_amounts_in_the_files_are_those_of_the_truth(small_home: tuple[Path, Truth]) -> None:
    home, truth = small_home
    orders = read_orders(home)
    stated = truth.counts["orders"]
    assert len({order["Bestellnummer"] for order in orders}) == len(orders) == stated["orders"]
    kinds = [order["Status"] for order in orders]
    assert kinds.count("storniert") == stated["cancelled"]
    assert kinds.count("erstattet") == stated["fully_refunded"]
    assert kinds.count("teilweise erstattet") == stated["partly_refunded"]
    assert sum(order["Kundennummer"] == "" for order in orders) == stated["guests"]
    gross = sum(euros(order["Betrag (€)"]) for order in orders)
    refunded = sum(
        euros(order["Betrag (€)" if order["Status"] == "storniert" else "Erstattet (€)"]) for order in orders
    )
    assert (str(gross), str(refunded)) == (stated["gross_amount"], stated["refunded_amount"])
    assert str(gross - refunded) == stated["net_amount"]


def test_buyers_and_their_purchase_days_in_the_files_are_those_of_the_truth(
    small_home: tuple[Path, Truth],
) -> None:
    home, truth = small_home
    days: dict[str, set[str]] = {}
    for order in read_orders(home):
        if order["Kundennummer"] and order["Status"] in ("bezahlt", "teilweise erstattet"):
            days.setdefault(order["Kundennummer"], set()).add(order["Bestelldatum"][:10])
    customers = {row["Kundennummer"] for row in read_csv(next(home.glob("landing/kunden/*.csv")))}
    assert days.keys() <= customers
    for order in read_swiss_orders(home).values():
        if order["Customer"]:
            customers.add(order["Customer"])
            if order["is_purchase"]:
                days.setdefault(order["Customer"], set()).add(order["Ordered at"][:10])
    assert truth.counts["customers"] == {
        "customers": len(customers),
        "customers_with_a_purchase": len(days),
        "customers_with_two_or_more_order_days": sum(len(own) >= 2 for own in days.values()),
        "purchase_occasions": sum(len(own) for own in days.values()),
    }


def test_orders_lie_within_their_files_quarter(small_home: tuple[Path, Truth]) -> None:
    home, _ = small_home
    for path in home.glob("landing/bestellungen/*.csv"):
        delivered = path.stem.removeprefix("bestellungen_")
        for order in read_csv(path):
            day, month, year = order["Bestelldatum"][:10].split(".")
            ordered = f"{year}-{month}-{day}"
            assert ordered < delivered
            assert (int(delivered[:4]) - int(year)) * 12 + int(delivered[5:7]) - int(month) in (1, 2, 3)


def test_no_personal_column_is_mapped_but_every_mapped_column_stands_in_the_files(
    small_home: tuple[Path, Truth],
) -> None:
    home, _ = small_home
    settings = yaml.safe_load(SETTINGS_FILE.read_text(encoding="utf-8"))
    all_headings: set[str] = set()
    for extract in settings["extracts"].values():
        paths = (home / "landing").glob(extract["files"].replace("{delivered:%Y-%m-%d}", "*"))
        rows = [row for path in paths for row in read_any(path)]
        columns = [
            column["from"] if isinstance(column, dict) else column
            for column in extract["columns"].values()
            if not isinstance(column, dict) or "value" not in column
        ]
        questions = extract.get("questions", [])
        mapped = {
            *columns,
            *extract.get("attributes", {}).values(),
            *(question["column"] for question in questions),
        }
        assert mapped <= rows[0].keys()
        assert not mapped & PERSONAL
        all_headings |= rows[0].keys()
    assert all_headings >= PERSONAL
