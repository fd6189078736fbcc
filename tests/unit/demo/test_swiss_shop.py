"""The Swiss shop: the processes of the first one, in francs, with items and payments back."""

import numpy as np
import pytest

from pipelines.demo.company import HISTORY_DAYS, LINDE
from pipelines.demo.counts import retention_counts
from pipelines.demo.exchange_rates import last_quotes
from pipelines.demo.expected_purchases import retention_figures
from pipelines.demo.home import Draw
from pipelines.demo.orders import CANCELLED, FULLY_REFUNDED, GUEST, PARTLY_REFUNDED
from pipelines.demo.swiss_shop import NO_ORDER


def test_amounts_are_worth_as_much_in_euros_as_those_of_the_first_shop(large_draw: Draw) -> None:
    orders = large_draw.swiss_shop.orders
    quotes = large_draw.quotes
    per_euro = quotes.ten_thousandths[last_quotes(quotes)][orders.days] / 10_000
    euros = orders.gross_cents / 100 / per_euro
    known = orders.customers != GUEST
    size = np.bincount(orders.customers[known])
    means = np.bincount(orders.customers[known], weights=euros[known])[size > 0] / size[size > 0]
    # p gamma / (q - 1) = 45.
    assert means.mean() == pytest.approx(45, abs=4 * means.std() / np.sqrt(means.size))


def test_retention_of_the_swiss_shop_alone_agrees_with_the_expected_rate(large_draw: Draw) -> None:
    counts = retention_counts([large_draw.shops[1]])
    for found, stated in zip(counts[1:], retention_figures(LINDE), strict=True):
        rate, opening = stated["retention_rate"], found["opening_active_count"]
        error = np.sqrt(rate * (1 - rate) / opening)
        assert found["retained_count"] / opening == pytest.approx(rate, abs=4 * error + 1e-9)


def test_nobody_is_a_customer_of_both_shops(large_draw: Draw) -> None:
    together = retention_counts(large_draw.shops)
    alone = [retention_counts([shop]) for shop in large_draw.shops]
    for row, first, second in zip(together, *alone, strict=True):
        for name in ("opening_active_count", "retained_count", "new_count", "buyer_count"):
            assert row[name] == first[name] + second[name]


def test_the_items_of_an_order_add_up_to_its_gross_amount(large_draw: Draw) -> None:
    orders, lines = large_draw.swiss_shop.orders, large_draw.swiss_shop.lines
    assert (np.bincount(lines.orders, weights=lines.rappen) == orders.gross_cents).all()
    assert (lines.rappen >= 0).all()
    counts = np.bincount(lines.orders)
    assert set(counts.tolist()) == {1, 2, 3, 4}
    assert counts.mean() == pytest.approx(1 + 3 * 0.3, rel=0.03)


def test_payments_back_add_up_to_what_an_order_is_refunded_and_come_after_it(large_draw: Draw) -> None:
    orders, refunds = large_draw.swiss_shop.orders, large_draw.swiss_shop.refunds
    has_order = refunds.orders != NO_ORDER
    assert (~has_order).sum() == LINDE.swiss_shop.refunds_without_order
    places = refunds.orders[has_order]
    paid_back = np.bincount(places, weights=refunds.rappen[has_order], minlength=orders.days.size)
    assert (paid_back == orders.refunded_cents).all()
    assert (
        paid_back[orders.statuses == FULLY_REFUNDED] == orders.gross_cents[orders.statuses == FULLY_REFUNDED]
    ).all()
    partly = orders.statuses == PARTLY_REFUNDED
    assert ((paid_back[partly] > 0) & (paid_back[partly] < orders.gross_cents[partly])).all()
    # A cancelled order was never paid.
    assert (paid_back[orders.statuses == CANCELLED] == 0).all()
    payments = np.bincount(places, minlength=orders.days.size)
    assert set(payments[orders.statuses == FULLY_REFUNDED].tolist()) == {1}
    assert set(payments[partly].tolist()) == {1, 2}
    assert (refunds.rappen > 0).all()
    assert (refunds.days[has_order] >= orders.days[places]).all()
    assert (np.diff(refunds.days) >= 0).all()
    assert refunds.days.max() < HISTORY_DAYS
