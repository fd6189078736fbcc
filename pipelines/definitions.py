"""The one Definitions: every asset, check, job, schedule, sensor and resource, listed. The architecture diagram."""

from dagster import Definitions, in_process_executor

from pipelines.gate.checks import gate
from pipelines.ingest.assets import RAW_ASSETS
from pipelines.jobs import ERASE_CUSTOMERS, INGEST, NIGHTLY, PRUNE
from pipelines.metrics.assets import METRICS_ASSETS
from pipelines.metrics.purchases.assets import PURCHASE_ASSETS
from pipelines.metrics.surveys.assets import SURVEY_ASSETS
from pipelines.publish.assets import warehouse
from pipelines.release_jobs import PRUNE_RELEASES, ROLLBACK
from pipelines.resources import dbt_resource, home_resource
from pipelines.schedules import NIGHTLY_AT_FOUR
from pipelines.sensors import SENSORS
from pipelines.transform.assets import context_run, dbt_models

definitions = Definitions(
    assets=[
        *RAW_ASSETS,
        context_run,
        dbt_models,
        *SURVEY_ASSETS,
        *PURCHASE_ASSETS,
        *METRICS_ASSETS,
        warehouse,
    ],
    asset_checks=[gate],
    jobs=[INGEST, NIGHTLY, ROLLBACK, PRUNE_RELEASES, ERASE_CUSTOMERS, PRUNE],
    schedules=[NIGHTLY_AT_FOUR],
    sensors=[*SENSORS],
    resources={"home": home_resource(), "dbt": dbt_resource()},
    # One process for all steps: each further one costs seconds of imports, and DuckDB takes one writer.
    executor=in_process_executor,
)
