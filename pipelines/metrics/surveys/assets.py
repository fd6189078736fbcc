"""The metrics made of survey answers, in the Dagster graph.

Here each asset says what it reads. Formulas must stay out, and so must imports of pandas, scipy and statsmodels at
load time: they are imported when a step runs.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from dagster import AssetExecutionContext, MaterializeResult, MetadataValue

from pipelines.metrics import class_tables, columns, marts, result_tables
from pipelines.metrics.assets import build_of, counted, mart, metrics_asset, tidy_asset
from pipelines.resources import HomeResource

if TYPE_CHECKING:
    import pandas as pd

    Compute = Callable[..., pd.DataFrame]

SCORES = (marts.SURVEY_SCORE_COUNTS, marts.SURVEY_SCORE_PAIRS, marts.SURVEY_UNIT_COUNTS)
"""What shares and means of scores and their changes are made of."""


@tidy_asset(columns.NPS, *SCORES)
def nps() -> "Compute":
    from pipelines.metrics.surveys.nps import nps as compute

    return compute


@tidy_asset(columns.SATISFACTION, *SCORES)
def satisfaction() -> "Compute":
    from pipelines.metrics.surveys.satisfaction import satisfaction as compute

    return compute


@tidy_asset(columns.EFFORT, *SCORES)
def effort() -> "Compute":
    from pipelines.metrics.surveys.effort import effort as compute

    return compute


@tidy_asset(columns.LIKERT, *SCORES)
def likert() -> "Compute":
    from pipelines.metrics.surveys.likert import likert as compute

    return compute


@tidy_asset(columns.SECURE_CUSTOMER_INDEX, *SCORES, marts.SCI_LEVEL_COUNTS)
def secure_customer_index() -> "Compute":
    from pipelines.metrics.surveys.secure_customer_index import secure_customer_index as compute

    return compute


@tidy_asset(
    columns.WEIGHTED_NPS, marts.WEIGHTING_CELL_COUNTS, marts.WEIGHTING_COMBINATIONS, marts.POPULATION_MARGINS
)
def weighted_nps() -> "Compute":
    from pipelines.metrics.surveys.weighted_nps import weighted_nps as compute

    return compute


@tidy_asset(columns.RELIABILITY, marts.SCALE_PATTERNS)
def reliability() -> "Compute":
    from pipelines.metrics.surveys.reliability import reliability as compute

    return compute


@metrics_asset(result_tables.DRIVERS, mart(marts.DRIVER_PATTERNS.name))
def drivers(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.surveys.drivers import drivers as compute
    from pipelines.metrics.surveys.drivers_plot import drivers_markdown
    from pipelines.metrics.tables import read_mart, write_rows

    with build_of(context, home) as connection:
        rows = compute(read_mart(connection, marts.DRIVER_PATTERNS), home.settings.definitions)
        row_count = write_rows(connection, result_tables.DRIVERS, rows)
    picture = MetadataValue.md(drivers_markdown(rows))
    return MaterializeResult(metadata={"dagster/row_count": row_count, "importance_and_asymmetry": picture})


@tidy_asset(columns.RESPONSE_RATE, marts.INVITATION_COUNTS)
def response_rate() -> "Compute":
    from pipelines.metrics.surveys.response_rate import response_rate as compute

    return compute


@metrics_asset(class_tables.REASONS, mart("reason_counts"))
def reasons(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.surveys.reasons import reasons as compute
    from pipelines.metrics.tables import read_mart, write_rows

    with build_of(context, home) as connection:
        rows = compute(read_mart(connection, marts.REASON_COUNTS), home.settings.definitions)
        row_count = write_rows(connection, class_tables.REASONS, rows)
    shared = int(rows["shared_rank"].notna().sum())
    return counted(row_count, {"shared by passives and detractors": shared, "others": row_count - shared})


@metrics_asset(class_tables.CLASS_TRANSITIONS, mart("survey_score_pairs"), mart("survey_score_counts"))
def class_transitions(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.surveys.class_transitions import class_transitions as compute
    from pipelines.metrics.surveys.class_transitions import why_empty
    from pipelines.metrics.tables import read_mart, write_rows

    definitions = home.settings.definitions
    with build_of(context, home) as connection:
        score_pairs = read_mart(connection, marts.SURVEY_SCORE_PAIRS)
        rows = compute(score_pairs, read_mart(connection, marts.SURVEY_SCORE_COUNTS), definitions)
        row_count = write_rows(connection, class_tables.CLASS_TRANSITIONS, rows)
    reason = why_empty(definitions)
    kinds = rows["suppression_reason"].fillna("with a share").value_counts().sort_index()
    result = counted(row_count, {str(name): int(count) for name, count in kinds.items()})
    return MaterializeResult(metadata={**(result.metadata or {}), **({"empty": reason} if reason else {})})


@metrics_asset(class_tables.CLASS_OUTCOMES, mart("class_outcome_counts"))
def class_outcomes(context: AssetExecutionContext, home: HomeResource) -> MaterializeResult[None]:
    from pipelines.metrics.surveys.class_outcomes import class_outcomes as compute
    from pipelines.metrics.tables import read_mart, write_rows

    with build_of(context, home) as connection:
        outcome_counts = read_mart(connection, marts.CLASS_OUTCOME_COUNTS)
        rows = compute(outcome_counts, home.settings.currency, home.settings.definitions)
        row_count = write_rows(connection, class_tables.CLASS_OUTCOMES, rows)
    kinds = rows["suppression_reason"].fillna("with figures").value_counts().sort_index()
    return counted(row_count, {str(name): int(count) for name, count in kinds.items()})


SURVEY_ASSETS = (
    nps,
    weighted_nps,
    satisfaction,
    effort,
    likert,
    secure_customer_index,
    reliability,
    drivers,
    response_rate,
    reasons,
    class_transitions,
    class_outcomes,
)
