"""The days a run can be as of: one partition per day, in the company's time zone."""

from dagster import BackfillPolicy, DailyPartitionsDefinition

from pipelines.settings import settings_of_environment

_SETTINGS = settings_of_environment()

AS_OF_DAYS = DailyPartitionsDefinition(
    start_date=_SETTINGS.history_start.isoformat(), timezone=_SETTINGS.time_zone
)
ONE_DAY_PER_RUN = BackfillPolicy.multi_run(max_partitions_per_run=1)
# A build is of one day; dagster-dbt would otherwise hand all days of a backfill to one run.
