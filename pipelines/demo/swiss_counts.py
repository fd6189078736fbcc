"""What a pipeline must find of the Swiss shop, exactly: orders in francs, refunds, and what they are in euros.

Computed from the draws, never from files, by the definitions that treue.yml chooses: each order's amounts are
converted once and rounded to the cent; without a rate young enough they stand outside sums of money.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.demo.company import Company
from pipelines.demo.counts import amount, order_counts
from pipelines.demo.exchange_rates import NO_RATE, Quotes, euros_per_franc
from pipelines.demo.orders import CANCELLED, GUEST
from pipelines.demo.swiss_shop import NO_ORDER, SwissShop

RATE_UNIT = 10**8


def swiss_order_counts(shop: SwissShop) -> dict[str, Any]:
    """Orders by kind and their amounts in francs, and the rows behind them."""
    of_guests = shop.orders.customers[shop.lines.orders] == GUEST
    return order_counts(shop.orders) | {
        "lines": int(shop.lines.orders.size),
        "lines_of_guests": int(of_guests.sum()),
    }


def refund_counts(shop: SwissShop) -> dict[str, Any]:
    """Payments back, the orders that they belong to, and those that belong to none."""
    has_order = shop.refunds.orders != NO_ORDER
    return {
        "refunds": int(has_order.size),
        "refund_without_order": int((~has_order).sum()),
        "orders_with_a_refund": int(np.unique(shop.refunds.orders[has_order]).size),
        "refund_amount": amount(shop.refunds.rappen[has_order].sum()),
    }


def exchange_rate_counts(company: Company, quotes: Quotes, shop: SwissShop) -> dict[str, Any]:
    """Quotes, the orders that have no rate, and the amounts of all others in euros."""
    orders = shop.orders
    rates = euros_per_franc(company, quotes)[orders.days]
    refunded = np.where(orders.statuses == CANCELLED, orders.gross_cents, orders.refunded_cents)
    gross_cents, refunded_cents = _converted(orders.gross_cents, rates), _converted(refunded, rates)
    known = orders.customers != GUEST
    return {
        "quotes": int(quotes.days.size),
        "orders_without_rate": int((rates == NO_RATE).sum()),
        "lines_without_rate": int((rates[shop.lines.orders] == NO_RATE).sum()),
        "gross_amount_company": amount(gross_cents.sum()),
        "refunded_amount_company": amount(refunded_cents.sum()),
        "net_amount_company": amount((gross_cents - refunded_cents).sum()),
        "net_amount_company_of_customers": amount((gross_cents - refunded_cents)[known].sum()),
    }


def _converted(rappen: NDArray[np.int64], rates: NDArray[np.int64]) -> NDArray[np.int64]:
    """Cents, rounded half up; 0 without a rate."""
    return (rappen * rates + RATE_UNIT // 2) // RATE_UNIT
