"""What is watched while Dagster's daemon runs: runs that fail, and a release that is late.

Runs that a command started are told of by the command itself; their tag says so. What must stay out: what a
message says, and how it is sent (alerts).
"""

from datetime import UTC, datetime

from dagster import (
    DefaultSensorStatus,
    RunFailureSensorContext,
    SensorDefinition,
    SensorEvaluationContext,
    SkipReason,
    run_failure_sensor,
    sensor,
)

from pipelines.alerts import lateness, messages
from pipelines.alerts.telling import TOLD_BY, Teller, seen_by_readers
from pipelines.resources import HomeResource
from pipelines.run_events import failed_run

LOOK_EVERY_SECONDS = 300
# A release is expected to the minute by nobody.


def teller_of(home: HomeResource) -> Teller:
    """Who is told of what happens in the home."""
    return Teller(home.paths, home.alert_urls, home.ui_url)


@run_failure_sensor(
    name="failed_runs",
    default_status=DefaultSensorStatus.RUNNING,
    description="Tells of runs that failed or over which the gate closed, if `alerts` of treue.yml says so.",
)
def failed_runs(context: RunFailureSensorContext, home: HomeResource) -> SkipReason | None:
    run = context.dagster_run
    if TOLD_BY in run.tags:
        return SkipReason(f"{run.tags[TOLD_BY]} tells of its runs itself.")
    records = context.instance.all_logs(run.run_id)
    failed = failed_run(run, (record.dagster_event for record in records if record.dagster_event))
    alert = failed.alert
    for problem in teller_of(home).tell(alert, lambda place: messages.of_run(place, failed)):
        context.log.error(problem)
    return None


@sensor(
    name="late_release",
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    default_status=DefaultSensorStatus.RUNNING,
    description="Tells once a day, after `late_after`, if readers don't see the release that they expect.",
)
def late_release(context: SensorEvaluationContext, home: HomeResource) -> SkipReason:
    teller, now = teller_of(home), datetime.now(UTC)
    choice = teller.choice
    if choice is None or not teller.tells("late_release"):
        return SkipReason("Nobody is to be told of late releases.")
    due = lateness.deadline(choice, now).isoformat()
    expected = lateness.lateness(choice, seen_by_readers(home.paths.releases), now)
    if expected is None:
        return SkipReason("No release is late.")
    if context.cursor == due:
        return SkipReason(f"Told already: {expected}")
    problems = teller.tell("late_release", lambda place: messages.late_release(place, expected))
    for problem in problems:
        context.log.error(problem)
    if len(problems) < len(teller.addresses):
        # Somebody knows; otherwise the next look tries again.
        context.update_cursor(due)
    return SkipReason(expected)


SENSORS: list[SensorDefinition] = [failed_runs, late_release]
