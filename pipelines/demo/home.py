"""Puts the demo company's home together: treue.yml, the extracts in landing/, and truth.json beside them.

The one entry point of the package. What is drawn, expected, counted and written stands in the other modules.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.demo import counts, expected_answers, expected_purchases, swiss_counts
from pipelines.demo.answer_model import HIGH_SCORES, LOW_SCORES
from pipelines.demo.company import AS_OF, HISTORY_START, LINDE, Company
from pipelines.demo.customers import Customers, draw_customers
from pipelines.demo.exchange_rates import Quotes, draw_quotes
from pipelines.demo.extracts import write_customers, write_orders, write_subscriptions
from pipelines.demo.invitations import Invitations, draw_invitations
from pipelines.demo.orders import Orders, draw_orders
from pipelines.demo.subscriptions import Subscriptions, draw_subscriptions
from pipelines.demo.survey import Responses, draw_responses
from pipelines.demo.survey_extracts import write_invitations, write_responses
from pipelines.demo.swiss_extracts import write_quotes, write_swiss_shop
from pipelines.demo.swiss_shop import SwissShop, draw_swiss_shop

SETTINGS_FILE = Path(__file__).with_name("treue.yml")
DEFAULT_SEED = 2025
# A draw that is nothing special: every headline figure lies within two standard errors of its truth. One draw in
# twenty would miss each truth by right, which would puzzle whoever compares a first run with truth.json.
DEFAULT_CUSTOMERS = 20_000


@dataclass(frozen=True)
class Truth:
    """What is known about the demo company beforehand; the content of truth.json."""

    seed: int
    customers: int
    history_start: str
    as_of: str
    parameters: dict[str, Any]
    # What the extracts are drawn from.
    expected: dict[str, Any]
    # Figures without chance, which the intervals of the pipeline should cover.
    counts: dict[str, Any]
    # What the pipeline must find in this draw, exactly.


@dataclass(frozen=True)
class Draw:
    """One drawn company."""

    customers: Customers
    orders: Orders
    waves: list[Responses]
    invitations: list[Invitations]
    subscriptions: Subscriptions
    quotes: Quotes
    swiss_shop: SwissShop

    @property
    def shops(self) -> list[tuple[Customers, Orders]]:
        """Customers and orders of both shops; nobody is a customer of both."""
        return [(self.customers, self.orders), (self.swiss_shop.customers, self.swiss_shop.orders)]


def draw(company: Company, seed: int, customers: int) -> Draw:
    """Draw all that happens; each part has its own stream of random numbers, so that none changes another."""

    def stream(*part: int) -> np.random.Generator:
        return np.random.default_rng([seed, *part])

    people = draw_customers(company, customers, stream(0))
    waves = [
        draw_responses(company, people, wave, stream(2, number)) for number, wave in enumerate(company.waves)
    ]
    quotes = draw_quotes(company, stream(3))
    return Draw(
        customers=people,
        orders=draw_orders(company, people, stream(1)),
        waves=waves,
        invitations=[
            draw_invitations(company, people, responses, stream(4, number))
            for number, responses in enumerate(waves)
        ],
        subscriptions=draw_subscriptions(company, people, stream(5)),
        quotes=quotes,
        swiss_shop=draw_swiss_shop(company, customers, quotes, (stream(6, 0), stream(6, 1), stream(6, 2))),
    )


def write_demo_home(home: Path, seed: int = DEFAULT_SEED, customers: int = DEFAULT_CUSTOMERS) -> Truth:
    """Write a home of the demo company into a directory that holds none yet.

    treue.yml is written last: a home that has it is complete. Raises FileExistsError where there is one
    already.
    """
    settings = home / "treue.yml"
    if settings.exists():
        raise FileExistsError(
            f"{settings} exists: the demo company is written only where there is no home yet"
        )
    drawn = draw(LINDE, seed, customers)
    rows = write_extracts(home / "landing", LINDE, drawn)
    truth = Truth(
        seed=seed,
        customers=customers,
        history_start=HISTORY_START.isoformat(),
        as_of=AS_OF.isoformat(),
        parameters=asdict(LINDE),
        expected=expected_figures(LINDE),
        counts={"rows": rows} | drawn_counts(LINDE, drawn),
    )
    text = json.dumps(asdict(truth), indent=1, ensure_ascii=False, default=str)
    (home / "truth.json").write_text(text + "\n", encoding="utf-8")
    shutil.copyfile(SETTINGS_FILE, settings)
    return truth


def write_extracts(landing: Path, company: Company, drawn: Draw) -> dict[str, int]:
    """Write every file of a draw; returns their rows by path below landing."""
    rows = write_customers(landing, drawn.customers) | write_orders(landing, drawn.customers, drawn.orders)
    for responses in drawn.waves:
        rows |= write_responses(landing, company, drawn.customers, responses)
    for invitations in drawn.invitations:
        rows |= write_invitations(landing, drawn.customers, invitations)
    rows |= write_subscriptions(landing, drawn.customers, drawn.subscriptions)
    return rows | write_swiss_shop(landing, drawn.swiss_shop) | write_quotes(landing, drawn.quotes)


def expected_figures(company: Company) -> dict[str, Any]:
    """The figures that the company's parameters imply, whatever the seed."""
    purchasing, spending = company.purchasing, company.spending
    return {
        "survey": expected_answers.survey_figures(company),
        "survey_if_all_invited_responded": expected_answers.invited_figures(company),
        "invitations": expected_answers.invitation_figures(company),
        "retention": expected_purchases.retention_figures(company),
        "later_purchases": expected_purchases.later_purchase_figures(company),
        "purchases_per_week_while_alive": purchasing.r / purchasing.alpha_weeks,
        "dropout_probability": purchasing.a / (purchasing.a + purchasing.b),
        "gross_amount_per_purchase": spending.p * spending.gamma / (spending.q - 1),
        "drivers": {
            driver.name: {
                "class": driver.factor,
                "penalty": driver.low_effect,
                "reward": driver.high_effect,
                "low_scores": LOW_SCORES,
                "high_scores": HIGH_SCORES,
            }
            for driver in company.drivers
        },
    }


def drawn_counts(company: Company, drawn: Draw) -> dict[str, Any]:
    """The exact counts of one draw; orders by shop in its own currency, customers of both shops."""
    return {
        "orders": counts.order_counts(drawn.orders),
        "swiss_orders": swiss_counts.swiss_order_counts(drawn.swiss_shop),
        "refunds": swiss_counts.refund_counts(drawn.swiss_shop),
        "exchange_rates": swiss_counts.exchange_rate_counts(company, drawn.quotes, drawn.swiss_shop),
        "customers": counts.customer_counts(drawn.shops),
        "quarters": counts.retention_counts(drawn.shops),
        "survey": counts.survey_counts(drawn.waves),
        "invitations": counts.invitation_counts(drawn.invitations),
        "subscriptions": counts.subscription_counts(drawn.subscriptions),
    }
