"""The expected purchase figures agree with a large draw, and with what is known by hand."""

from dataclasses import replace
from itertools import pairwise
from math import exp, sqrt

import numpy as np
import pytest

from pipelines.demo.company import HISTORY_DAYS, LINDE, Purchasing
from pipelines.demo.counts import retention_counts
from pipelines.demo.expected_purchases import (
    later_purchase_figures,
    purchase_probability,
    quarter_starts,
    retention_figures,
    retention_rate,
)
from pipelines.demo.home import Draw
from pipelines.demo.orders import GUEST
from pipelines.demo.survey import ANONYMOUS, MISSING, Responses


def test_every_quarters_retention_in_a_large_draw_agrees_with_the_expected_rate(large_draw: Draw) -> None:
    counts = retention_counts(large_draw.shops)
    expected = retention_figures(LINDE)
    assert [row["period_start_date"] for row in expected] == [row["period_start_date"] for row in counts[1:]]
    for found, stated in zip(counts[1:], expected, strict=True):
        rate, opening = stated["retention_rate"], found["opening_active_count"]
        error = sqrt(rate * (1 - rate) / opening)
        assert found["retained_count"] / opening == pytest.approx(rate, abs=4 * error + 1e-9)


def test_opening_and_movements_add_up_to_the_closing_count(large_draw: Draw) -> None:
    rows = retention_counts(large_draw.shops)
    for row in rows:
        parts = row["retained_count"] + row["new_count"] + row["reactivated_count"]
        assert parts == row["closing_active_count"]
    for before, after in pairwise(rows):
        assert before["closing_active_count"] == after["opening_active_count"]


def test_purchases_after_an_answer_differ_by_class_as_stated(large_draw: Draw) -> None:
    for responses, stated in zip(large_draw.waves, later_purchase_figures(LINDE), strict=True):
        recommend, bought = first_answers_and_later_purchases(large_draw, responses, stated["horizon_days"])
        classes = {
            "detractor": recommend <= 6,
            "passive": (recommend >= 7) & (recommend <= 8),
            "promoter": recommend >= 9,
        }
        expected = stated["purchases_per_respondent"]
        assert expected["promoter"] > expected["passive"] > expected["detractor"]
        for name, members in classes.items():
            error = bought[members].std() / sqrt(members.sum())
            assert bought[members].mean() == pytest.approx(expected[name], abs=4 * error)


def first_answers_and_later_purchases(
    drawn: Draw, responses: Responses, horizon: int
) -> tuple[np.ndarray, np.ndarray]:
    known = np.flatnonzero((responses.customers != ANONYMOUS) & (responses.scores["recommend"] != MISSING))
    customers, places = np.unique(responses.customers[known], return_index=True)
    rows = known[places]
    orders = drawn.orders
    counts = orders.is_purchase & (orders.customers != GUEST)
    codes = np.sort(orders.customers[counts] * 2 * HISTORY_DAYS + orders.days[counts])
    after = customers * 2 * HISTORY_DAYS + responses.days[rows]
    bought = np.searchsorted(codes, after + horizon, side="right") - np.searchsorted(
        codes, after, side="right"
    )
    return responses.scores["recommend"][rows], bought


def test_all_answers_have_their_whole_horizon_within_the_history(large_draw: Draw) -> None:
    assert max(wave.days.max() for wave in large_draw.waves) + LINDE.later_purchase_days < HISTORY_DAYS


def test_with_one_rate_and_no_dropout_purchases_are_poisson() -> None:
    # r and alpha large and a small: everyone buys 0.05 times a week and stays.
    company = replace(LINDE, purchasing=Purchasing(r=5e6, alpha_weeks=1e8, a=1e-6, b=10))
    probability = purchase_probability(company, start_day=700, end_day=770)
    assert probability[0] == pytest.approx(1 - exp(-0.05 * 10), abs=1e-4)
    assert (probability[700:770] == 1).all()
    assert (probability[770:] == 0).all()


def test_retention_of_a_period_that_breaks_the_windows_apart_is_refused() -> None:
    with pytest.raises(ValueError, match="366 days"):
        retention_rate(LINDE, 365, 731)


def test_quarters_run_from_the_start_of_the_history_to_the_day_after_its_end() -> None:
    starts = [day.isoformat() for day in quarter_starts()]
    assert (starts[0], starts[1], starts[-1], len(starts)) == ("2023-01-01", "2023-04-01", "2026-01-01", 13)
