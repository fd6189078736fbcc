"""The gate and publishing as Dagster runs them, on the small build, one run after the other in one home."""

import re
import shutil
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

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
PUBLISH = dg.AssetSelection.assets(warehouse)
EVERYTHING = PUBLISH | dg.AssetSelection.checks(gate)
SCRIPT = "<script>alert(1)</script>"
OVERRIDE = {"override_by": "Jo Weber", "override_reason": "the shop was moved to francs on purpose"}


def new_home(root: Path) -> HomePaths:
    paths = HomePaths(root)
    paths.build.mkdir(parents=True)
    shutil.copy(DEMO_SETTINGS_FILE, paths.settings_file)
    return paths


def put_build(paths: HomePaths, *changes: str) -> None:
    """The small build, made with the home's settings and then changed."""
    fingerprint = load_settings(paths.root).fingerprint()
    make_small_build(paths.build_file, f"update context.run set settings_hash = '{fingerprint}'", *changes)


def run(
    paths: HomePaths, selection: dg.AssetSelection, override: dict[str, str] | None = None
) -> dg.ExecuteInProcessResult:
    """Run this part of the graph on the build that is there."""
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
    config = {"ops": {"gate": {"config": override}}} if override else None
    return job.execute_in_process(partition_key=partition, run_config=config, raise_on_error=False)


def evaluations(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    return {evaluation.asset_key.path[-1]: evaluation for evaluation in result.get_asset_check_evaluations()}


def failed_records(check: dg.AssetCheckEvaluation) -> list[dict[str, Any]]:
    shown = check.metadata["failed"]
    assert isinstance(shown, dg.TableMetadataValue)
    return [dict(record.data) for record in shown.records]


def error_of(result: dg.ExecuteInProcessResult) -> str:
    [failure] = [event for event in result.all_events if event.is_step_failure]
    error = failure.step_failure_data.error
    assert error is not None
    return error.to_string()


def releases(paths: HomePaths, columns: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(paths.warehouse_file), read_only=True) as reader:
        return reader.execute(f"select {columns} from loyalty.releases order by release_id").fetchall()


@dataclass(frozen=True)
class Days:
    """What happened in one home, one run after the other."""

    paths: HomePaths
    sound: dg.ExecuteInProcessResult
    closed: dg.ExecuteInProcessResult
    alone: dg.ExecuteInProcessResult
    page: str
    releases_then: list[tuple[Any, ...]]
    overridden: dg.ExecuteInProcessResult
    warned: dg.ExecuteInProcessResult


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    paths = new_home(tmp_path_factory.mktemp("days") / "home")
    put_build(paths)
    sound = run(paths, EVERYTHING)
    put_build(
        paths,
        "update marts.orders set currency = 'CHF'",
        f"update metrics.metric_values set unit = '{SCRIPT}' where metric = 'csat_net_share'",
        f"update metrics.reasons set survey = '{SCRIPT}', promoter_n = null where reason = 'advice'",
    )
    closed = run(paths, EVERYTHING)
    alone = run(paths, PUBLISH)
    pages = paths.data_docs.rglob("metric_values.html")
    page = next(pages).read_text(encoding="utf-8")
    releases_then = releases(paths, "release_id")
    overridden = run(paths, EVERYTHING, OVERRIDE)
    put_build(
        paths,
        "update marts.orders set currency = 'CHF', refunded_amount = 99, net_amount = gross_amount - 99",
    )
    return Days(paths, sound, closed, alone, page, releases_then, overridden, warned=run(paths, EVERYTHING))


def test_a_sound_build_passes_every_check_and_is_published(days: Days) -> None:
    assert days.sound.success
    checks = evaluations(days.sound)
    assert {name: check.passed for name, check in checks.items()} == {t.name: True for t in JUDGED_TABLES}
    assert {check.check_name for check in checks.values()} == {CHECK_NAME}
    assert checks["orders"].metadata["rows"].value == 14
    assert days.releases_then == [("2025-12-31.1",)]


def test_a_first_release_says_that_it_had_nothing_to_compare_with(days: Days) -> None:
    told = {check.metadata["compared with"].value for check in evaluations(days.sound).values()}
    assert told == {"nothing: there is no earlier release that is kept"}


def test_a_later_one_says_with_which_release_it_was_compared(days: Days) -> None:
    told = {check.metadata["compared with"].value for check in evaluations(days.closed).values()}
    assert told == {"2025-12-31.1"}


def test_a_critical_failure_closes_the_gate_and_nothing_is_published(days: Days) -> None:
    assert not days.closed.success
    failed = evaluations(days.closed)["orders"]
    assert (failed.passed, failed.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert failed.description == "no currency has vanished since the earlier release: 1 rows against it"
    [record] = failed_records(failed)
    assert record["severity"] == "critical"
    assert record["why"].startswith("Everything that was paid in it, by orders enough")
    assert days.releases_then == [("2025-12-31.1",)]


def test_of_figures_keys_are_shown_as_examples_and_of_persons_none(days: Days) -> None:
    checks = evaluations(days.closed)
    [of_values] = [
        record
        for record in failed_records(checks["metric_values"])
        if record["expectation"].startswith("unit")
    ]
    assert of_values["examples"].startswith("metric = csat_net_share, survey = kunden, item = contact")
    # Shown as it is, by a page that sets it as text.
    assert of_values["examples"].endswith(f"unit = {SCRIPT}")
    [of_orders] = failed_records(checks["orders"])
    assert of_orders["examples"] == ""


def test_the_check_links_to_the_page_about_its_table(days: Days) -> None:
    link = evaluations(days.closed)["metric_values"].metadata["data docs"]
    assert isinstance(link, dg.UrlMetadataValue)
    base = "http://127.0.0.1:3001/"
    assert str(link.value).startswith(base)
    assert (days.paths.data_docs / str(link.value).removeprefix(base)).is_file()


class Shown(HTMLParser):
    """What a browser would show of a page, and what it would run or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.live: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        runs = tag in {"script", "iframe", "object", "embed"} or any(name.startswith("on") for name in given)
        fetches = tag in {"link", "img"} and any(
            given.get(name, "").startswith(("http", "//", "javascript:")) for name in ("href", "src")
        )
        if runs or fetches or any(value.startswith("javascript:") for value in given.values()):
            self.live.append(f"{tag} {given}")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_what_stands_in_the_tables_is_shown_on_the_pages_and_never_run(days: Days) -> None:
    shown = Shown()
    shown.feed(days.page)
    assert SCRIPT in [text.strip() for text in shown.texts]
    for page in days.paths.data_docs.rglob("*.html"):
        parsed = Shown()
        parsed.feed(page.read_text(encoding="utf-8"))
        assert parsed.live == [], page


def test_the_index_leads_to_the_page_of_every_table_and_marks_those_that_failed(days: Days) -> None:
    index = (days.paths.data_docs / "index.html").read_text(encoding="utf-8")
    rows = re.findall(r'<i class="([^"]*)"></i></td><td><a href="([^"]*)">(\w+)</a>', index)
    assert [table for _, _, table in rows] == [table.name for table in JUDGED_TABLES]
    assert all((days.paths.data_docs / page).is_file() for _, page, _ in rows)
    failed = {table for icon, _, table in rows if icon == "fa-times"}
    assert failed == {"orders"}
    assert all(f".{icon}::before" in index for icon, _, _ in rows)


def test_publishing_alone_after_a_closed_gate_is_refused(days: Days) -> None:
    assert not days.alone.success
    said = error_of(days.alone)
    assert "Nothing was published; readers keep the release they have." in said
    assert "marts.orders: the gate is closed. no currency has vanished since the earlier release" in said
    assert days.releases_then == [("2025-12-31.1",)]


def test_an_override_publishes_and_names_who_answers_for_it_and_why(days: Days) -> None:
    assert days.overridden.success
    told = f"Overridden by {OVERRIDE['override_by']}: {OVERRIDE['override_reason']}"
    check = evaluations(days.overridden)["orders"]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert (check.description or "").startswith(f"{told}; no currency has vanished")
    assert check.metadata["override"].value == told
    assert check.metadata["critical failures"].value == 1
    assert evaluations(days.overridden)["customers"].metadata["override"].value == "none"
    [(release_id, by, reason)] = releases(days.paths, "release_id, override_by, override_reason")[1:2]
    assert (release_id, by, reason) == ("2025-12-31.2", *OVERRIDE.values())


def test_a_failed_warning_is_shown_and_published(days: Days) -> None:
    assert days.warned.success
    warned = evaluations(days.warned)["orders"]
    assert (warned.passed, warned.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert warned.metadata["warnings"].value == 1
    # The release before was overridden: what it said is what the next one is compared with.
    assert warned.metadata["compared with"].value == "2025-12-31.2"
    assert releases(days.paths, "release_id, warning_count")[2] == ("2025-12-31.3", 1)


def test_half_an_override_judges_nothing(tmp_path: Path) -> None:
    paths = new_home(tmp_path / "home")
    put_build(paths)
    result = run(paths, EVERYTHING, {"override_by": "Jo Weber", "override_reason": " "})
    assert not result.success
    assert "give both override_by and override_reason" in error_of(result)
    with duckdb.connect(str(paths.build_file), read_only=True) as build:
        assert read_verdicts(build) == []


def test_the_checks_alone_judge_the_build_that_is_there_and_publish_nothing(tmp_path: Path) -> None:
    paths = new_home(tmp_path / "home")
    put_build(paths)
    result = run(paths, dg.AssetSelection.checks(gate))
    assert result.success
    with duckdb.connect(str(paths.build_file), read_only=True) as build:
        assert {verdict.table for verdict in read_verdicts(build)} == set(JUDGED_TABLES)
    assert not paths.warehouse_file.exists()
    refused_after(
        paths, "update marts.orders set channel = 'shop'", "it is not the table that the gate judged"
    )
    put_build(paths)
    refused_after(paths, "select 1", "the gate has not judged it in this build")


def refused_after(paths: HomePaths, change: str, said: str) -> None:
    """Publishing alone is refused after this change of the build."""
    with duckdb.connect(str(paths.build_file)) as build:
        build.execute(change)
    result = run(paths, PUBLISH)
    assert not result.success
    assert f"marts.orders: {said}" in error_of(result)
    assert not paths.warehouse_file.exists()
