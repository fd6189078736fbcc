"""Draws the Swiss shop: customers and orders by the processes of the first shop, its items and its refunds.

Amounts are drawn in euros and turned into francs at the last known quote, so that the truths about spending
hold for both shops. How files spell all this stands in `swiss_extracts`.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipelines.demo.company import HISTORY_DAYS, Company
from pipelines.demo.customers import Customers, draw_customers
from pipelines.demo.exchange_rates import Quotes, last_quotes
from pipelines.demo.orders import FULLY_REFUNDED, PARTLY_REFUNDED, Orders, draw_orders

ITEMS = ("Rosen", "Tulpen", "Lavendel", "Hortensie", "Übertopf", "Blumenerde 20 l", "Gartenschere")
REFUND_REASONS = ("damaged", "late", "not_as_expected")
NO_ORDER = -1
LOWEST_RAPPEN = 2
# So that a partial refund leaves something.


@dataclass(frozen=True)
class Lines:
    """One row per item of an order, in the order of the orders."""

    orders: NDArray[np.int64]
    # Place in Orders.
    items: NDArray[np.str_]
    quantities: NDArray[np.int64]
    rappen: NDArray[np.int64]
    # Of the whole line; those of an order add up to its gross amount.


@dataclass(frozen=True)
class Refunds:
    """One row per payment back, in order of time; the refund's number is the row's place."""

    orders: NDArray[np.int64]
    # Place in Orders, or NO_ORDER.
    days: NDArray[np.int64]
    rappen: NDArray[np.int64]
    reasons: NDArray[np.str_]


@dataclass(frozen=True)
class SwissShop:
    """The drawn shop; the amounts of its orders are in hundredths of a franc."""

    customers: Customers
    orders: Orders
    lines: Lines
    refunds: Refunds


def draw_swiss_shop(
    company: Company,
    customers: int,
    quotes: Quotes,
    rngs: tuple[np.random.Generator, np.random.Generator, np.random.Generator],
) -> SwissShop:
    """Draw the shop beside a first one of so many customers; generators of customers, orders, and documents."""
    own = round(customers * company.swiss_shop.customers_share)
    people = draw_customers(company, own, rngs[0])
    orders = _in_francs(draw_orders(company, people, rngs[1]), quotes)
    return SwissShop(
        customers=people,
        orders=orders,
        lines=_draw_lines(company, orders, rngs[2]),
        refunds=_draw_refunds(company, orders, rngs[2]),
    )


def _in_francs(orders: Orders, quotes: Quotes) -> Orders:
    francs_per_euro = quotes.ten_thousandths[last_quotes(quotes)][orders.days] / 10_000
    gross = np.maximum(np.rint(orders.gross_cents * francs_per_euro).astype(np.int64), LOWEST_RAPPEN)
    partly = np.clip(np.rint(orders.refunded_cents * francs_per_euro).astype(np.int64), 1, gross - 1)
    refunded = np.select(
        [orders.statuses == PARTLY_REFUNDED, orders.statuses == FULLY_REFUNDED], [partly, gross], default=0
    )
    return replace(orders, gross_cents=gross, refunded_cents=refunded)


def _draw_lines(company: Company, orders: Orders, rng: np.random.Generator) -> Lines:
    shop = company.swiss_shop
    counts = 1 + rng.binomial(shop.further_items, shop.further_item_share, size=orders.days.size)
    places = np.repeat(np.arange(orders.days.size), counts)
    weights = rng.uniform(0.2, 1, size=places.size)
    shares = weights / np.bincount(places, weights=weights, minlength=orders.days.size)[places]
    rappen = np.floor(shares * orders.gross_cents[places]).astype(np.int64)
    firsts = np.cumsum(counts) - counts
    # What rounding down left over.
    rappen[firsts] += orders.gross_cents - np.add.reduceat(rappen, firsts)
    return Lines(
        orders=places,
        items=rng.choice(ITEMS, size=places.size),
        quantities=rng.integers(1, 4, size=places.size),
        rappen=rappen,
    )


def _draw_refunds(company: Company, orders: Orders, rng: np.random.Generator) -> Refunds:
    shop = company.swiss_shop
    once = np.flatnonzero(orders.refunded_cents)
    in_parts = orders.statuses[once] == PARTLY_REFUNDED
    in_parts &= (orders.refunded_cents[once] > 1) & (rng.random(once.size) < shop.refunded_twice_share)
    second_parts = np.where(in_parts, orders.refunded_cents[once] // 2, 0)
    unknown = np.full(shop.refunds_without_order, NO_ORDER)
    places = np.concatenate([once, once[in_parts], unknown])
    rappen = np.concatenate(
        [
            orders.refunded_cents[once] - second_parts,
            second_parts[in_parts],
            rng.integers(500, 5_000, size=unknown.size),
        ]
    )
    shortest, longest = shop.refund_days
    waits = rng.integers(shortest, longest + 1, size=places.size)
    ordered = np.where(places == NO_ORDER, 0, orders.days[places])
    days = np.minimum(ordered + waits, HISTORY_DAYS - 1)
    order = np.lexsort((rappen, places, days))
    reasons = rng.choice(REFUND_REASONS, size=places.size)
    return Refunds(places[order], days[order], rappen[order], reasons)
