"""A run that `make` starts tells of its failure by itself, once, and Dagster's sensor knows that it did."""

from pathlib import Path

import pytest
from dagster import DagsterInstance

from pipelines.alerts.telling import TOLD_BY
from pipelines.settings import DEMO_SETTINGS_FILE
from tests.integration.homes import NightlyHome
from tests.receivers import TOKEN, webhook


def test_a_failed_run_of_a_command_is_told_once_and_tagged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = NightlyHome(tmp_path / "home")
    home.paths.landing.mkdir(parents=True)
    text = DEMO_SETTINGS_FILE.read_text(encoding="utf-8")
    home.paths.settings_file.write_text(text + "\nalerts: {}\n", encoding="utf-8")
    with webhook() as hook:
        monkeypatch.setenv("TREUE_ALERT_URLS", hook.address)
        code, said = home.call("run")
    assert code == 1
    [told] = hook.received
    assert told["title"] == "Treue, Blumenhaus Linde: the job nightly as of 2025-12-31 failed"
    assert "raw__orders failed: extract shop_orders: no file matches" in told["message"]
    monkeypatch.setenv("DAGSTER_HOME", str(home.paths.dagster))
    with DagsterInstance.from_config(str(home.paths.dagster)) as instance:
        [run] = instance.get_runs()
    assert TOLD_BY in run.tags
    assert f"/runs/{run.run_id}" in told["message"]
    written = (path for path in home.paths.root.rglob("*") if path.is_file())
    assert [path for path in written if TOKEN.encode() in path.read_bytes()] == []
    assert TOKEN not in said
