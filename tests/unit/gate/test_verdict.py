from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.gate.suites import Finding, Severity
from pipelines.gate.tables import JUDGED_TABLES, JudgedTable
from pipelines.gate.verdict import (
    NotJudged,
    Verdict,
    fingerprints,
    make_verdicts,
    read_verdicts,
    require_passing,
    write_verdicts,
)
from tests.unit.gate.small_build import make_small_build

AS_OF = date(2025, 12, 31)
SOUND = Finding(
    1, "order_key is unique", "critical", passed=True, observed="0 of 14 rows", why="BI joins on it."
)


def failed(severity: Severity) -> Finding:
    return replace(SOUND, severity=severity, passed=False, observed="2 of 14 rows against it")


@pytest.fixture
def build(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(make_small_build(tmp_path / "build.duckdb")))


def judge(build: duckdb.DuckDBPyConnection, *of_orders: Finding) -> list[Verdict]:
    found = {table: [SOUND] for table in JUDGED_TABLES}
    found[JUDGED_TABLES[0]] = list(of_orders) or [SOUND]
    now = fingerprints(build)
    verdicts = make_verdicts(found, now, now)
    write_verdicts(build, verdicts, AS_OF)
    return verdicts


def test_a_stored_verdict_is_read_back_as_it_was(build: duckdb.DuckDBPyConnection) -> None:
    verdicts = judge(build, SOUND, failed("warning"))
    assert sorted(read_verdicts(build), key=lambda v: v.table.source) == sorted(
        verdicts, key=lambda v: v.table.source
    )


def test_the_stored_verdict_counts_failures_by_severity(build: duckdb.DuckDBPyConnection) -> None:
    judge(build, SOUND, failed("warning"), failed("critical"))
    row = build.execute(
        "select passed, expectation_count, critical_failure_count, warning_failure_count, as_of_date "
        "from gate.verdicts where table_name = 'marts.orders'"
    ).fetchone()
    assert row == (False, 3, 1, 1, AS_OF)


def test_a_second_verdict_replaces_the_first(build: duckdb.DuckDBPyConnection) -> None:
    judge(build, failed("critical"))
    judge(build, SOUND)
    assert build.execute("select count(*) from gate.verdicts").fetchone() == (len(JUDGED_TABLES),)
    assert len(require_passing(build)) == len(JUDGED_TABLES)


def test_a_failed_warning_passes_and_stays_on_record(build: duckdb.DuckDBPyConnection) -> None:
    judge(build, failed("warning"))
    assert [f for v in require_passing(build) for f in v.warning_failures] == [failed("warning")]


def test_a_failed_critical_is_refused_with_table_finding_and_reason(build: duckdb.DuckDBPyConnection) -> None:
    judge(build, failed("critical"))
    with pytest.raises(NotJudged) as refusal:
        require_passing(build)
    assert "Nothing was published; readers keep the release they have." in str(refusal.value)
    assert (
        "marts.orders: the gate is closed. order_key is unique: 2 of 14 rows against it (BI joins on it.)"
        in str(refusal.value)
    )


def test_a_build_without_verdict_is_refused_table_by_table(build: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(NotJudged) as refusal:
        require_passing(build)
    for table in JUDGED_TABLES:
        assert f"{table.source}: the gate has not judged it in this build. Run the gate" in str(refusal.value)


def test_a_table_that_changed_after_its_verdict_is_refused(build: duckdb.DuckDBPyConnection) -> None:
    judge(build)
    build.execute("delete from metrics.customers where customer_key = 'c9'")
    with pytest.raises(NotJudged, match=r"metrics\.customers: it is not the table .* \(7 rows then, 6 now"):
        require_passing(build)


def test_a_changed_cent_is_enough(build: duckdb.DuckDBPyConnection) -> None:
    judge(build)
    build.execute("update marts.orders set net_amount = net_amount + 0.01 where order_key = 'o1'")
    with pytest.raises(NotJudged, match=r"marts\.orders: it is not the table .* \(14 rows then, 14 now"):
        require_passing(build)


def test_a_dropped_table_is_refused(build: duckdb.DuckDBPyConnection) -> None:
    judge(build)
    build.execute("drop table marts.left_out")
    with pytest.raises(NotJudged, match=r"marts\.left_out is not there"):
        require_passing(build)


def test_a_table_that_changes_while_it_is_judged_has_no_verdict(build: duckdb.DuckDBPyConnection) -> None:
    before = fingerprints(build)
    build.execute("delete from marts.left_out")
    found = {JudgedTable("marts", "left_out"): [SOUND]}
    with pytest.raises(NotJudged, match=r"marts\.left_out changed while the gate judged it"):
        make_verdicts(found, before, fingerprints(build))
