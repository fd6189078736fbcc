"""Draws the orders: the BG/NBD purchases with Gamma-Gamma amounts, and the documents around them.

All of an order that reaches the extract is drawn here, in cents and whole minutes. How it is spelled in a
file stands in `extracts`; what a pipeline should count in it stands in `counts`.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pipelines.demo.company import HISTORY_DAYS, Company
from pipelines.demo.customers import Customers

GUEST = -1
PAID, PARTLY_REFUNDED, FULLY_REFUNDED, CANCELLED = range(4)
CHANNELS = {"Webshop": 0.70, "App": 0.22, "Telefon": 0.08}
PAYMENTS = ("Kreditkarte", "PayPal", "Überweisung", "Rechnung")
HOURLY_WEIGHTS = (2, 3, 5, 6, 6, 7, 7, 6, 5, 5, 6, 8, 10, 11, 10, 7, 3, 1)
# From 6 to 24 o'clock, most in the evening; none in the hour that a clock change skips.
FIRST_HOUR = 6


@dataclass(frozen=True)
class Orders:
    """One row per order, in order of time; the order number is the row's place."""

    customers: NDArray[np.int64]
    # Place in Customers, or GUEST.
    days: NDArray[np.int64]
    minutes: NDArray[np.int64]
    gross_cents: NDArray[np.int64]
    # Hundredths of the shop's own currency.
    refunded_cents: NDArray[np.int64]
    # What the extract says: 0 for a cancelled order, which was never paid.
    statuses: NDArray[np.int64]
    channels: NDArray[np.str_]
    payments: NDArray[np.str_]

    @property
    def is_purchase(self) -> NDArray[np.bool_]:
        """Whether the order is a purchase: neither cancelled nor paid back in full."""
        return np.isin(self.statuses, (PAID, PARTLY_REFUNDED))


def draw_purchases(
    customers: Customers, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw every purchase of the history, first ones included: (place of the customer, day).

    The clock of a customer starts at the beginning of the day of the first purchase, so that what falls
    between two days' beginnings follows the process exactly. After each repeat purchase the customer may drop
    out.
    """
    buyers = np.flatnonzero(customers.has_purchased)
    now = customers.first_purchase_days[buyers].astype(np.float64)
    who, when = [buyers], [now]
    while buyers.size:
        now = now + 7 * rng.standard_exponential(buyers.size) / np.maximum(
            customers.rates_per_week[buyers], 1e-300
        )
        inside = now < HISTORY_DAYS
        buyers, now = buyers[inside], now[inside]
        who.append(buyers)
        when.append(now)
        stays = rng.random(buyers.size) >= customers.dropout_probabilities[buyers]
        buyers, now = buyers[stays], now[stays]
    return np.concatenate(who), np.floor(np.concatenate(when)).astype(np.int64)


def draw_orders(company: Company, customers: Customers, rng: np.random.Generator) -> Orders:
    """Draw the orders of all customers and guests."""
    purchases = _purchases(company, customers, rng)
    parts = [
        purchases,
        _twins(purchases, CANCELLED, company.documents.cancelled_share, rng),
        _twins(purchases, FULLY_REFUNDED, company.documents.fully_refunded_share, rng),
        _guests(company, purchases, rng),
        _without_purchase(company, customers, rng),
    ]
    who, days, cents, statuses = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    minutes = _minutes(days.size, rng)
    order = np.lexsort((who, minutes, days))
    return Orders(
        customers=who[order],
        days=days[order],
        minutes=minutes[order],
        gross_cents=cents[order],
        refunded_cents=_refunds(company, cents[order], statuses[order], rng),
        statuses=statuses[order],
        channels=rng.choice(list(CHANNELS), size=days.size, p=list(CHANNELS.values())),
        payments=rng.choice(PAYMENTS, size=days.size),
    )


Part: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
# Customers, days, cents, statuses.


def _amounts(
    company: Company, inverse_scales: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    euros = rng.gamma(company.spending.p, 1 / inverse_scales)
    return np.maximum(np.rint(100 * euros), 1).astype(np.int64)


def _purchases(company: Company, customers: Customers, rng: np.random.Generator) -> Part:
    who, days = draw_purchases(customers, rng)
    inverse_scales = rng.gamma(company.spending.q, 1 / company.spending.gamma, size=customers.numbers.size)
    statuses = np.where(rng.random(who.size) < company.documents.partly_refunded_share, PARTLY_REFUNDED, PAID)
    return who, days, _amounts(company, inverse_scales[who], rng), statuses


def _twins(purchases: Part, status: int, share: float, rng: np.random.Generator) -> Part:
    who, days, cents, _ = purchases
    chosen = rng.random(who.size) < share
    return who[chosen], days[chosen], cents[chosen], np.full(int(chosen.sum()), status)


def _guests(company: Company, purchases: Part, rng: np.random.Generator) -> Part:
    days = purchases[1]
    guests = int(rng.binomial(days.size, company.documents.guest_share))
    inverse_scales = rng.gamma(company.spending.q, 1 / company.spending.gamma, size=guests)
    cents = _amounts(company, inverse_scales, rng)
    return np.full(guests, GUEST), rng.choice(days, size=guests), cents, np.full(guests, PAID)


def _without_purchase(company: Company, customers: Customers, rng: np.random.Generator) -> Part:
    never = np.flatnonzero(~customers.has_purchased)
    who = never[rng.random(never.size) < company.documents.cancelled_without_purchase_share]
    inverse_scales = rng.gamma(company.spending.q, 1 / company.spending.gamma, size=who.size)
    cents = _amounts(company, inverse_scales, rng)
    return who, customers.registered_days[who], cents, np.full(who.size, CANCELLED)


def _minutes(orders: int, rng: np.random.Generator) -> NDArray[np.int64]:
    weights = np.array(HOURLY_WEIGHTS) / sum(HOURLY_WEIGHTS)
    hours = FIRST_HOUR + rng.choice(len(HOURLY_WEIGHTS), size=orders, p=weights)
    return np.asarray(60 * hours + rng.integers(0, 60, size=orders))


def _refunds(
    company: Company, cents: NDArray[np.int64], statuses: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    shares = rng.uniform(company.documents.lowest_refund, company.documents.highest_refund, size=cents.size)
    partly = np.minimum(np.rint(shares * cents).astype(np.int64), cents - 1)
    return np.select([statuses == PARTLY_REFUNDED, statuses == FULLY_REFUNDED], [partly, cents], default=0)
