"""Publishing in Dagster: the warehouse that BI reads, as one asset after all judged tables.

What must stay out: how it is published (publication) and whether it may be (the gate's verdict).
"""

from datetime import UTC, date, datetime

from dagster import AssetExecutionContext, AssetKey, MaterializeResult, asset

from pipelines.gate.tables import JUDGED_TABLES
from pipelines.partitions import AS_OF_DAYS, ONE_DAY_PER_RUN
from pipelines.publish.descriptions import published_tables
from pipelines.publish.publication import publish_build
from pipelines.resources import HomeResource
from pipelines.transform.build import open_build


@asset(
    key=["publish", "warehouse"],
    deps=[AssetKey([table.layer, table.name]) for table in JUDGED_TABLES],
    group_name="publish",
    kinds={"duckdb"},
    owners=["team:treue"],
    description="The warehouse that BI reads: `warehouse/treue.duckdb`, schema `loyalty`, swapped in whole "
    "once the gate has passed exactly these tables. One release per run.",
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
        run_id, moment = context.run.run_id, datetime.now(UTC)
        release = publish_build(connection, home.paths, published_tables(), run_id, moment)
    return MaterializeResult(
        metadata={
            "release": release.release_id,
            "became current": release.became_current,
            "compared with": release.compared_with or "none",
            "warnings": len(release.warnings),
            **{f"rows: {name}": table.row_count for name, table in release.tables.items()},
        }
    )
