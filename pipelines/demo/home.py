"""Puts the demo company's home together: treue.yml, the extracts in landing/, and truth.json beside them.

The one entry point of the package. What is drawn, expected, counted and written stands in the other modules.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.demo import counts, expected_answers, expected_purchases
from pipelines.demo.answer_model import HIGH_SCORES, LOW_SCORES
from pipelines.demo.company import AS_OF, HISTORY_START, LINDE, Company
from pipelines.demo.customers import Customers, draw_customers
from pipelines.demo.extracts import write_customers, write_orders, write_responses
from pipelines.demo.orders import Orders, draw_orders
from pipelines.demo.survey import Responses, draw_responses

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


def draw(company: Company, seed: int, customers: int) -> Draw:
    """Draw customers, orders and survey; each has its own stream of random numbers."""
    people = draw_customers(company, customers, np.random.default_rng([seed, 0]))
    return Draw(
        customers=people,
        orders=draw_orders(company, people, np.random.default_rng([seed, 1])),
        waves=[
            draw_responses(company, people, wave, np.random.default_rng([seed, 2, number]))
            for number, wave in enumerate(company.waves)
        ],
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
    landing = home / "landing"
    rows = write_customers(landing, drawn.customers) | write_orders(landing, drawn.customers, drawn.orders)
    for responses in drawn.waves:
        rows |= write_responses(landing, LINDE, drawn.customers, responses)
    truth = Truth(
        seed=seed,
        customers=customers,
        history_start=HISTORY_START.isoformat(),
        as_of=AS_OF.isoformat(),
        parameters=asdict(LINDE),
        expected=expected_figures(LINDE),
        counts={"rows": rows} | drawn_counts(drawn),
    )
    text = json.dumps(asdict(truth), indent=1, ensure_ascii=False, default=str)
    (home / "truth.json").write_text(text + "\n", encoding="utf-8")
    shutil.copyfile(SETTINGS_FILE, settings)
    return truth


def expected_figures(company: Company) -> dict[str, Any]:
    """The figures that the company's parameters imply, whatever the seed."""
    purchasing, spending = company.purchasing, company.spending
    return {
        "survey": expected_answers.survey_figures(company),
        "survey_if_all_invited_responded": expected_answers.invited_figures(company),
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


def drawn_counts(drawn: Draw) -> dict[str, Any]:
    """The exact counts of one draw."""
    return {
        "orders": counts.order_counts(drawn.orders),
        "customers": counts.customer_counts(drawn.customers, drawn.orders),
        "quarters": counts.retention_counts(drawn.customers, drawn.orders),
        "survey": counts.survey_counts(drawn.waves),
    }
