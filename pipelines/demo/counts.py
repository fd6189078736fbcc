"""What a pipeline must find in the drawn extracts, exactly: computed from the draws, never from files.

Plain counting by the definitions that treue.yml chooses (purchases collapse to days, the latest answer of a
period counts, active within 365 days). No expectation stands here: those are in the `expected_*` modules.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pipelines.demo.answer_model import SCI_ITEMS
from pipelines.demo.company import HISTORY_DAYS
from pipelines.demo.customers import Customers
from pipelines.demo.expected_purchases import ACTIVE_DAYS, quarter_starts
from pipelines.demo.invitations import BOUNCED, DELIVERED, KEPT_BACK, Invitations
from pipelines.demo.orders import CANCELLED, FULLY_REFUNDED, GUEST, PARTLY_REFUNDED, Orders
from pipelines.demo.subscriptions import PLANS, Subscriptions
from pipelines.demo.survey import ANONYMOUS, MISSING, Responses, history_day

Shops: TypeAlias = Sequence[tuple[Customers, Orders]]
# The first one first.


def order_counts(orders: Orders) -> dict[str, Any]:
    """Orders by kind and their amounts; a cancelled order's whole amount counts as refunded."""
    refunded = np.where(orders.statuses == CANCELLED, orders.gross_cents, orders.refunded_cents)
    known = orders.customers != GUEST
    return {
        "orders": int(orders.days.size),
        "purchases": int(orders.is_purchase.sum()),
        "cancelled": int((orders.statuses == CANCELLED).sum()),
        "fully_refunded": int((orders.statuses == FULLY_REFUNDED).sum()),
        "partly_refunded": int((orders.statuses == PARTLY_REFUNDED).sum()),
        "guests": int((~known).sum()),
        "gross_amount": amount(orders.gross_cents.sum()),
        "refunded_amount": amount(refunded.sum()),
        "net_amount": amount((orders.gross_cents - refunded).sum()),
        "net_amount_of_customers": amount((orders.gross_cents - refunded)[known].sum()),
    }


def customer_counts(shops: Shops) -> dict[str, Any]:
    """Known customers, buyers, and those with two or more distinct purchase days.

    The first shop delivers a file of all its customers; of a further one those are known who ordered.
    """
    who, _, total = _occasions(shops)
    occasions = np.bincount(who, minlength=total)
    (first, _), *further = shops
    known = [np.unique(orders.customers[orders.customers != GUEST]).size for _, orders in further]
    return {
        "customers": int(first.numbers.size) + sum(known),
        "customers_with_a_purchase": int((occasions >= 1).sum()),
        "customers_with_two_or_more_order_days": int((occasions >= 2).sum()),
        "purchase_occasions": int(who.size),
    }


def retention_counts(shops: Shops) -> list[dict[str, Any]]:
    """Opening and closing states and buyers of every quarter, by distinct purchase days."""
    who, days, total = _occasions(shops)
    first = np.full(total, HISTORY_DAYS)
    np.minimum.at(first, who, days)

    def bought(start: int, end: int) -> NDArray[np.int64]:
        return np.bincount(who[(days >= start) & (days < end)], minlength=total)

    rows = []
    starts = quarter_starts()
    for start_date, end_date in pairwise(starts):
        start, end = history_day(start_date), history_day(end_date)
        opening, closing = bought(start - ACTIVE_DAYS, start) > 0, bought(end - ACTIVE_DAYS, end) > 0
        new = (first >= start) & (first < end)
        within = bought(start, end)
        rows.append(
            {
                "period_grain": "quarter",
                "period_start_date": start_date.isoformat(),
                "opening_active_count": int(opening.sum()),
                "retained_count": int((opening & closing).sum()),
                "new_count": int((closing & new).sum()),
                "reactivated_count": int((closing & ~opening & ~new).sum()),
                "closing_active_count": int(closing.sum()),
                "buyer_count": int((within >= 1).sum()),
                "repeat_buyer_count": int((within >= 2).sum()),
            }
        )
    return rows


def survey_counts(waves: list[Responses]) -> list[dict[str, Any]]:
    """Counted answers of each wave and of all time: for every item the customer's latest valid answer.

    For the SCI, the customer's latest response that answers at least one of its items, if it answers all of
    them.
    """
    periods = [(responses.wave.name, [responses]) for responses in waves] + [("all", waves)]
    rows = []
    for name, members in periods:
        recommend = [scores[0] for scores in _counted(members, ("recommend",))]
        satisfaction = [scores[0] for scores in _counted(members, ("satisfaction",))]
        complete = [scores for scores in _counted(members, SCI_ITEMS) if MISSING not in scores]
        rows.append(
            {
                "wave": name,
                "responses": sum(responses.days.size for responses in members),
                "responses_without_customer": sum(int((r.customers == ANONYMOUS).sum()) for r in members),
                "customers_responding": len(
                    set(np.concatenate([r.customers for r in members])) - {ANONYMOUS}
                ),
                "nps_answers": len(recommend),
                "promoters": sum(score >= 9 for score in recommend),
                "passives": sum(7 <= score <= 8 for score in recommend),
                "detractors": sum(score <= 6 for score in recommend),
                "csat_answers": len(satisfaction),
                "csat_top_two": sum(score >= 4 for score in satisfaction),
                "sci_answers": len(complete),
                "sci_secure": sum(min(scores) == 5 for scores in complete),
            }
        )
    return rows


def invitation_counts(waves: list[Invitations]) -> list[dict[str, Any]]:
    """Invitations of each wave by what became of them, and the responses to them.

    A response counts once per customer; one without a customer stands for itself.
    """
    rows = []
    for invitations in waves:
        customers = invitations.responses.customers
        anonymous = int((customers == ANONYMOUS).sum())
        responses = len(set(customers.tolist()) - {ANONYMOUS}) + anonymous
        delivered = int((invitations.statuses == DELIVERED).sum())
        rows.append(
            {
                "wave": invitations.responses.wave.name,
                "sent": delivered,
                "bounced": int((invitations.statuses == BOUNCED).sum()),
                "not_contacted": int((invitations.statuses == KEPT_BACK).sum()),
                "responses": responses,
                "delivered_response_rate": round(responses / max(delivered, 1), 10),
            }
        )
    return rows


def subscription_counts(subscriptions: Subscriptions) -> dict[str, Any]:
    """Subscriptions that count, by plan, and what the running ones bring in a month, by currency."""
    counted, running = ~subscriptions.is_withdrawn, subscriptions.is_running
    monthly = {
        currency: amount(subscriptions.monthly_cents[running & (subscriptions.currencies == currency)].sum())
        for currency in ("EUR", "CHF")
    }
    return {
        "subscriptions": int(counted.sum()),
        "ended_before_started": int(subscriptions.is_withdrawn.sum()),
        "running": int(running.sum()),
        "by_plan": {
            name: int((counted & (subscriptions.plans == plan)).sum()) for plan, name in enumerate(PLANS)
        },
        "monthly_amount_running": monthly,
    }


def _counted(waves: list[Responses], items: tuple[str, ...]) -> list[tuple[int, ...]]:
    """Each unit's scores in its latest response with any of the items; an anonymous response is a unit."""
    latest: dict[int, tuple[int, ...]] = {}
    anonymous = []
    for responses in waves:
        columns = [responses.scores[item].tolist() for item in items]
        for customer, *scores in zip(responses.customers.tolist(), *columns, strict=True):
            if all(score == MISSING for score in scores):
                continue
            if customer == ANONYMOUS:
                anonymous.append(tuple(scores))
            else:
                latest[customer] = tuple(scores)
    return [*latest.values(), *anonymous]


def _occasions(shops: Shops) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """The distinct (customer, day) of all purchases of known customers, and how many customers there could be."""
    codes, total = [], 0
    for customers, orders in shops:
        counts = orders.is_purchase & (orders.customers != GUEST)
        codes.append(np.unique((total + orders.customers[counts]) * HISTORY_DAYS + orders.days[counts]))
        total += customers.numbers.size
    occasions = np.concatenate(codes)
    return occasions // HISTORY_DAYS, occasions % HISTORY_DAYS, total


def amount(cents: np.int64 | int) -> str:
    """Hundredths of a currency as an exact amount."""
    return str(Decimal(int(cents)).scaleb(-2))
