"""The metrics stage in the Dagster graph: one asset per table of the schema `metrics`.

Here each asset says what it reads and which function computes it. Formulas must stay out, and so must imports
of pandas, scipy and statsmodels at load time: they are imported when a step runs.
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

from pipelines.metrics import columns
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


def observed_from(connection: "DuckDBPyConnection") -> date | None:
    """The day of the first purchase on record: nothing is known of customers before it."""
    query = "select min(first_purchase_date) from marts.customer_facts"
    days: list[tuple[date | None]] = connection.execute(query).fetchall()
    return days[0][0]


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


@metrics_asset(columns.NPS, mart("survey_score_counts"))
def nps(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.nps import nps as compute
    from pipelines.metrics.score_counts import SCORE_COUNT_COLUMNS, SCORE_COUNT_KEY, SCORE_COUNTS
    from pipelines.metrics.tables import read_in_order

    with build_of(context, home) as connection:
        score_counts = read_in_order(connection, SCORE_COUNTS, SCORE_COUNT_COLUMNS, SCORE_COUNT_KEY)
        rows = compute(score_counts, as_of_of(context), home.settings.definitions)
        return written(connection, columns.NPS, rows)


@metrics_asset(columns.SATISFACTION, mart("survey_score_counts"))
def satisfaction(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.satisfaction import satisfaction as compute
    from pipelines.metrics.score_counts import SCORE_COUNT_COLUMNS, SCORE_COUNT_KEY, SCORE_COUNTS
    from pipelines.metrics.tables import read_in_order

    with build_of(context, home) as connection:
        score_counts = read_in_order(connection, SCORE_COUNTS, SCORE_COUNT_COLUMNS, SCORE_COUNT_KEY)
        rows = compute(score_counts, as_of_of(context), home.settings.definitions)
        return written(connection, columns.SATISFACTION, rows)


@metrics_asset(columns.SECURE_CUSTOMER_INDEX, mart("sci_level_counts"))
def secure_customer_index(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.secure_customer_index import LEVEL_COUNT_COLUMNS, LEVEL_COUNT_KEY, LEVEL_COUNTS
    from pipelines.metrics.secure_customer_index import secure_customer_index as compute
    from pipelines.metrics.tables import read_in_order

    with build_of(context, home) as connection:
        level_counts = read_in_order(connection, LEVEL_COUNTS, LEVEL_COUNT_COLUMNS, LEVEL_COUNT_KEY)
        rows = compute(level_counts, as_of_of(context), home.settings.definitions)
        return written(connection, columns.SECURE_CUSTOMER_INDEX, rows)


@metrics_asset(columns.RETENTION, mart("retention_counts"), mart("customer_facts"))
def retention(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.inputs import CELL_KEY
    from pipelines.metrics.retention import RETENTION_COLUMNS, RETENTION_COUNTS
    from pipelines.metrics.retention import retention as compute
    from pipelines.metrics.tables import read_in_order

    with build_of(context, home) as connection:
        retention_counts = read_in_order(connection, RETENTION_COUNTS, RETENTION_COLUMNS, CELL_KEY)
        rows = compute(
            retention_counts, observed_from(connection), as_of_of(context), home.settings.definitions
        )
        return written(connection, columns.RETENTION, rows)


@metrics_asset(columns.REPEAT_PURCHASE, mart("repeat_purchase_counts"))
def repeat_purchase(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.inputs import CELL_KEY
    from pipelines.metrics.repeat_purchase import REPEAT_PURCHASE_COLUMNS, REPEAT_PURCHASE_COUNTS
    from pipelines.metrics.repeat_purchase import repeat_purchase as compute
    from pipelines.metrics.tables import read_in_order

    with build_of(context, home) as connection:
        purchase_counts = read_in_order(connection, REPEAT_PURCHASE_COUNTS, REPEAT_PURCHASE_COLUMNS, CELL_KEY)
        rows = compute(purchase_counts, as_of_of(context), home.settings.definitions)
        return written(connection, columns.REPEAT_PURCHASE, rows)


@metrics_asset(columns.LIFETIME_VALUE, mart("value_moments"), mart("customer_facts"))
def lifetime_value(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.lifetime_value import VALUE_MOMENT_COLUMNS, VALUE_MOMENT_KEY, VALUE_MOMENTS
    from pipelines.metrics.lifetime_value import lifetime_value as compute
    from pipelines.metrics.tables import read_in_order

    with build_of(context, home) as connection:
        moments = read_in_order(connection, VALUE_MOMENTS, VALUE_MOMENT_COLUMNS, VALUE_MOMENT_KEY)
        rows = compute(moments, observed_from(connection), as_of_of(context), home.settings.definitions)
        return written(connection, columns.LIFETIME_VALUE, rows)


@metrics_asset(columns.COHORT_RETENTION, mart("cohort_counts"))
def cohort_retention(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.cohorts import COHORT_COLUMNS, COHORT_COUNTS
    from pipelines.metrics.cohorts import cohort_retention as compute
    from pipelines.metrics.tables import read_in_order, write_rows

    table = columns.COHORT_RETENTION
    with build_of(context, home) as connection:
        cohort_counts = read_in_order(
            connection, COHORT_COUNTS, (*COHORT_COLUMNS, "retained_count"), table.key
        )
        rows = compute(cohort_counts, home.settings.definitions)
        row_count = write_rows(connection, table, rows)
    cells = rows["suppression_reason"].fillna("with a rate").value_counts().sort_index()
    return counted(row_count, {str(name): int(count) for name, count in cells.items()})


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


@metrics_asset(columns.CUSTOMERS, mart("customer_facts"))
def customers(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.tables import write_customers

    with build_of(context, home) as connection:
        row_count = write_customers(connection, columns.CUSTOMERS)
        lifecycles = connection.execute(
            "select lifecycle, count(*) from metrics.customers group by lifecycle order by lifecycle"
        ).fetchall()
    return counted(row_count, dict(lifecycles))


METRICS_ASSETS = (
    nps,
    satisfaction,
    secure_customer_index,
    retention,
    repeat_purchase,
    lifetime_value,
    cohort_retention,
    metric_values,
    customers,
)
