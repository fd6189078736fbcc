"""The graph that Dagster shows: pinned, described, owned, and judged before it is published."""

import pytest
from dagster import (
    AssetKey,
    BackfillPolicy,
    DailyPartitionsDefinition,
    Definitions,
    in_process_executor,
)
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from pipelines.definitions import definitions
from pipelines.gate.tables import JUDGED_TABLES
from pipelines.settings import settings_of_environment
from tests.architecture.asset_graph import PINNED_FILE, CodeLocation, graph_lines

READS = {
    "raw": set(),
    "context": {"raw"},
    "staging": {"raw", "context", "staging"},
    "intermediate": {"staging", "context", "intermediate"},
    "marts": {"intermediate", "context"},
    "metrics": {"marts", "metrics"},
    "publish": {"marts", "metrics"},
}
# By layer, the layers it may read: nothing flows back and nothing skips a layer.

KNOWN_VIOLATIONS = {
    # Rejected rows are counted as they come; a model between would repeat the one in staging.
    "marts/left_out reads staging/stg_rejected_rows",
}
# May only shrink: a mended one has to leave this list.

STAGES = {
    "raw": "ingest",
    "context": "transform",
    "staging": "transform",
    "intermediate": "transform",
    "marts": "transform",
    "metrics": "metrics",
    "publish": "publish",
}
# By layer, the stage that leaves it, which is its group in the UI.


@pytest.fixture(scope="module")
def graph() -> AssetGraph:
    return definitions.resolve_asset_graph()


def test_the_ui_can_load_the_definitions() -> None:
    """What the code server checks and a run from the command line does not: names of jobs and ops that clash."""
    Definitions.validate_loadable(definitions)


def test_the_graph_is_the_pinned_one() -> None:
    pinned = PINNED_FILE.read_text(encoding="utf-8").splitlines()
    assert graph_lines() == pinned, "if this is meant: .venv/bin/python -m tests.architecture.asset_graph"


def test_the_graph_is_the_same_for_every_company(loaded_elsewhere: CodeLocation) -> None:
    assert loaded_elsewhere.graph == graph_lines()


def test_every_layer_reads_the_one_before_it(graph: AssetGraph) -> None:
    against = {
        f"{key.to_user_string()} reads {parent.to_user_string()}"
        for key in graph.get_all_asset_keys()
        for parent in graph.get(key).parent_keys
        if parent.path[0] not in READS[key.path[0]]
    }
    assert against == KNOWN_VIOLATIONS


def test_everything_that_is_made_is_read(graph: AssetGraph) -> None:
    unread = {key.to_user_string() for key in graph.get_all_asset_keys() if not graph.get(key).child_keys}
    assert unread == {"publish/warehouse"}


def test_every_asset_is_described_owned_and_grouped_by_its_stage(graph: AssetGraph) -> None:
    nodes = {key: graph.get(key) for key in graph.get_all_asset_keys()}
    assert [key for key, node in nodes.items() if not (node.description or "").strip()] == []
    assert [key for key, node in nodes.items() if not node.owners] == []
    assert [key for key, node in nodes.items() if not node.kinds] == []
    assert [key for key, node in nodes.items() if node.group_name != STAGES[key.path[0]]] == []


def test_every_asset_can_be_materialised(graph: AssetGraph) -> None:
    """A misspelt dependency would come in as an external asset that nobody makes."""
    assert [key for key in graph.get_all_asset_keys() if not graph.get(key).is_materializable] == []


def test_all_but_the_raw_assets_are_of_a_day_and_backfilled_one_day_per_run(graph: AssetGraph) -> None:
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        if key.path[0] == "raw":
            assert node.partitions_def is None, key
        else:
            assert isinstance(node.partitions_def, DailyPartitionsDefinition), key
            assert node.backfill_policy == BackfillPolicy.multi_run(max_partitions_per_run=1), key


def test_every_judged_table_has_a_check_that_blocks(graph: AssetGraph) -> None:
    blocked = {
        check.asset_key
        for check in graph.asset_check_keys
        if check.name == "gate" and graph.get(check).blocking
    }
    assert blocked == {AssetKey([table.layer, table.name]) for table in JUDGED_TABLES}


def test_what_is_published_is_what_is_judged(graph: AssetGraph) -> None:
    published = graph.get(AssetKey(["publish", "warehouse"])).parent_keys
    assert published == {AssetKey([table.layer, table.name]) for table in JUDGED_TABLES}


def test_the_night_holds_every_asset_and_check_and_runs_by_day_in_one_process(graph: AssetGraph) -> None:
    nightly = definitions.resolve_job_def("nightly")
    assert nightly.asset_layer.selected_asset_keys == graph.get_all_asset_keys()
    assert nightly.asset_layer.asset_graph.asset_check_keys == graph.asset_check_keys
    assert isinstance(nightly.partitions_def, DailyPartitionsDefinition)
    assert nightly.executor_def is in_process_executor


def test_the_job_ingest_reads_every_kind_and_nothing_else(graph: AssetGraph) -> None:
    raw = {key for key in graph.get_all_asset_keys() if key.path[0] == "raw"}
    assert definitions.resolve_job_def("ingest").asset_layer.selected_asset_keys == raw


def test_the_night_begins_at_four_in_the_companys_zone(loaded_elsewhere: CodeLocation) -> None:
    settings = settings_of_environment()
    schedule = definitions.resolve_schedule_def("nightly_at_four")
    assert schedule.cron_schedule == "0 4 * * *"
    assert schedule.job_name == "nightly"
    assert schedule.execution_timezone == settings.time_zone
    assert loaded_elsewhere.time_zone == "America/New_York"
    days = definitions.resolve_job_def("nightly").partitions_def
    assert isinstance(days, DailyPartitionsDefinition)
    assert days.timezone == settings.time_zone
    assert days.get_first_partition_key() == settings.history_start.isoformat()
