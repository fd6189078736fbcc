"""The drawn subscriptions follow the stated process."""

from datetime import date
from math import sqrt

import numpy as np
import pytest

from pipelines.demo.company import HISTORY_START, LINDE
from pipelines.demo.home import Draw
from pipelines.demo.subscriptions import HISTORY_MONTHS, PLANS, SWITZERLAND


def test_running_subscriptions_end_each_month_in_the_stated_share(large_draw: Draw) -> None:
    subscriptions = large_draw.subscriptions
    seen_end = np.minimum(subscriptions.end_months, HISTORY_MONTHS)
    # Of m full months seen one can end with each: with m - 1 of them it did not if it ended with the last.
    at_risk = (seen_end - subscriptions.start_months).sum()
    ended = (subscriptions.end_months <= HISTORY_MONTHS).sum()
    share = LINDE.subscribing.monthly_end_share
    assert ended / at_risk == pytest.approx(share, abs=4 * sqrt(share * (1 - share) / at_risk))


def test_a_subscription_begins_on_the_first_of_the_month_after_its_order(large_draw: Draw) -> None:
    subscriptions = large_draw.subscriptions
    first_days = large_draw.customers.first_purchase_days[subscriptions.customers]
    assert (subscriptions.ordered_days >= first_days).all()
    starts = np.array(
        [
            (date(HISTORY_START.year + month // 12, month % 12 + 1, 1) - HISTORY_START).days
            for month in subscriptions.start_months.tolist()
        ]
    )
    waits = starts - subscriptions.ordered_days
    assert (waits.min(), waits.max()) == (1, 31)
    assert (subscriptions.end_months > subscriptions.start_months).all()
    assert subscriptions.start_months.max() < HISTORY_MONTHS


def test_plans_and_withdrawals_come_in_the_stated_shares(large_draw: Draw) -> None:
    subscriptions, rule = large_draw.subscriptions, LINDE.subscribing
    total = subscriptions.customers.size
    shares = np.bincount(subscriptions.plans, minlength=len(PLANS)) / total
    # Four standard errors of a share are at most 2 / sqrt(n).
    assert shares == pytest.approx(list(rule.plan_shares), abs=2 / sqrt(total))
    assert subscriptions.is_withdrawn.mean() == pytest.approx(
        rule.withdrawn_share, abs=4 * sqrt(rule.withdrawn_share * (1 - rule.withdrawn_share) / total)
    )


def test_customers_in_switzerland_pay_in_francs(large_draw: Draw) -> None:
    subscriptions = large_draw.subscriptions
    in_switzerland = large_draw.customers.countries[subscriptions.customers] == SWITZERLAND
    assert ((subscriptions.currencies == "CHF") == in_switzerland).all()
    cheapest = subscriptions.monthly_cents[subscriptions.plans == 0]
    assert set(cheapest.tolist()) == {1990, 2190}
