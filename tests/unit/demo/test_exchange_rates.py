"""The quotes of the central bank, and the last known one on days without."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import yaml

from pipelines.demo.company import HISTORY_START, LINDE
from pipelines.demo.exchange_rates import NO_RATE, Quotes, euros_per_franc, last_quotes, quoted_dates
from pipelines.demo.home import SETTINGS_FILE, Draw


def test_rates_are_quoted_on_working_days_alone_and_not_within_the_gap() -> None:
    days = quoted_dates(LINDE.exchange_rates)
    assert days[:2] == [date(2022, 12, 30), date(2023, 1, 2)]
    assert days[-1] == date(2025, 12, 31)
    assert {day.weekday() for day in days} == {0, 1, 2, 3, 4}
    # Good Friday, Easter Monday and Labour Day of 2024.
    assert not {date(2024, 3, 29), date(2024, 4, 1), date(2024, 5, 1)} & set(days)
    around_the_gap = [day for day in days if date(2025, 7, 24) <= day <= date(2025, 8, 19)]
    assert around_the_gap == [date(2025, 7, 24), date(2025, 7, 25), date(2025, 8, 18), date(2025, 8, 19)]


def test_a_day_without_a_quote_takes_the_last_one_until_it_is_too_old() -> None:
    # 0.8 francs for a euro on the day before the history, 0.96 on its twelfth day.
    quotes = Quotes(days=np.array([-1, 11]), ten_thousandths=np.array([8_000, 9_600]))
    assert last_quotes(quotes)[:13].tolist() == [0] * 11 + [1, 1]
    company = replace(LINDE, exchange_rates=replace(LINDE.exchange_rates, max_age_days=7))
    # 1 / 0.8 = 1.25, seven days old on the seventh day; 1 / 0.96 = 1.041666...
    assert euros_per_franc(company, quotes)[:13].tolist() == (
        [125_000_000] * 7 + [NO_RATE] * 4 + [104_166_667] * 2
    )


def test_the_age_of_a_rate_is_the_one_that_the_settings_allow() -> None:
    settings = yaml.safe_load(SETTINGS_FILE.read_text(encoding="utf-8"))["settings"]
    assert settings["fx_max_age_days"] == LINDE.exchange_rates.max_age_days


def test_only_the_gap_leaves_days_without_a_rate(large_draw: Draw) -> None:
    without = np.flatnonzero(euros_per_franc(LINDE, large_draw.quotes) == NO_RATE)
    found = [HISTORY_START + timedelta(days=day) for day in without.tolist()]
    # The rate of Friday 25 July is seven days old on 1 August; the next one is of Monday 18 August.
    assert found == [date(2025, 8, day) for day in range(2, 18)]


def test_quotes_wander_by_the_stated_deviation(large_draw: Draw) -> None:
    steps = np.diff(np.log(large_draw.quotes.ten_thousandths))
    # 751 steps: the standard error of a standard deviation is 2.6 % of it; rounding to four decimals is far less.
    assert abs(steps.std() / LINDE.exchange_rates.daily_deviation - 1) < 4 * 0.026
