"""Draws the flower subscriptions: whose, which plan, from which month to which.

Months count from the start of the history. Nothing here touches an order or an answer; how files spell it
stands in `extracts`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.demo.company import AS_OF, HISTORY_START, Company
from pipelines.demo.customers import Customers

PLANS = ("Balkon", "Strauß", "Garten")
MONTHLY_CENTS = {"EUR": (1990, 2990, 4490), "CHF": (2190, 3290, 4890)}
# By plan; customers in Switzerland pay in francs.
SWITZERLAND = "Schweiz"
HISTORY_MONTHS = 12 * (AS_OF.year - HISTORY_START.year + 1)


@dataclass(frozen=True)
class Subscriptions:
    """One row per subscription, in the order of the customers; its number is the row's place."""

    customers: NDArray[np.int64]
    # Place in Customers.
    plans: NDArray[np.int64]
    # Place in PLANS.
    currencies: NDArray[np.str_]
    ordered_days: NDArray[np.int64]
    start_months: NDArray[np.int64]
    end_months: NDArray[np.int64]
    # First month without it; HISTORY_MONTHS or later for one that still runs.
    is_withdrawn: NDArray[np.bool_]

    @property
    def is_running(self) -> NDArray[np.bool_]:
        """Whether it runs on the last day of the history."""
        return ~self.is_withdrawn & (self.end_months >= HISTORY_MONTHS)

    @property
    def monthly_cents(self) -> NDArray[np.int64]:
        """What a month costs, in hundredths of the subscription's currency."""
        return np.where(
            self.currencies == "CHF",
            np.array(MONTHLY_CENTS["CHF"])[self.plans],
            np.array(MONTHLY_CENTS["EUR"])[self.plans],
        )


def draw_subscriptions(company: Company, customers: Customers, rng: np.random.Generator) -> Subscriptions:
    """Draw the subscriptions that began within the history."""
    rule = company.subscribing
    buyers = np.flatnonzero(customers.has_purchased)
    who = buyers[rng.random(buyers.size) < rule.share]
    waits = rng.integers(0, rule.longest_wait_days + 1, size=who.size)
    ordered = customers.first_purchase_days[who] + waits
    months = 1 + _months(ordered)
    begins = months < HISTORY_MONTHS
    lengths = rng.geometric(rule.monthly_end_share, size=who.size)
    plans = rng.choice(len(PLANS), size=who.size, p=rule.plan_shares)
    withdrawn = rng.random(who.size) < rule.withdrawn_share
    who = who[begins]
    return Subscriptions(
        customers=who,
        plans=plans[begins],
        currencies=np.where(customers.countries[who] == SWITZERLAND, "CHF", "EUR"),
        ordered_days=ordered[begins],
        start_months=months[begins],
        end_months=(months + lengths)[begins],
        is_withdrawn=withdrawn[begins],
    )


def _months(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """The month of each day; those after the history count on."""
    start = np.datetime64(HISTORY_START)
    months = (start + days).astype("datetime64[M]") - start.astype("datetime64[M]")
    return np.asarray(months.astype(np.int64))
