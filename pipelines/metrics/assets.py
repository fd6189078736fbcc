"""The metrics stage in the Dagster graph: one asset per table of the schema `metrics`.

Here is what all of them have in common, and the assets that read all families; those of one family stand in
`surveys/assets.py` and `purchases/assets.py`. Formulas must stay out, and so must imports of pandas, scipy and
statsmodels at load time: they are imported when a step runs.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    MaterializeResult,
    MetadataValue,
    asset,
)

from pipelines.metrics import columns, result_tables
from pipelines.metrics.marts import Mart
from pipelines.metrics.value_tables import CUSTOMER_SCORES
from pipelines.partitions import AS_OF_DAYS, ONE_DAY_PER_RUN
from pipelines.resources import HomeResource
from pipelines.transform.build import open_build

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection

METRIC_PARTS_KEYS = tuple(AssetKey(["metrics", table.name]) for table in columns.METRIC_PARTS)


def metrics_asset(
    table: columns.Table, *deps: AssetKey
) -> Callable[[Callable[..., MaterializeResult[None]]], AssetsDefinition]:
    """What all assets of the stage have in common; the description is that of the table."""
    return asset(
        key=["metrics", table.name],
        deps=deps,
        group_name="metrics",
        kinds={"python", "duckdb"},
        owners=["team:treue"],
        description=table.description,
        partitions_def=AS_OF_DAYS,
        backfill_policy=ONE_DAY_PER_RUN,
    )


def mart(name: str) -> AssetKey:
    """The key of a mart's asset."""
    return AssetKey(["marts", name])


def stage(table: columns.Table) -> AssetKey:
    """The key of the asset of another table of the stage."""
    return AssetKey(["metrics", table.name])


@contextmanager
def build_of(context: AssetExecutionContext, home: HomeResource) -> "Iterator[DuckDBPyConnection]":
    """The build of the run's day, while this step holds the home."""
    with (
        home.lock(context.run_id),
        open_build(home.paths.build_file, as_of_of(context), home.settings) as connection,
    ):
        yield connection


def as_of_of(context: AssetExecutionContext) -> date:
    """The run's day, which is its partition."""
    return date.fromisoformat(context.partition_key)


def written(
    connection: "DuckDBPyConnection", table: columns.Table, rows: "pd.DataFrame"
) -> MaterializeResult[None]:
    """Write tidy rows and say how many there are and what the headline is."""
    from pipelines.metrics.headlines import headline_markdown
    from pipelines.metrics.tables import write_rows

    row_count = write_rows(connection, table, rows)
    return MaterializeResult(
        metadata={
            "dagster/row_count": row_count,
            "headline_figures": MetadataValue.md(headline_markdown(rows)),
        }
    )


def counted(row_count: int, figures: "Mapping[str, int]") -> MaterializeResult[None]:
    """Say how many rows a table has and how they divide."""
    lines = ["| rows | count |", "|---|---|", *(f"| {name} | {count} |" for name, count in figures.items())]
    return MaterializeResult(
        metadata={"dagster/row_count": row_count, "headline_figures": MetadataValue.md("\n".join(lines))}
    )


def tidy_asset(
    table: columns.Table, *inputs: Mart
) -> Callable[[Callable[[], "Callable[..., pd.DataFrame]"]], AssetsDefinition]:
    """Decorates a function that imports and returns the metric's own: the asset of one table of tidy rows.

    The metric's function takes the frames of the marts in this order, the as-of day and the definitions.
    """

    def decorate(imported: Callable[[], "Callable[..., pd.DataFrame]"]) -> AssetsDefinition:
        @metrics_asset(table, *(mart(read.name) for read in inputs))
        def compute_and_write(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
            from pipelines.metrics.tables import read_mart

            with build_of(context, home) as connection:
                frames = [read_mart(connection, read) for read in inputs]
                rows = imported()(*frames, as_of_of(context), home.settings.definitions)
                return written(connection, table, rows)

        return compute_and_write

    return decorate


@metrics_asset(columns.METRIC_VALUES, *METRIC_PARTS_KEYS)
def metric_values(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.metric_values import metric_values as unite
    from pipelines.metrics.tables import read_in_order

    with build_of(context, home) as connection:
        parts = {
            table.name: read_in_order(connection, f"metrics.{table.name}", table.column_names, table.key)
            for table in columns.METRIC_PARTS
        }
        return written(connection, columns.METRIC_VALUES, unite(parts))


@metrics_asset(result_tables.CUSTOMERS, mart("customer_facts"), stage(CUSTOMER_SCORES))
def customers(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.tables import write_customers

    with build_of(context, home) as connection:
        row_count = write_customers(connection, result_tables.CUSTOMERS)
        lifecycles = connection.execute(
            "select lifecycle, count(*) from metrics.customers group by lifecycle order by lifecycle"
        ).fetchall()
    return counted(row_count, dict(lifecycles))


METRICS_ASSETS = (metric_values, customers)
