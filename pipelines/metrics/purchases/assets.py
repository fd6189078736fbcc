"""The metrics made of orders, in the Dagster graph.

Here each asset says what it reads. Formulas must stay out, and so must imports of pandas, scipy and statsmodels at
load time: they are imported when a step runs.
"""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from dagster import AssetExecutionContext, MaterializeResult

from pipelines.metrics import columns, marts, result_tables
from pipelines.metrics.assets import as_of_of, build_of, counted, mart, metrics_asset, tidy_asset, written
from pipelines.resources import HomeResource

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection


def observed_from(connection: "DuckDBPyConnection") -> date | None:
    """The day of the first purchase on record: nothing is known of customers before it."""
    query = "select min(first_purchase_date) from marts.customer_facts"
    days: list[tuple[date | None]] = connection.execute(query).fetchall()
    return days[0][0]


@metrics_asset(columns.RETENTION, mart("retention_counts"), mart("customer_facts"))
def retention(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.purchases.retention import retention as compute
    from pipelines.metrics.tables import read_mart

    with build_of(context, home) as connection:
        retention_counts = read_mart(connection, marts.RETENTION_COUNTS)
        rows = compute(
            retention_counts, observed_from(connection), as_of_of(context), home.settings.definitions
        )
        return written(connection, columns.RETENTION, rows)


@tidy_asset(columns.REPEAT_PURCHASE, marts.REPEAT_PURCHASE_COUNTS)
def repeat_purchase() -> "Callable[..., pd.DataFrame]":
    from pipelines.metrics.purchases.repeat_purchase import repeat_purchase as compute

    return compute


@metrics_asset(columns.LIFETIME_VALUE, mart("value_moments"), mart("customer_facts"))
def lifetime_value(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.purchases.lifetime_value import lifetime_value as compute
    from pipelines.metrics.tables import read_mart

    with build_of(context, home) as connection:
        moments = read_mart(connection, marts.VALUE_MOMENTS)
        rows = compute(moments, observed_from(connection), as_of_of(context), home.settings.definitions)
        return written(connection, columns.LIFETIME_VALUE, rows)


@metrics_asset(result_tables.COHORT_RETENTION, mart("cohort_counts"))
def cohort_retention(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.purchases.cohorts import cohort_retention as compute
    from pipelines.metrics.tables import read_mart, write_rows

    with build_of(context, home) as connection:
        rows = compute(read_mart(connection, marts.COHORT_COUNTS), home.settings.definitions)
        row_count = write_rows(connection, result_tables.COHORT_RETENTION, rows)
    cells = rows["suppression_reason"].fillna("with a rate").value_counts().sort_index()
    return counted(row_count, {str(name): int(count) for name, count in cells.items()})


PURCHASE_ASSETS = (
    retention,
    repeat_purchase,
    lifetime_value,
    cohort_retention,
)
