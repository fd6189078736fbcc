"""When the nightly job runs by itself."""

from dagster import RunRequest, ScheduleDefinition, ScheduleEvaluationContext, schedule

from pipelines.as_of import chosen_day
from pipelines.jobs import NIGHTLY
from pipelines.partitions import AS_OF_DAYS
from pipelines.resources import HomeResource

AT_FOUR = "0 4 * * *"
# Not at two: that hour does not exist on the night when summer time begins.


@schedule(
    name="nightly_at_four",
    job=NIGHTLY,
    cron_schedule=AT_FOUR,
    execution_timezone=AS_OF_DAYS.timezone,
    description="Every night at 04:00 of the company's time zone, for the day that `as_of` means then.",
)
def nightly_at_four(context: ScheduleEvaluationContext, home: HomeResource) -> RunRequest:
    instant = context.scheduled_execution_time
    day = chosen_day(home.paths, home.settings, home.secret, instant)
    return RunRequest(run_key=f"{instant:%Y-%m-%d} as of {day}", partition_key=day.isoformat())


NIGHTLY_AT_FOUR: ScheduleDefinition = nightly_at_four
