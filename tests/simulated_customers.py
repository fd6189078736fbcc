"""Customers drawn from the purchase models themselves, so that the truth of their parameters is known.

Times are in days of which `UNIT_DAYS` are the unit of the parameters: fine enough that rounding to whole days does not
show. What is asked of the draws must stay out.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipelines.metrics.purchase_models.histories import Histories
from pipelines.metrics.purchase_models.model import Parameters
from pipelines.metrics.purchase_models.shifted_beta_geometric import Renewals
from pipelines.metrics.purchase_models.spends import Spends

UNIT_DAYS = 7.0

Floats = npt.NDArray[np.float64]


class Purchases(NamedTuple):
    """One element per customer; times in days."""

    frequency: Floats
    recency: Floats
    age: Floats


def draw_purchases(
    model: str,
    parameters: Parameters,
    ages: Floats,
    random: np.random.Generator,
    unit_days: float = UNIT_DAYS,
) -> Purchases:
    """Repeat purchases of one customer per age, given in days."""
    size = len(ages)
    rate = random.gamma(parameters["r"], 1 / parameters["alpha"], size) / unit_days
    leaves, chance = np.full(size, np.inf), np.zeros(size)
    if model == "pareto_nbd":
        leaving_rate = random.gamma(parameters["s"], 1 / parameters["beta"], size) / unit_days
        leaves = random.exponential(size=size) / leaving_rate
    else:
        chance = random.beta(parameters["a"], parameters["b"], size)
    until = np.minimum(ages, leaves)
    frequency, recency = np.zeros(size), np.zeros(size)
    there = np.arange(size)
    if model == "mbg_nbd":
        there = there[random.random(size) >= chance]
    while len(there):
        at = recency[there] + random.exponential(size=len(there)) / rate[there]
        has_bought = at < until[there]
        there = there[has_bought]
        frequency[there] += 1
        recency[there] = at[has_bought]
        there = there[random.random(len(there)) >= chance[there]]
    whole = np.clip(np.round(recency), 1, ages)
    return Purchases(frequency, np.where(frequency > 0, whole, 0), ages)


def distinct(purchases: Purchases, unit_days: float = UNIT_DAYS) -> Histories:
    rows, counts = np.unique(np.column_stack(purchases), axis=0, return_counts=True)
    return Histories(rows[:, 0], rows[:, 1], rows[:, 2], counts, unit_days)


def draw_histories(model: str, parameters: Parameters, customers: int, seed: int) -> Histories:
    """Of customers first seen between 10 and 40 units ago."""
    random = np.random.default_rng(seed)
    ages = np.round(random.uniform(10, 40, customers) * UNIT_DAYS)
    return distinct(draw_purchases(model, parameters, ages, random))


def draw_spends(parameters: Parameters, customers: int, seed: int) -> Spends:
    """Mean amounts of customers with one to some dozen repeat purchases."""
    random = np.random.default_rng(seed)
    frequency = random.geometric(0.35, customers)
    rates = random.gamma(parameters["q"], 1 / parameters["gamma"], customers)
    sums = random.gamma(parameters["p"] * frequency) / rates
    return Spends.of(frequency, sums, np.ones(customers, dtype=np.int64))


def draw_renewals(parameters: Parameters, customers: int, seed: int) -> Renewals:
    """Of contracts begun two to eight periods ago."""
    random = np.random.default_rng(seed)
    chance = random.beta(parameters["alpha"], parameters["beta"], customers)
    ends_at = random.geometric(np.maximum(chance, 1e-12))
    seen = random.integers(2, 9, customers)
    periods = np.arange(1, 9)
    is_up = (ends_at[:, None] >= periods) & (seen[:, None] >= periods)
    lost = (is_up & (ends_at[:, None] == periods)).sum(axis=0)
    return Renewals(periods.astype(float), is_up.sum(axis=0) - lost, lost)
