import json
import re
from pathlib import Path

import pytest

from pipelines.gate.suites import EXPECTATIONS, SuiteFault, load_suite
from pipelines.gate.tables import JUDGED_TABLES, JudgedTable
from tests.unit.gate.failing_cases import FAILING_CASES


def test_every_expectation_has_a_case_that_breaks_it() -> None:
    said = [
        (table.name, e["description"]) for table in JUDGED_TABLES for e in load_suite(table)["expectations"]
    ]
    assert sorted(said) == sorted((name, expectation) for name, expectation, _ in FAILING_CASES)


def test_every_suite_in_the_folder_belongs_to_a_judged_table() -> None:
    assert {file.stem for file in EXPECTATIONS.glob("*.json")} == {table.name for table in JUDGED_TABLES}


def test_what_is_compared_with_the_earlier_release_states_its_limits() -> None:
    """Whoever reads the suite, or its page, finds the numbers by name."""
    unlimited = [
        e["description"]
        for table in JUDGED_TABLES
        for e in load_suite(table)["expectations"]
        if re.search(r"\d (%|days)|beyond what both", e["description"]) and not e["meta"].get("limits")
    ]
    assert unlimited == []


def test_a_limit_that_its_query_does_not_draw_is_refused(tmp_path: Path) -> None:
    suite = load_suite(JUDGED_TABLES[0])
    [fall] = [e for e in suite["expectations"] if e["description"].startswith("no source has lost more than")]
    fall["meta"]["limits"]["share"] = 0.1
    (tmp_path / "orders.json").write_text(json.dumps(suite), encoding="utf-8")
    with pytest.raises(SuiteFault, match=r"states share = 0\.1, and its query holds no such number"):
        load_suite(JUDGED_TABLES[0], tmp_path)


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
