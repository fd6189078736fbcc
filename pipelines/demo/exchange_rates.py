"""Draws the francs for a euro that the central bank quotes, and says what a day's franc is worth by them.

Days without a quote (weekends, holidays, a gap in the deliveries) take the last one known, up to the stated
age. No order and no file.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from numpy.typing import NDArray

from pipelines.demo.company import AS_OF, HISTORY_DAYS, Company, ExchangeRates
from pipelines.demo.survey import history_day

FIXED_HOLIDAYS = ((1, 1), (5, 1), (12, 25), (12, 26))
EASTER_SUNDAYS = (date(2023, 4, 9), date(2024, 3, 31), date(2025, 4, 20))
# No rates on Good Friday and Easter Monday either.
SATURDAY = 5
NO_RATE = 0


@dataclass(frozen=True)
class Quotes:
    """One row per day with a quote, in order of time."""

    days: NDArray[np.int64]
    # The first ones lie before the history.
    ten_thousandths: NDArray[np.int64]
    # Of francs, for one euro.


def quoted_dates(rates: ExchangeRates) -> list[date]:
    """The working days on which a rate was delivered."""
    easter = {sunday + timedelta(days=shift) for sunday in EASTER_SUNDAYS for shift in (-2, 1)}
    first_missing, last_missing = rates.gap
    days = (rates.first_day + timedelta(days=place) for place in range((AS_OF - rates.first_day).days + 1))
    return [
        day
        for day in days
        if day.weekday() < SATURDAY
        and (day.month, day.day) not in FIXED_HOLIDAYS
        and day not in easter
        and not first_missing <= day <= last_missing
    ]


def draw_quotes(company: Company, rng: np.random.Generator) -> Quotes:
    """Draw the quotes of the whole history."""
    rates = company.exchange_rates
    days = np.array([history_day(day) for day in quoted_dates(rates)])
    logs = np.cumsum(rng.normal(0, rates.daily_deviation, size=days.size))
    return Quotes(days, np.rint(10_000 * rates.first_quote * np.exp(logs)).astype(np.int64))


def last_quotes(quotes: Quotes) -> NDArray[np.int64]:
    """The place of the last known quote, however old, for every day of the history."""
    return np.searchsorted(quotes.days, np.arange(HISTORY_DAYS), side="right") - 1


def euros_per_franc(company: Company, quotes: Quotes) -> NDArray[np.int64]:
    """What a franc is worth on each day of the history, in units of 1e-8 euros; NO_RATE where none is young enough."""
    inverted = np.array([_inverted(quote) for quote in quotes.ten_thousandths.tolist()])
    last = last_quotes(quotes)
    ages = np.arange(HISTORY_DAYS) - quotes.days[last]
    return np.where(ages <= company.exchange_rates.max_age_days, inverted[last], NO_RATE)


def _inverted(ten_thousandths: int) -> int:
    exact = Decimal(10) ** 12 / Decimal(ten_thousandths)
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
