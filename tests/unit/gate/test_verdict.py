from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.gate.suites import Finding, Severity
from pipelines.gate.tables import JUDGED_TABLES, JudgedTable
from pipelines.gate.verdict import (
    NotJudged,
    Override,
    OverrideIncomplete,
    Verdict,
    fingerprints,
    make_verdicts,
    override_of,
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


def judge(
    build: duckdb.DuckDBPyConnection, *of_orders: Finding, override: Override | None = None
) -> list[Verdict]:
    found = {table: [SOUND] for table in JUDGED_TABLES}
    found[JUDGED_TABLES[0]] = list(of_orders) or [SOUND]
    now = fingerprints(build)
    verdicts = make_verdicts(found, now, now, "2025-12-30.1", override)
    write_verdicts(build, verdicts, AS_OF)
    return verdicts


def test_a_stored_verdict_is_read_back_as_it_was(build: duckdb.DuckDBPyConnection) -> None:
    verdicts = judge(build, SOUND, failed("warning"))
    assert sorted(read_verdicts(build), key=lambda v: v.table.source) == sorted(
        verdicts, key=lambda v: v.table.source
    )


def test_examples_and_whom_it_was_compared_with_are_stored_too(build: duckdb.DuckDBPyConnection) -> None:
    told = replace(failed("critical"), examples=('source = it\'s \U0001f600 "quoted"', "source = b (2 rows)"))
    judge(build, told)
    [of_orders] = [v for v in read_verdicts(build) if v.table.name == "orders"]
    assert of_orders.findings == (told,)
    assert of_orders.compared_with == "2025-12-30.1"


def test_a_verdict_in_the_columns_of_an_earlier_version_is_none(build: duckdb.DuckDBPyConnection) -> None:
    judge(build)
    build.execute("alter table gate.findings drop column is_evaluated")
    assert read_verdicts(build) == []
    with pytest.raises(NotJudged, match="has not judged it in this build"):
        require_passing(build)


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


JO = Override("Jo Weber", "the file of May came twice, accepted by finance")


def test_an_override_opens_the_gate_by_name_and_with_a_reason(build: duckdb.DuckDBPyConnection) -> None:
    judge(build, SOUND, failed("critical"), override=JO)
    [of_orders] = [v for v in require_passing(build) if v.table.name == "orders"]
    assert (of_orders.passed, of_orders.may_be_published, of_orders.override) == (False, True, JO)
    assert of_orders.critical_failures == [failed("critical")]
    stored = "select table_name, passed, override_by, override_reason from gate.verdicts where override_by is not null"
    assert build.execute(stored).fetchall() == [("marts.orders", False, JO.by, JO.reason)]


def test_an_override_is_recorded_only_where_it_was_needed(build: duckdb.DuckDBPyConnection) -> None:
    judge(build, failed("warning"), override=JO)
    assert {verdict.override for verdict in require_passing(build)} == {None}


def test_what_could_not_be_evaluated_cannot_be_overridden(build: duckdb.DuckDBPyConnection) -> None:
    unknown = replace(failed("critical"), is_evaluated=False, observed="could not be evaluated: Binder Error")
    judge(build, failed("critical"), unknown, override=JO)
    with pytest.raises(NotJudged, match=r"marts\.orders: the gate is closed\..*could not be evaluated"):
        require_passing(build)


def test_a_table_that_changed_after_its_override_is_refused(build: duckdb.DuckDBPyConnection) -> None:
    judge(build, failed("critical"), override=JO)
    build.execute("update marts.orders set net_amount = net_amount + 0.01 where order_key = 'o1'")
    with pytest.raises(NotJudged, match=r"marts\.orders: it is not the table that the gate judged"):
        require_passing(build)


def test_a_missing_table_cannot_be_overridden(build: duckdb.DuckDBPyConnection) -> None:
    judge(build, failed("critical"), override=JO)
    build.execute("drop table marts.orders")
    with pytest.raises(NotJudged, match=r"marts\.orders is not there"):
        require_passing(build)


def test_a_judgement_without_override_takes_an_earlier_one_back(build: duckdb.DuckDBPyConnection) -> None:
    judge(build, failed("critical"), override=JO)
    judge(build, failed("critical"))
    with pytest.raises(NotJudged, match="the gate is closed"):
        require_passing(build)


@pytest.mark.parametrize(("by", "reason"), [(None, None), ("", ""), (None, "")])
def test_no_override_is_none(by: str | None, reason: str | None) -> None:
    assert override_of(by, reason) is None


@pytest.mark.parametrize(
    ("by", "reason"), [("Jo", None), (None, "why"), ("Jo", ""), ("Jo", " \n"), ("  ", "why"), ("\t", "  ")]
)
def test_half_an_override_is_refused(by: str | None, reason: str | None) -> None:
    with pytest.raises(OverrideIncomplete, match=r"give both override_by and override_reason.*OVERRIDE_BY="):
        override_of(by, reason)


def test_an_override_is_one_line() -> None:
    assert override_of(" Jo \n Weber ", "a\n\nb") == Override("Jo Weber", "a b")
