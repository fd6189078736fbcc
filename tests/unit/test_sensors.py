"""What the daemon's sensors tell, of runs in process on the small build."""

import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from pipelines.alerts.telling import TOLD_BY
from pipelines.gate.checks import gate
from pipelines.gate.tables import JUDGED_TABLES
from pipelines.partitions import AS_OF_DAYS
from pipelines.paths import HomePaths
from pipelines.publish.assets import warehouse
from pipelines.resources import HomeResource
from pipelines.sensors import failed_runs, late_release
from pipelines.settings import DEMO_SETTINGS_FILE, load_settings
from tests.receivers import TOKEN, Webhook, webhook
from tests.unit.gate.small_build import make_small_build

AS_OF = date(2025, 12, 31)
EVERYTHING = dg.AssetSelection.assets(warehouse) | dg.AssetSelection.checks(gate)
BROKEN = "update marts.orders set net_amount = 0 where order_key = 'o1'"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """Whom the environment names."""
    with webhook() as receiver:
        monkeypatch.setenv("TREUE_ALERT_URLS", receiver.address)
        monkeypatch.setenv("TREUE_UI_URL", "https://treue.example.com/")
        yield receiver


@pytest.fixture
def home(tmp_path: Path) -> HomeResource:
    """The home of a company that wants to be told."""
    paths = HomePaths(tmp_path / "home")
    paths.build.mkdir(parents=True)
    shutil.copy(DEMO_SETTINGS_FILE, paths.settings_file)
    with paths.settings_file.open("a", encoding="utf-8") as settings:
        settings.write("\nalerts: {late_after: 08:00}\n")
    return HomeResource(root=str(paths.root), is_demo=True)


def is_as_of(home: HomeResource, as_of: str) -> None:
    """Let the company promise readers another day."""
    file = home.paths.settings_file
    text = file.read_text(encoding="utf-8")
    assert text.count("as_of: 2025-12-31") == 1
    file.write_text(text.replace("as_of: 2025-12-31", f"as_of: {as_of}"), encoding="utf-8")


def run(
    instance: dg.DagsterInstance, home: HomeResource, selection: dg.AssetSelection, *changes: str, **tags: str
) -> dg.ExecuteInProcessResult:
    """Run this part of the graph on a small build with these changes."""
    fingerprint = load_settings(home.paths.root).fingerprint()
    make_small_build(
        home.paths.build_file, f"update context.run set settings_hash = '{fingerprint}'", *changes
    )
    definitions = dg.Definitions(
        assets=[
            warehouse,
            *(dg.AssetSpec([table.layer, table.name], partitions_def=AS_OF_DAYS) for table in JUDGED_TABLES),
        ],
        asset_checks=[gate],
        jobs=[dg.define_asset_job("nightly", selection)],
        resources={"home": home},
    )
    job = definitions.resolve_job_def("nightly")
    return job.execute_in_process(
        instance=instance, partition_key=AS_OF.isoformat(), raise_on_error=False, tags=tags
    )


def watch(instance: dg.DagsterInstance, home: HomeResource, result: dg.ExecuteInProcessResult) -> None:
    """Show a failed run to the sensor."""
    assert not result.success
    [failure] = [event for event in result.all_events if event.event_type is dg.DagsterEventType.RUN_FAILURE]
    context = dg.build_run_status_sensor_context(
        sensor_name="failed_runs",
        dagster_event=failure,
        dagster_instance=instance,
        dagster_run=result.dagster_run,
        resources={"home": home},
    )
    with context.for_run_failure() as failing:
        failed_runs(failing)


def test_a_release_in_time_is_not_told_and_a_closed_gate_is_with_table_readers_and_run(
    home: HomeResource, hook: Webhook
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert run(instance, home, EVERYTHING).success
        assert look(instance, home) == ("No release is late.", None)
        closed = run(instance, home, EVERYTHING, BROKEN)
        watch(instance, home, closed)
    [told] = hook.received
    assert told["title"] == (
        "Treue, Blumenhaus Linde: the gate closed over 1 table, nothing was published as of 2025-12-31"
    )
    lines = told["message"].splitlines()
    assert lines[0] == "marts/orders: 1 critical expectation failed"
    assert lines[1] == "  - gross less refunded is net: 1 rows against it"
    assert lines[-3].startswith("Readers see release 2025-12-31.1, as of 2025-12-31, published 20")
    assert lines[-2] == f"Home: {home.root}"
    assert lines[-1] == f"Look here: https://treue.example.com/runs/{closed.run_id}"


def test_another_failure_is_told_as_one(home: HomeResource, hook: Webhook) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        watch(instance, home, run(instance, home, dg.AssetSelection.assets(warehouse)))
    [told] = hook.received
    assert told["title"] == "Treue, Blumenhaus Linde: the job nightly as of 2025-12-31 failed"
    assert told["message"].startswith("publish__warehouse failed: ")
    assert "the gate has not judged it in this build" in told["message"]
    assert "Readers see no release" in told["message"]


def test_a_run_of_a_command_is_not_told_a_second_time(home: HomeResource, hook: Webhook) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        tags = {TOLD_BY: "make run"}
        watch(instance, home, run(instance, home, dg.AssetSelection.assets(warehouse), **tags))
    assert hook.received == []


def test_a_message_that_nobody_takes_changes_nothing_about_the_run(
    home: HomeResource, hook: Webhook, capfd: pytest.CaptureFixture[str]
) -> None:
    hook.status = 500
    with dg.DagsterInstance.ephemeral() as instance:
        failed = run(instance, home, dg.AssetSelection.assets(warehouse))
        watch(instance, home, failed)
        told = "\n".join(str(entry) for entry in instance.all_logs(failed.run_id))
    captured = capfd.readouterr()
    assert "address 1 of TREUE_ALERT_URLS (json) was not reached" in captured.err
    assert TOKEN not in captured.err + captured.out + told


def look(
    instance: dg.DagsterInstance, home: HomeResource, cursor: str | None = None
) -> tuple[str, str | None]:
    """What the sensor of late releases says, and where it stands."""
    with dg.build_sensor_context(instance=instance, cursor=cursor, resources={"home": home}) as context:
        said = late_release(context)
        assert isinstance(said, dg.SkipReason)
        return str(said.skip_message), context.cursor


def test_a_late_release_is_told_once_per_deadline(home: HomeResource, hook: Webhook) -> None:
    is_as_of(home, "yesterday")
    with dg.DagsterInstance.ephemeral() as instance:
        said, cursor = look(instance, home)
        assert cursor
        assert datetime.fromisoformat(cursor).strftime("%H:%M") == "08:00"
        again, same = look(instance, home, cursor)
        yesterday = datetime.fromisoformat(cursor) - timedelta(days=1)
        look(instance, home, yesterday.isoformat())
    assert said.startswith("A release as of 20")
    assert (again, same) == (f"Told already: {said}", cursor)
    assert [each["title"] for each in hook.received] == ["Treue, Blumenhaus Linde: the release is late"] * 2
    assert said in hook.received[0]["message"]


def test_a_late_release_is_told_again_until_somebody_hears(home: HomeResource, hook: Webhook) -> None:
    hook.status = 500
    with dg.DagsterInstance.ephemeral() as instance:
        assert look(instance, home)[1] is None
        hook.status = 200
        assert look(instance, home)[1] is not None


def test_without_alerts_in_the_settings_the_sensors_do_nothing(home: HomeResource, hook: Webhook) -> None:
    shutil.copy(DEMO_SETTINGS_FILE, home.paths.settings_file)
    with dg.DagsterInstance.ephemeral() as instance:
        assert look(instance, home) == ("Nobody is to be told of late releases.", None)
        watch(instance, home, run(instance, home, dg.AssetSelection.assets(warehouse)))
    assert hook.received == []
