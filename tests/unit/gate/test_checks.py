"""The gate and publishing as Dagster runs them, on the small build."""

import shutil
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from pipelines.gate.checks import CHECK_NAME, gate
from pipelines.gate.tables import JUDGED_TABLES
from pipelines.gate.verdict import read_verdicts
from pipelines.partitions import AS_OF_DAYS
from pipelines.paths import HomePaths
from pipelines.publish.assets import warehouse
from pipelines.resources import HomeResource
from pipelines.settings import DEMO_SETTINGS_FILE, load_settings
from tests.unit.gate.small_build import make_small_build

AS_OF = date(2025, 12, 31)
EVERYTHING = dg.AssetSelection.assets(warehouse) | dg.AssetSelection.checks(gate)


@pytest.fixture
def paths(tmp_path: Path) -> HomePaths:
    paths = HomePaths(tmp_path / "home")
    paths.build.mkdir(parents=True)
    shutil.copy(DEMO_SETTINGS_FILE, paths.settings_file)
    return paths


def run(paths: HomePaths, selection: dg.AssetSelection, *changes: str) -> dg.ExecuteInProcessResult:
    """Run this part of the graph on a small build, made with the home's settings and then changed."""
    if changes or not paths.build_file.exists():
        fingerprint = load_settings(paths.root).fingerprint()
        make_small_build(
            paths.build_file, f"update context.run set settings_hash = '{fingerprint}'", *changes
        )
    definitions = dg.Definitions(
        assets=[
            warehouse,
            *(dg.AssetSpec([table.layer, table.name], partitions_def=AS_OF_DAYS) for table in JUDGED_TABLES),
        ],
        asset_checks=[gate],
        jobs=[dg.define_asset_job("chosen", selection)],
        resources={"home": HomeResource(root=str(paths.root), is_demo=True)},
    )
    job = definitions.resolve_job_def("chosen")
    partition = AS_OF.isoformat() if job.partitions_def else None
    return job.execute_in_process(partition_key=partition, raise_on_error=False)


def evaluations(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    return {evaluation.asset_key.path[-1]: evaluation for evaluation in result.get_asset_check_evaluations()}


def test_a_sound_build_passes_every_check_and_is_published(paths: HomePaths) -> None:
    result = run(paths, EVERYTHING)
    assert result.success
    checks = evaluations(result)
    assert {name: check.passed for name, check in checks.items()} == {t.name: True for t in JUDGED_TABLES}
    assert {check.check_name for check in checks.values()} == {CHECK_NAME}
    assert checks["orders"].metadata["rows"].value == 14
    assert paths.warehouse_file.exists()


def test_a_critical_failure_closes_the_gate_and_nothing_is_published(paths: HomePaths) -> None:
    result = run(paths, EVERYTHING, "update marts.orders set net_amount = 0 where order_key = 'o1'")
    assert not result.success
    failed = evaluations(result)["orders"]
    assert (failed.passed, failed.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert failed.description == "gross less refunded is net: 1 rows against it"
    shown = failed.metadata["failed"]
    assert isinstance(shown, dg.TableMetadataValue)
    [record] = shown.records
    assert str(record.data["why"]).startswith("The three amounts")
    assert not paths.warehouse_file.exists()


def test_publishing_alone_after_a_closed_gate_is_refused(paths: HomePaths) -> None:
    run(paths, EVERYTHING, "update marts.orders set net_amount = 0 where order_key = 'o1'")
    result = run(paths, dg.AssetSelection.assets(warehouse))
    assert not result.success
    [failure] = [event for event in result.all_events if event.is_step_failure]
    error = failure.step_failure_data.error
    assert error is not None
    assert "marts.orders: the gate is closed. gross less refunded is net" in error.to_string()
    assert not paths.warehouse_file.exists()


def test_a_failed_warning_is_shown_and_published(paths: HomePaths) -> None:
    result = run(
        paths, EVERYTHING, "update marts.orders set refunded_amount = 99, net_amount = gross_amount - 99"
    )
    assert result.success
    warned = evaluations(result)["orders"]
    assert (warned.passed, warned.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert warned.metadata["warnings"].value == 1
    with duckdb.connect(str(paths.warehouse_file), read_only=True) as reader:
        assert reader.execute("select warning_count from loyalty.releases").fetchall() == [(1,)]


def test_the_checks_alone_judge_the_build_that_is_there(paths: HomePaths) -> None:
    result = run(paths, dg.AssetSelection.checks(gate))
    assert result.success
    with duckdb.connect(str(paths.build_file), read_only=True) as build:
        assert {verdict.table for verdict in read_verdicts(build)} == set(JUDGED_TABLES)
