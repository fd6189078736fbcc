import json
from pathlib import Path

import pytest

from pipelines.gate.suites import EXPECTATIONS, Finding, SuiteFault, load_suite, run_suites
from pipelines.gate.tables import JUDGED_TABLES, JudgedTable
from tests.unit.gate.failing_cases import FAILING_CASES
from tests.unit.gate.small_build import make_small_build

BY_NAME = {table.name: table for table in JUDGED_TABLES}


def findings_of_one(
    folder: Path, name: str, expectation: str, change: str
) -> tuple[Finding, dict[str, object]]:
    """What Great Expectations finds of this one expectation, after the change."""
    table = BY_NAME[name]
    suite = load_suite(table)
    [chosen] = [e for e in suite["expectations"] if e["description"] == expectation]
    (folder / f"{name}.json").write_text(json.dumps({**suite, "expectations": [chosen]}), encoding="utf-8")
    build = make_small_build(folder / "build.duckdb", f"use {table.layer}", change)
    [finding] = run_suites(build, [table], folder)[table]
    return finding, chosen


def test_a_sound_build_meets_every_expectation(tmp_path: Path) -> None:
    found = run_suites(make_small_build(tmp_path / "build.duckdb"), JUDGED_TABLES)
    assert [f for findings in found.values() for f in findings if not f.passed] == []
    assert {table.name: len(findings) for table, findings in found.items()} == {
        table.name: len(load_suite(table)["expectations"]) for table in JUDGED_TABLES
    }


@pytest.mark.parametrize(("name", "expectation", "change"), FAILING_CASES, ids=lambda part: str(part)[:60])
def test_an_expectation_finds_the_change_that_breaks_it(
    tmp_path: Path, name: str, expectation: str, change: str
) -> None:
    finding, chosen = findings_of_one(tmp_path, name, expectation, change)
    assert not finding.passed
    assert finding.severity == chosen["severity"]
    assert finding.expectation == expectation
    assert finding.observed[0].isdigit(), finding.observed


def test_every_expectation_has_a_case_that_breaks_it() -> None:
    said = [
        (table.name, e["description"]) for table in JUDGED_TABLES for e in load_suite(table)["expectations"]
    ]
    assert sorted(said) == sorted((name, expectation) for name, expectation, _ in FAILING_CASES)


def test_every_suite_in_the_folder_belongs_to_a_judged_table() -> None:
    assert {file.stem for file in EXPECTATIONS.glob("*.json")} == set(BY_NAME)


def test_a_score_of_one_answer_may_lie_outside_its_clipped_interval(tmp_path: Path) -> None:
    # One promoter: score 100, adjusted-Wald interval -48.5 to 98.5 (centre 25, standard error 37.5).
    finding, _ = findings_of_one(
        tmp_path,
        "metric_values",
        "a score of five answers or more lies within its interval",
        "update metric_values set value = 100, n = 1, ci_low = -48.5, ci_high = 98.5 where unit = 'points'",
    )
    assert finding.passed


def test_an_expectation_that_cannot_be_evaluated_is_a_critical_failure(tmp_path: Path) -> None:
    finding, chosen = findings_of_one(
        tmp_path, "orders", "a cancellation adds no money", "alter table orders drop column status"
    )
    assert chosen["severity"] == "warning"
    assert (finding.passed, finding.severity) == (False, "critical")
    assert finding.observed.startswith("could not be evaluated: ")
    assert "status" in finding.observed


def test_findings_hold_no_value_of_a_row(tmp_path: Path) -> None:
    build = make_small_build(tmp_path / "build.duckdb", "update marts.orders set status = 'secret-4711'")
    findings = run_suites(build, [BY_NAME["orders"]])[BY_NAME["orders"]]
    assert any(not f.passed for f in findings)
    assert "secret-4711" not in repr(findings)


def test_the_count_of_rows_against_an_expectation_is_told(tmp_path: Path) -> None:
    finding, _ = findings_of_one(
        tmp_path,
        "orders",
        "status is one of completed, cancelled, cancellation",
        "update orders set status = 'offen' where order_key in ('o1', 'o2', 'o3')",
    )
    assert finding.observed == "3 of 14 rows against it"


@pytest.mark.parametrize(
    ("suite", "message"),
    [
        ({"name": "orders", "expectations": []}, "holds no expectation"),
        ({"name": "order"}, "name is 'order'"),
        (
            {"name": "orders", "expectations": [{"type": "x", "severity": "info"}]},
            "allowed: critical, warning",
        ),
        (
            {"name": "orders", "expectations": [{"type": "x", "severity": "warning", "description": "d"}]},
            "meta.why",
        ),
    ],
)
def test_a_suite_that_does_not_say_enough_is_refused(
    tmp_path: Path, suite: dict[str, object], message: str
) -> None:
    (tmp_path / "orders.json").write_text(json.dumps(suite), encoding="utf-8")
    with pytest.raises(SuiteFault, match=message):
        load_suite(JudgedTable("marts", "orders"), tmp_path)


def test_a_judged_table_without_a_suite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SuiteFault, match=r"marts\.orders has none"):
        load_suite(JudgedTable("marts", "orders"), tmp_path)
