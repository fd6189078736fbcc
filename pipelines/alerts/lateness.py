"""Whether the release that readers see is late, as a function of the settings, the release and the time.

What late means follows what `as_of` promises:

- `yesterday`: at `late_after` of a day, readers see a release of the day before or a later one.
- `last_event`: a day without deliveries is no fault, and the run of a schedule is as of the delivery before. So the
  days tell nothing: at `late_after` readers see a release that was published within the 24 hours before it.
- a date: readers see a release of that date or a later one; nothing newer is to be waited for.

What must stay out: the clock, and telling anybody.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipelines.alerts.choice import AlertChoice
from pipelines.alerts.messages import Seen
from pipelines.settings import Alerts


def deadline(choice: AlertChoice, now: datetime) -> datetime:
    """The latest `late_after` that has passed, in the company's time zone."""
    zone = ZoneInfo(choice.time_zone)
    late_after = time.fromisoformat((choice.alerts or Alerts()).late_after)
    today = datetime.combine(now.astimezone(zone).date(), late_after, zone)
    yesterday = datetime.combine(today.date() - timedelta(days=1), late_after, zone)
    return today if today <= now else yesterday


def lateness(choice: AlertChoice, seen: Seen | None, now: datetime) -> str | None:
    """What was expected and is not there, as a sentence; None where nothing is late."""
    due = deadline(choice, now)
    by = f"by {due:%Y-%m-%d %H:%M} ({choice.time_zone})"
    if choice.as_of == "last_event":
        if seen is not None and seen.published_at >= due - timedelta(days=1):
            return None
        return f"A release published within the 24 hours before was expected {by}."
    day = choice.as_of if isinstance(choice.as_of, date) else due.date() - timedelta(days=1)
    if seen is not None and seen.as_of >= day:
        return None
    return f"A release as of {day} was expected {by}."
