"""The periods that figures are made for: calendar months, quarters and years, and the whole history."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Grain = Literal["month", "quarter", "year", "all"]
MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Period:
    """A half-open span of local days, [start, end); complete once its last day lies within the as-of day."""

    grain: Grain
    start: date
    end: date
    is_complete: bool


def periods(history_start: date, as_of: date) -> Iterator[Period]:
    """All months, quarters and years that overlap [history_start, as_of], and one period `all` over just that span."""
    day_after = as_of + timedelta(days=1)
    for grain, months in MONTHS.items():
        month = (history_start.month - 1) // months * months + 1
        start = date(history_start.year, month, 1)
        while start <= as_of:
            end = _months_later(start, months)
            yield Period(grain, start, end, is_complete=end <= day_after)  # type: ignore[arg-type]
            start = end
    yield Period("all", history_start, day_after, is_complete=True)


def _months_later(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, 1)
