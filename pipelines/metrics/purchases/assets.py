"""The metrics made of orders, in the Dagster graph.

Here each asset says what it reads. Formulas must stay out, and so must imports of pandas, scipy and statsmodels at
load time: they are imported when a step runs.
"""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from dagster import AssetExecutionContext, MaterializeResult, MetadataValue

from pipelines.metrics import columns, marts, purchase_tables, value_tables
from pipelines.metrics.assets import (
    as_of_of,
    build_of,
    counted,
    mart,
    metrics_asset,
    stage,
    tidy_asset,
    written,
)
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


@metrics_asset(columns.REVENUE_RETENTION, mart("revenue_bridge_counts"), mart("customer_facts"))
def revenue_retention(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.purchases.revenue_retention import revenue_retention as compute
    from pipelines.metrics.tables import read_mart

    with build_of(context, home) as connection:
        bridges = read_mart(connection, marts.REVENUE_BRIDGE_COUNTS)
        rows = compute(bridges, observed_from(connection), as_of_of(context), home.settings.definitions)
        return written(connection, columns.REVENUE_RETENTION, rows)


@tidy_asset(columns.REPEAT_PURCHASE, marts.REPEAT_PURCHASE_COUNTS, marts.MATURED_REPEAT_COUNTS)
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


@metrics_asset(purchase_tables.COHORT_RETENTION, mart("cohort_counts"))
def cohort_retention(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.purchases.cohorts import cohort_retention as compute
    from pipelines.metrics.tables import read_mart, write_rows

    with build_of(context, home) as connection:
        rows = compute(read_mart(connection, marts.COHORT_COUNTS), home.settings.definitions)
        row_count = write_rows(connection, purchase_tables.COHORT_RETENTION, rows)
    cells = rows["suppression_reason"].fillna("with a rate").value_counts().sort_index()
    return counted(row_count, {str(name): int(count) for name, count in cells.items()})


@metrics_asset(columns.POOLED_RETENTION, mart("cohort_counts"))
def pooled_retention(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.purchases.cohorts import pooled_retention as compute
    from pipelines.metrics.tables import read_mart

    with build_of(context, home) as connection:
        cohorts, settings = read_mart(connection, marts.COHORT_COUNTS), home.settings
        rows = compute(cohorts, settings.history_start, as_of_of(context), settings.definitions)
        return written(connection, columns.POOLED_RETENTION, rows)


@metrics_asset(columns.SURVIVAL, mart("tenure_counts"))
def survival(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.purchases.survival import survival as compute
    from pipelines.metrics.tables import read_mart

    with build_of(context, home) as connection:
        tenures, settings = read_mart(connection, marts.TENURE_COUNTS), home.settings
        rows = compute(tenures, settings.history_start, as_of_of(context), settings.definitions)
        return written(connection, columns.SURVIVAL, rows)


@metrics_asset(purchase_tables.SURVIVAL_CURVES, mart("tenure_counts"))
def survival_curves(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.purchases.survival import survival_curves as compute
    from pipelines.metrics.tables import read_mart, write_rows

    with build_of(context, home) as connection:
        rows = compute(read_mart(connection, marts.TENURE_COUNTS), home.settings.definitions)
        row_count = write_rows(connection, purchase_tables.SURVIVAL_CURVES, rows)
    return counted(row_count, {str(event): len(part) for event, part in rows.groupby("event")})


@metrics_asset(purchase_tables.SURVIVAL_TESTS, mart("tenure_counts"))
def survival_tests(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.purchases.survival import survival_tests as compute
    from pipelines.metrics.tables import read_mart, write_rows

    with build_of(context, home) as connection:
        rows = compute(read_mart(connection, marts.TENURE_COUNTS), home.settings.definitions)
        row_count = write_rows(connection, purchase_tables.SURVIVAL_TESTS, rows)
    return counted(row_count, {str(event): len(part) for event, part in rows.groupby("event")})


@metrics_asset(
    value_tables.PURCHASE_FITS,
    mart("purchase_histories"),
    mart("spend_histories"),
    mart("holdout_purchases"),
    mart("tenure_counts"),
)
def purchase_fits(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    import pandas as pd

    from pipelines.metrics.purchases.contract_model import contract_models
    from pipelines.metrics.purchases.customer_models import clv_models as compute
    from pipelines.metrics.tables import read_mart, write_rows

    with build_of(context, home) as connection:
        histories = read_mart(connection, marts.PURCHASE_HISTORIES)
        spends = read_mart(connection, marts.SPEND_HISTORIES)
        holdout = read_mart(connection, marts.HOLDOUT_PURCHASES)
        definitions = home.settings.definitions
        contracts = contract_models(read_mart(connection, marts.TENURE_COUNTS), definitions)
        fits = (compute(histories, spends, holdout, definitions), contracts)
        rows = pd.concat([fit for fit in fits if len(fit)], ignore_index=True)
        row_count = write_rows(connection, value_tables.PURCHASE_FITS, rows)
    one_of_each = rows.drop_duplicates(["model", "fit"]).to_dict("records")
    states = {
        f"{row['model']} {row['fit']}: {row['reason'] or ('chosen' if row['is_chosen'] else 'converged')}": int(
            row["customer_count"]
        )
        for row in one_of_each
    }
    return counted(row_count, states)


@metrics_asset(value_tables.CLV_MODELS, stage(value_tables.PURCHASE_FITS))
def clv_models(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    # A table of its own, since nothing that is judged may be read by what the gate waits for.
    from pipelines.metrics.tables import read_table, write_rows

    with build_of(context, home) as connection:
        fits = read_table(connection, value_tables.PURCHASE_FITS)
        row_count = write_rows(connection, value_tables.CLV_MODELS, fits)
    return MaterializeResult(metadata={"dagster/row_count": row_count})


@metrics_asset(value_tables.CLV_BACKTEST, stage(value_tables.PURCHASE_FITS), mart("holdout_purchases"))
def clv_backtest(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.purchases.backtest import clv_backtest as compute
    from pipelines.metrics.purchases.backtest_plot import backtest_picture
    from pipelines.metrics.tables import read_mart, read_table, write_rows

    with build_of(context, home) as connection:
        models = read_table(connection, value_tables.PURCHASE_FITS)
        rows = compute(models, read_mart(connection, marts.HOLDOUT_PURCHASES), home.settings.definitions)
        row_count = write_rows(connection, value_tables.CLV_BACKTEST, rows)
    picture = MetadataValue.md(backtest_picture(rows))
    return MaterializeResult(metadata={"dagster/row_count": row_count, "picture": picture})


@metrics_asset(
    value_tables.PURCHASE_SCORES,
    stage(value_tables.PURCHASE_FITS),
    mart("purchase_histories"),
    mart("holdout_purchases"),
)
def purchase_scores(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.purchases.purchase_scores import purchase_scores as compute
    from pipelines.metrics.tables import read_mart, read_table, write_rows

    with build_of(context, home) as connection:
        models = read_table(connection, value_tables.PURCHASE_FITS)
        histories = read_mart(connection, marts.PURCHASE_HISTORIES)
        holdout = read_mart(connection, marts.HOLDOUT_PURCHASES)
        rows = compute(models, histories, holdout, home.settings.definitions)
        row_count = write_rows(connection, value_tables.PURCHASE_SCORES, rows)
    return MaterializeResult(metadata={"dagster/row_count": row_count})


@metrics_asset(
    value_tables.CUSTOMER_SCORES,
    mart("customer_values"),
    stage(value_tables.PURCHASE_FITS),
    stage(value_tables.PURCHASE_SCORES),
)
def customer_scores(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.tables import write_customer_scores

    with build_of(context, home) as connection:
        row_count = write_customer_scores(connection, value_tables.CUSTOMER_SCORES)
    return MaterializeResult(metadata={"dagster/row_count": row_count})


@metrics_asset(
    columns.CHURN,
    stage(value_tables.PURCHASE_FITS),
    stage(value_tables.PURCHASE_SCORES),
    mart("holdout_purchases"),
)
def churn(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.purchases.churn_flags import churn as compute
    from pipelines.metrics.tables import read_mart, read_table

    with build_of(context, home) as connection:
        models = read_table(connection, value_tables.PURCHASE_FITS)
        scores = read_table(connection, value_tables.PURCHASE_SCORES)
        holdout, settings = read_mart(connection, marts.HOLDOUT_PURCHASES), home.settings
        day = as_of_of(context)
        rows = compute(models, scores, holdout, settings.history_start, day, settings.definitions)
        return written(connection, columns.CHURN, rows)


@metrics_asset(columns.VALUE_AT_RISK, mart("customer_facts"), stage(value_tables.CUSTOMER_SCORES))
def value_at_risk(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics import tables
    from pipelines.metrics.metric_row import ALL
    from pipelines.metrics.purchases.value_at_risk import Context
    from pipelines.metrics.purchases.value_at_risk import value_at_risk as compute

    with build_of(context, home) as connection:
        classes = tables.read_query(connection, tables.CLASS_VALUES_QUERY_FILE)
        active = tables.read_query(connection, tables.ACTIVE_VALUES_QUERY_FILE)
        settings = home.settings
        survey = settings.relationship_survey or ALL
        told = Context(survey, settings.currency, settings.history_start, as_of_of(context))
        return written(
            connection, columns.VALUE_AT_RISK, compute(classes, active, told, settings.definitions)
        )


PURCHASE_ASSETS = (
    retention,
    revenue_retention,
    repeat_purchase,
    lifetime_value,
    cohort_retention,
    pooled_retention,
    survival,
    survival_curves,
    survival_tests,
    purchase_fits,
    clv_models,
    clv_backtest,
    purchase_scores,
    customer_scores,
    churn,
    value_at_risk,
)
