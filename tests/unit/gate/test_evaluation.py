"""Each expectation of each suite against a table that breaks it: found, and publication closed or flagged."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.gate.evaluation import Evaluation, evaluation, run_suites
from pipelines.gate.examples import with_examples
from pipelines.gate.fingerprint import Fingerprint
from pipelines.gate.suites import Finding, load_suite
from pipelines.gate.tables import JUDGED_TABLES, JudgedTable
from pipelines.gate.verdict import (
    NotJudged,
    fingerprints,
    make_verdicts,
    require_passing,
    write_verdicts,
)
from tests.unit.gate.failing_cases import FAILING_CASES
from tests.unit.gate.small_build import make_small_build

BY_NAME = {table.name: table for table in JUDGED_TABLES}
SOUND = Finding(1, "the table is there", "critical", passed=True, observed="0 rows", why="It is read.")


suite_of = cache(load_suite)


@dataclass(frozen=True)
class Gate:
    """Great Expectations over one place, in which builds are put one after the other."""

    build: Path
    opened: Evaluation
    unchanged: dict[JudgedTable, Fingerprint]

    def found(self, name: str, expectation: str, *changes: str) -> tuple[Finding, dict[str, Any]]:
        """What this one expectation finds after the changes, and how it stands in the suite."""
        table = BY_NAME[name]
        make_small_build(self.build, f"use {table.layer}", *changes)
        [chosen] = [e for e in suite_of(table)["expectations"] if e["description"] == expectation]
        alone = {"name": name, "expectations": [chosen]}
        [finding] = self.opened.findings(table, alone)
        self.opened.let_go()
        with duckdb.connect(str(self.build), read_only=True) as connection:
            [finding] = with_examples(connection, table, alone, [finding])
        return finding, chosen


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    build = make_small_build(tmp_path_factory.mktemp("gate") / "build.duckdb")
    with evaluation(build) as opened:
        opened.let_go()
        with duckdb.connect(str(build)) as connection:
            unchanged = fingerprints(connection)
        yield Gate(build, opened, unchanged)


def judge(gate: Gate, table: JudgedTable, finding: Finding) -> duckdb.DuckDBPyConnection:
    """A verdict on the build in which this is all that was found of the table, and the others are sound."""
    connection = duckdb.connect(str(gate.build))
    # The next case writes the build anew.
    connection.execute("pragma disable_checkpoint_on_shutdown")
    now = {**gate.unchanged, **fingerprints(connection, [table])}
    found = {each: [finding if each == table else SOUND] for each in JUDGED_TABLES}
    write_verdicts(connection, make_verdicts(found, now, now), date(2025, 12, 31))
    return connection


def test_a_sound_build_meets_every_expectation(gate: Gate) -> None:
    make_small_build(gate.build)
    found = run_suites(gate.opened, JUDGED_TABLES)
    gate.opened.let_go()
    assert [f for findings in found.values() for f in findings if not f.passed] == []
    assert {table.name: len(findings) for table, findings in found.items()} == {
        table.name: len(load_suite(table)["expectations"]) for table in JUDGED_TABLES
    }


@pytest.mark.parametrize(
    ("name", "expectation"),
    [
        ("orders", "no source of orders has vanished since the earlier release"),
        ("orders", "no source has lost more than 5 % of the orders that the earlier release had"),
        ("orders", "gross amounts of no closed month are restated by more than 20 %"),
        ("survey_responses", "no survey has vanished since the earlier release"),
        (
            "survey_responses",
            "no survey has lost more than 5 % of the responses that the earlier release had",
        ),
        ("customers", "there are at most 5 % fewer customers than in the earlier release"),
    ],
)
def test_a_table_that_has_lost_all_its_rows_is_compared_too(gate: Gate, name: str, expectation: str) -> None:
    months = "update earlier.orders set ordered_date = '2025-03-05' where month(ordered_date) between 2 and 5"
    finding, _ = gate.found(name, expectation, months, f"delete from {name}", "delete from marts.orders")
    assert not finding.passed


@pytest.mark.parametrize(("name", "expectation", "change"), FAILING_CASES, ids=lambda part: str(part)[:60])
def test_an_expectation_finds_the_change_that_breaks_it_and_closes_the_gate_or_flags_it(
    gate: Gate, name: str, expectation: str, change: str
) -> None:
    finding, chosen = gate.found(name, expectation, change)
    assert (finding.passed, finding.is_evaluated) == (False, True), finding.observed
    assert (finding.expectation, finding.severity) == (expectation, chosen["severity"])
    assert finding.observed[0].isdigit(), finding.observed
    with judge(gate, BY_NAME[name], finding) as build:
        if finding.severity == "critical":
            with pytest.raises(NotJudged) as refusal:
                require_passing(build)
            said = f"{BY_NAME[name].source}: the gate is closed. {expectation}: {finding.observed} ({finding.why})"
            assert said in str(refusal.value)
        else:
            warned = [f for verdict in require_passing(build) for f in verdict.warning_failures]
            assert warned == [finding]


def test_a_score_of_one_answer_may_lie_outside_its_clipped_interval(gate: Gate) -> None:
    # One promoter: score 100, adjusted-Wald interval -48.5 to 98.5 (centre 25, standard error 37.5).
    finding, _ = gate.found(
        "metric_values",
        "a score of five answers or more lies within its interval",
        "update metric_values set value = 100, n = 1, ci_low = -48.5, ci_high = 98.5 where unit = 'points'",
    )
    assert finding.passed


def test_an_expectation_that_cannot_be_evaluated_is_a_critical_failure(gate: Gate) -> None:
    finding, chosen = gate.found(
        "orders", "a cancellation adds no money", "alter table orders drop column status"
    )
    assert chosen["severity"] == "warning"
    assert (finding.passed, finding.severity, finding.is_evaluated) == (False, "critical", False)
    assert finding.observed.startswith("could not be evaluated: ")
    assert "status" in finding.observed
    assert finding.examples == ()


def test_what_a_database_quotes_of_rows_is_not_told(gate: Gate) -> None:
    finding, _ = gate.found(
        "orders",
        "gross less refunded is net",
        "alter table orders alter net_amount type text",
        "update orders set net_amount = 'jo@example.com'",
    )
    assert finding.observed.startswith("could not be evaluated: ")
    assert "example.com" not in repr(finding)


def test_findings_hold_no_value_of_a_row_of_a_person(gate: Gate) -> None:
    for expectation in ("status is one of completed, cancelled, cancellation", "order_key is unique"):
        finding, _ = gate.found(
            "orders",
            expectation,
            "update orders set status = 'secret-4711'",
            "update orders set order_key = 'secret-4711' where order_key in ('o1', 'o2')",
        )
        assert not finding.passed
        assert "4711" not in repr(finding)


def test_the_count_of_rows_against_an_expectation_is_told(gate: Gate) -> None:
    finding, _ = gate.found(
        "orders",
        "status is one of completed, cancelled, cancellation",
        "update orders set status = 'offen' where order_key in ('o1', 'o2', 'o3')",
    )
    assert finding.observed == "3 of 14 rows against it"
    assert finding.examples == ("source = shop_orders (3 rows)",)
