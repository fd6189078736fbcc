"""Counts of an earlier day are the same whether or not later events are in the lake."""

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.demo.home import write_demo_home
from pipelines.ingest.lake import lake_files, lake_hash
from pipelines.ingest.load import Ingest
from pipelines.ingest.stage import ingest_extracts
from pipelines.paths import HomePaths
from pipelines.settings import load_settings
from pipelines.transform.build import create_build
from tests.architecture.models import SECRET, build_models, compiled_manifest

AS_OF = date(2025, 6, 30)
FEW_CUSTOMERS = 300
MARTS = (
    "retention_counts",
    "revenue_bridge_counts",
    "cohort_counts",
    "repeat_purchase_counts",
    "matured_repeat_counts",
    "tenure_counts",
)
DATED_BY = {
    "orders": "ordered_at",
    "order_lines": "ordered_at",
    "refunds": "refunded_at",
    "subscriptions": "started_at",
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> HomePaths:
    """The demo company's files up to the end of 2025, read."""
    paths = HomePaths(tmp_path_factory.mktemp("point_in_time"))
    write_demo_home(paths.root, customers=FEW_CUSTOMERS)
    settings = load_settings(paths.root)
    night = Ingest(paths, settings.time_zone, settings.currency, SECRET, date(2026, 1, 2))
    ingest_extracts(night, settings.extracts)
    return paths


def built(
    lake: HomePaths, file: Path, *, active_definition: str, with_later_events: bool
) -> duckdb.DuckDBPyConnection:
    """The build of AS_OF, with what happened later in the raw tables or cut out of them."""
    settings = load_settings(lake.root)
    files = lake_files(lake, settings, SECRET)
    create_build(file, AS_OF, "now", settings, files, lake_hash(files))
    build = duckdb.connect(str(file))
    build.execute("update context.settings set active_definition = ?", [active_definition])
    if not with_later_events:
        cut_later_events(build)
    build_models(build, compiled_manifest(), MARTS)
    return build


def cut_later_events(build: duckdb.DuckDBPyConnection) -> None:
    ((end,),) = build.execute("select as_of_end from context.run").fetchall()
    assert isinstance(end, datetime)
    for table, happened_at in DATED_BY.items():
        build.execute(f"alter view raw.{table} rename to all_{table}")
        build.execute(
            f"create view raw.{table} as select * from raw.all_{table} where {happened_at} < timestamp '{end}'"
        )
        ((cut,),) = build.execute(
            f"select (select count(*) from raw.all_{table}) - (select count(*) from raw.{table})"
        ).fetchall()
        assert cut > 0, f"nothing later in {table}"
    build.execute("alter view raw.subscriptions rename to started_subscriptions")
    # An end that is still to come is not known yet.
    build.execute(
        "create view raw.subscriptions as select * replace ("
        f"case when ended_at < timestamp '{end}' then ended_at end as ended_at, "
        f"case when ended_at < timestamp '{end}' then ended_date end as ended_date"
        ") from raw.started_subscriptions"
    )


@pytest.mark.parametrize("active_definition", ["purchase_window", "contract"])
def test_counts_of_an_earlier_day_do_not_know_of_later_events(
    lake: HomePaths, tmp_path: Path, active_definition: str
) -> None:
    builds = [
        built(
            lake,
            tmp_path / str(later) / "treue.duckdb",
            active_definition=active_definition,
            with_later_events=later,
        )
        for later in (True, False)
    ]
    for mart in MARTS:
        with_later, without = (
            build.execute(f"select * from marts.{mart} order by all").fetchall() for build in builds
        )
        assert with_later == without, mart
        assert len(with_later) > 0, mart
    for build in builds:
        build.close()
