"""Which day a run is as of, when nobody names one.

What must stay out: what happens inside a run, where the partition key alone counts.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pipelines.ingest.lake import lake_files, last_event_day
from pipelines.paths import HomePaths
from pipelines.refusal import Refusal
from pipelines.settings import Settings


class NoEvents(Refusal):
    """`as_of: last_event` in a home without any order or response."""


def chosen_day(paths: HomePaths, settings: Settings, secret: bytes, instant: datetime) -> date:
    """The day that `as_of` of the settings means at an instant; `last_event` looks at the committed files."""
    if isinstance(settings.as_of, date):
        return settings.as_of
    if settings.as_of == "yesterday":
        return instant.astimezone(ZoneInfo(settings.time_zone)).date() - timedelta(days=1)
    day = last_event_day(lake_files(paths, settings, secret))
    if day is None:
        raise NoEvents(
            f"{paths.settings_file} says as_of: last_event, and the lake holds no order and no response. "
            "Run the job `ingest` first, or name the day: make run AS_OF=2026-03-31."
        )
    return day
