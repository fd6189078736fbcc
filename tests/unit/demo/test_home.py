"""The demo company's home: the same bytes for a seed, and a truth that agrees with the files."""

import csv
import json
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import yaml
from openpyxl import load_workbook

from pipelines.demo.home import SETTINGS_FILE, Truth, write_demo_home

PERSONAL = {"Vorname", "Nachname", "E-Mail", "Was möchten Sie uns noch mitteilen?"}


def contents(home: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(home)): path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()
    }


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="cp1252", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def read_orders(home: Path) -> list[dict[str, str]]:
    return [row for path in sorted(home.glob("landing/bestellungen/*.csv")) for row in read_csv(path)]


def read_wave(path: Path) -> list[dict[str, Any]]:
    headings, *rows = load_workbook(path, read_only=True)["Antworten"].iter_rows(values_only=True)
    # A row ends with its last filled cell.
    return [dict(zip_longest(headings, row)) for row in rows]


def euros(text: str) -> Decimal:
    return Decimal(text.replace(".", "").replace(",", "."))


def test_a_seed_gives_the_same_bytes_and_another_seed_gives_others(
    small_home: tuple[Path, Truth], tmp_path: Path
) -> None:
    home, truth = small_home
    assert write_demo_home(tmp_path / "again", seed=5, customers=300) == truth
    assert contents(tmp_path / "again") == contents(home)
    write_demo_home(tmp_path / "other", seed=6, customers=300)
    other, same = contents(tmp_path / "other"), contents(home)
    assert other.keys() == same.keys()
    assert {path for path in same if same[path] == other[path]} == {"treue.yml"}


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
    found = {str(path.relative_to(landing)): len(read_csv(path)) for path in landing.rglob("*.csv")}
    found |= {str(path.relative_to(landing)): len(read_wave(path)) for path in landing.rglob("*.xlsx")}
    assert found == truth.counts["rows"]
    assert len(found) == 1 + 12 + 2


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
    assert truth.counts["customers"] == {
        "customers": len(customers),
        "customers_with_a_purchase": len(days),
        "customers_with_two_or_more_order_days": sum(len(own) >= 2 for own in days.values()),
        "purchase_occasions": sum(len(own) for own in days.values()),
    }


def test_answers_in_the_spreadsheets_are_those_of_the_truth(small_home: tuple[Path, Truth]) -> None:
    home, truth = small_home
    paths = sorted(home.glob("landing/umfrage/*.xlsx"))
    waves = [read_wave(path) for path in paths]
    for rows, stated in zip([*waves, waves[0] + waves[1]], truth.counts["survey"], strict=True):
        assert len({row["Antwort-ID"] for row in rows}) == stated["responses"]
        latest: dict[object, int] = {}
        for row in rows:
            score = next(value for heading, value in row.items() if heading.startswith("Wie wahrscheinlich"))
            if score != "Weiß nicht":
                latest[row["Kundennummer"] or row["Antwort-ID"]] = score
        scores = list(latest.values())
        assert len(scores) == stated["nps_answers"]
        assert sum(score >= 9 for score in scores) == stated["promoters"]
        assert sum(score <= 6 for score in scores) == stated["detractors"]


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
        path = next((home / "landing").glob(extract["files"].replace("{delivered:%Y-%m-%d}", "*")))
        rows = read_wave(path) if path.suffix == ".xlsx" else read_csv(path)
        columns = [
            column["from"] if isinstance(column, dict) else column for column in extract["columns"].values()
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


def test_every_answer_in_the_spreadsheets_has_its_place_in_the_settings(
    small_home: tuple[Path, Truth],
) -> None:
    home, _ = small_home
    questions = yaml.safe_load(SETTINGS_FILE.read_text(encoding="utf-8"))["extracts"]["kundenbefragung"][
        "questions"
    ]
    rows = [row for path in home.glob("landing/umfrage/*.xlsx") for row in read_wave(path)]
    for question in questions:
        answers = {row[question["column"]] for row in rows}
        if question["construct"] == "reason":
            chosen = {
                choice for answer in answers if answer for choice in answer.split(question["separator"])
            }
            assert chosen == set(question["choices"])
        else:
            low, high = question["scale"]
            allowed = question.get("labels") or range(low, high + 1)
            assert answers <= {*allowed, *question["missing"]}
