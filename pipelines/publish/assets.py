"""Publishing in Dagster: the warehouse that BI reads, as one asset after all judged tables.

What must stay out: how it is published (publication) and whether it may be (the gate's verdict).
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from dagster import AssetExecutionContext, AssetKey, MaterializeResult, asset

from pipelines.gate.tables import JUDGED_TABLES
from pipelines.partitions import AS_OF_DAYS, ONE_DAY_PER_RUN
from pipelines.publish.descriptions import published_tables
from pipelines.publish.publication import publish_build
from pipelines.publish.targets import drop_what_is_no_longer_read, releases_seen
from pipelines.resources import HomeResource
from pipelines.transform.build import open_build


@asset(
    key=["publish", "warehouse"],
    deps=[AssetKey([table.layer, table.name]) for table in JUDGED_TABLES],
    group_name="publish",
    kinds={"duckdb"},
    owners=["team:treue"],
    description="The warehouse that BI reads: `warehouse/treue.duckdb`, schema `loyalty`, swapped in whole "
    "once the gate has passed exactly these tables, and beside it the same tables in PostgreSQL where the home "
    "publishes to it. One release per run.",
    partitions_def=AS_OF_DAYS,
    backfill_policy=ONE_DAY_PER_RUN,
)
def warehouse(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    """Publish the build of the run's day, and say which release it is."""
    as_of = date.fromisoformat(context.partition_key)
    with (
        home.lock(context.run.run_id),
        open_build(home.paths.build_file, as_of, home.settings, read_only=True) as connection,
    ):
        postgres = home.postgres
        before = releases_seen(home.paths.warehouse_file, postgres)
        if len(set(before.values())) > 1:
            context.log.warning("Until now readers saw %s. This puts it right.", _told(before))
        run_id, moment = context.run.run_id, datetime.now(UTC)
        release = publish_build(
            connection,
            home.paths,
            published_tables(),
            run_id,
            moment,
            keep_releases=home.settings.keep_releases,
            postgres=postgres,
        )
        still_read = drop_what_is_no_longer_read(postgres)
    seen = releases_seen(home.paths.warehouse_file, postgres)
    return MaterializeResult(
        metadata={
            "release": release.release_id,
            "became current": release.became_current,
            "compared with": release.compared_with or "none",
            "warnings": len(release.warnings),
            "restated figures": release.restated_count or 0,
            **{f"readers of {target} see": release_id for target, release_id in seen.items()},
            **({"readers saw before": _told(before)} if len(set(before.values())) > 1 else {}),
            **({"old releases to be dropped by the next run": "; ".join(still_read)} if still_read else {}),
            **{f"rows: {name}": table.row_count for name, table in release.tables.items()},
        }
    )


def _told(seen: Mapping[str, str]) -> str:
    return ", ".join(f"{target} {release_id}" for target, release_id in seen.items())
