"""One person in the extracts of a company: found in landing alone, gone when asked, and never back.

The search that says so is first shown to find what was planted.
"""

import csv
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from pipelines.gate.tables import JUDGED_TABLES
from pipelines.privacy.search import Trace, traces
from tests import ingest_files
from tests.integration import privacy_home
from tests.integration.journeys import Erased, Pruned
from tests.integration.privacy_home import EVA

COMPARED = sorted({table.name for table in JUDGED_TABLES} - {"left_out"})
# All but what tells of rows that were left out: an erased row is one of them.

NOT_ASKED_FOR = {"drivers", "reasons"}
# The survey of this company has no such questions.


def _in_parquet(file: Path, text: str) -> None:
    duckdb.execute(
        f"copy (select 1 as n, {{'note': ['x {text}, y']}} as nested) to '{file}' (format parquet)"
    )


def _in_duckdb(file: Path, text: str) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"create schema s; create table s.t as select 1 as n, '{text}' as note")


def _in_sqlite(file: Path, text: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("create table events (id integer, event text)")
        connection.execute("insert into events values (1, ?)", [json.dumps({"tags": [text]})])


PLANTED: dict[str, Callable[[Path, str], object]] = {
    "a.parquet": _in_parquet,
    "b.duckdb": _in_duckdb,
    "c.db": _in_sqlite,
    "d.log": lambda file, text: file.write_text(f"04:00 something about {text}, and on\n", "utf-8"),
    "e.txt": lambda file, text: file.write_text(f"something about {text}, and on\n", "utf-16"),
    "f.json": lambda file, text: file.write_text(json.dumps({"note": text}), "ascii"),
    "g.csv.gz": lambda file, text: file.write_bytes(ingest_files.gzipped(f"1,{text},2".encode())),
    "h.zip": lambda file, text: file.write_bytes(ingest_files.zipped({"h.csv": f"1;{text}".encode()})),
    "i.xlsx": lambda file, text: file.write_bytes(ingest_files.xlsx([["a", "b"], ["1", text]])),
    "without_a_name": lambda file, text: file.write_bytes(b"\0\1\2" + text.encode() + b"\3"),
}


@pytest.mark.parametrize("what", EVA)
@pytest.mark.parametrize("name", PLANTED)
def test_the_search_finds_what_was_planted(name: str, what: str, tmp_path: Path) -> None:
    PLANTED[name](tmp_path / name, EVA[what])
    (found,) = traces([tmp_path / name], privacy_home.NEEDLES)
    assert found.file.name == name


def test_the_search_finds_another_case_and_names_the_column(tmp_path: Path) -> None:
    _in_duckdb(tmp_path / "a.duckdb", EVA["address"].upper())
    assert traces([tmp_path / "a.duckdb"], privacy_home.NEEDLES) == [Trace(tmp_path / "a.duckdb", "s.t.note")]


def test_the_search_finds_no_part_of_another_word(tmp_path: Path) -> None:
    _in_parquet(tmp_path / "a.parquet", f"1{EVA['number']}2")
    assert traces([tmp_path / "a.parquet"], privacy_home.NEEDLES) == []


def test_after_a_night_the_person_stands_in_landing_alone(erased: Erased) -> None:
    found = erased.found["first night"]
    assert {file.split("/")[0] for file in found} == {"landing"}
    assert {file.split("/")[1] for file in found} == {"orders", "till", "people", "merged", "survey"}


def test_after_the_erasure_she_stands_in_the_files_that_are_named_and_nowhere_else(erased: Erased) -> None:
    (listed,) = erased.home.paths.privacy.glob("landing-*.csv")
    with listed.open(encoding="utf-8") as handle:
        named = {f"landing/{row['file']}" for row in csv.DictReader(handle) if row["line"]}
    assert erased.found["erasure"] <= named


def test_the_named_lines_are_hers(erased: Erased) -> None:
    (listed,) = erased.home.paths.privacy.glob("landing-*.csv")
    with listed.open(encoding="utf-8") as handle:
        named = [(row["file"], row["line"]) for row in csv.DictReader(handle)]
    landing = erased.home.paths.landing
    lines = (landing / "people" / "people_2026-01-10.csv").read_text("utf-8").splitlines()
    mine = [
        ("people/people_2026-01-10.csv", str(number))
        for number, line in enumerate(lines, 1)
        if EVA["name"] in line
    ]
    assert len(mine) == 1
    assert set(mine) <= set(named)
    # Four orders, one that could not be read, a refund, two lines at the till, a link, two answers.
    assert len(named) == 5 + 1 + 2 + 1 + 1 + 2


def test_after_the_next_delivery_she_stands_in_landing_alone(erased: Erased) -> None:
    assert {file.split("/")[0] for file in erased.found["second night"]} == {"landing"}
    assert "landing/orders/orders_2026-01-20.csv.gz" in erased.found["second night"]


def test_what_she_is_called_is_told_by_no_report(erased: Erased) -> None:
    for said in (erased.dry_run, erased.report):
        assert "5 identifier(s) for 1 asked for" in said
        assert not any(text in said for text in EVA.values())
    assert erased.dry_run.count("would go") == erased.report.count(" gone")


@pytest.mark.parametrize("table", COMPARED)
def test_figures_are_those_of_a_company_that_never_had_her(erased: Erased, table: str) -> None:
    assert erased.home.fingerprints()[table] == erased.without.fingerprints()[table]
    has_rows = bool(erased.home.value(f"select count(*) from loyalty.{table}"))
    assert has_rows == (table not in NOT_ASKED_FOR)


def test_rows_of_hers_are_counted_and_nothing_else_is_told_of_them(erased: Erased) -> None:
    counted = dict(
        erased.home.query("select source, row_count from loyalty.left_out where reason = 'left_out:erased'")
    )
    assert counted == {"shop_orders": 8, "shop_refunds": 2, "till": 2, "people": 2, "merged": 1, "survey": 3}


def test_what_was_said_of_the_figures_before_stays(erased: Erased) -> None:
    first, second = erased.home.query(
        "select release_id, erased_on is not null from loyalty.releases order by release_id"
    )
    assert (first, second) == (("2026-01-31.1", True), ("2026-01-31.2", False))
    figures = erased.home.query(
        "select release_id, n from loyalty.metric_history where metric = 'repeat_purchase_rate' "
        "and period_grain = 'all' and segment_name = 'all' order by release_id"
    )
    assert [release for release, _ in figures] == ["2026-01-31.1", "2026-01-31.2"]


def test_an_erasure_that_was_killed_is_completed_by_the_next_run_of_any_job(
    erased: Erased, tmp_path: Path
) -> None:
    """A plan that is there is carried out before the job looks at anything, here one that cannot read a file."""
    home = erased.home.copy(tmp_path / "home")
    shutil.rmtree(home.paths.landing / "orders")
    plan = {
        "name": "2026-02-01-1", "erased_on": "2026-02-01", "secret_fingerprint": "0" * 16, "asked_count": 1,
        "unknown_lines": [], "keys": [], "marks": [], "order_keys": [], "response_keys": [], "files": [],
        "stale": [], "landing": [], "counts": {},
    }  # fmt: skip
    home.paths.pending_erasure.write_text(json.dumps(plan), encoding="utf-8")
    code, said = home.call("run")
    assert code == 1, said
    assert not home.paths.pending_erasure.exists()
    assert (home.paths.privacy / "erasure-2026-02-01-1.json").exists()


def test_what_is_too_old_is_pruned_and_the_days_that_remain_can_still_be_made(
    erased: Erased, pruned: Pruned
) -> None:
    # Of the first delivery orders, refunds, the till and answers; customers and links describe what still holds.
    code, said = pruned.report
    assert (code, said.splitlines()) == (
        0, ["As of 2026-01-31:", "5 file(s) of events before 2026-01-16 are pruned"],
    )  # fmt: skip
    code, said = pruned.too_early
    assert code == 1
    assert "Runs are possible from 2026-01-31 on" in said
    first_order = "select min(ordered_date) from loyalty.orders"
    assert str(erased.without.value(first_order)) == "2025-01-07"
    assert str(pruned.home.value(first_order)) == "2025-11-29"
