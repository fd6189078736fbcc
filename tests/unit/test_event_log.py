"""Dagster's event log over connections that stay open: what is written is as Dagster's own would write it."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance, EventLogEntry, ExecuteInProcessResult, job, op
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import Engine, event

from tests.conftest import PROJECT


@op
def say() -> None:
    pass


@job
def small() -> None:
    for number in range(5):
        say.alias(f"say_{number}")()


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DagsterInstance]:
    """The instance of a new home."""
    shutil.copyfile(PROJECT / "dagster.yaml", tmp_path / "dagster.yaml")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with DagsterInstance.get() as made:
        yield made


def run(instance: DagsterInstance) -> ExecuteInProcessResult:
    return small.execute_in_process(instance=instance)


def test_what_is_logged_stands_where_dagster_itself_would_look_for_it(
    instance: DagsterInstance, tmp_path: Path
) -> None:
    runs = [run(instance).run_id for _ in range(2)]
    theirs = SqliteEventLogStorage(str(tmp_path / "history" / "runs"))
    for run_id in runs:
        logged = instance.all_logs(run_id)
        assert logged[0].dagster_event
        assert logged[0].dagster_event.event_type_value == "PIPELINE_START"
        assert len(logged) > 20
        assert [record.event_log_entry for record in theirs.get_records_for_run(run_id).records] == logged


def test_a_run_opens_few_connections_for_its_events(instance: DagsterInstance) -> None:
    opened = []

    def count(connection: object, record: object) -> None:
        opened.append(connection)

    event.listen(Engine, "connect", count)
    try:
        result = run(instance)
    finally:
        event.remove(Engine, "connect", count)
    assert len(opened) < len(instance.all_logs(result.run_id))


def test_whoever_follows_a_run_is_told_of_its_events(instance: DagsterInstance) -> None:
    heard: list[EventLogEntry] = []
    has_heard = threading.Event()

    def hear(entry: EventLogEntry, cursor: str) -> None:
        heard.append(entry)
        has_heard.set()

    first = run(instance)
    instance.watch_event_logs(first.run_id, None, hear)
    try:
        instance.report_engine_event("Once more.", first.dagster_run)
        assert has_heard.wait(20)
    finally:
        instance.end_watch_event_logs(first.run_id, hear)
    assert heard[0].run_id == first.run_id
