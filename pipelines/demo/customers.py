"""Draws the customers: when they register and first buy, how they would buy, how loyal they are.

Everything about a person that does not depend on an order or an answer is drawn here; the densities of
registration and of the first purchase stand here too, because expected figures need the very same ones. No
order and no answer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammainc, ndtri

from pipelines.demo.company import HISTORY_DAYS, Acquisition, Company

FIRST_NUMBER = 1001
COUNTRIES = {"Deutschland": 0.78, "Österreich": 0.13, "Schweiz": 0.09}
SOURCES = {"Suche": 0.42, "Werbung": 0.27, "Empfehlung": 0.21, "Gartenmesse": 0.10}
# Both are drawn independently of everything else: a difference between segments is chance.

GIVEN_NAMES = (
    "Anna",
    "Jürgen",
    "Käthe",
    "Lukas",
    "Marie",
    "Björn",
    "Sophie",
    "Günter",
    "Zoë",
    "Emil",
    "Renée",
    "Paul",
)
FAMILY_NAMES = (
    "Müller",
    "Schäfer",
    "Groß",
    "Becker",
    "Jäger",
    "Weiß",
    "Krüger",
    "Schulz",
    "König",
    "Lange",
    "Vogt",
)


@dataclass(frozen=True)
class Customers:
    """One row per registered customer, in order of registration. Days count from the start of the history."""

    numbers: NDArray[np.int64]
    registered_days: NDArray[np.int64]
    first_purchase_days: NDArray[np.int64]
    # HISTORY_DAYS where no purchase falls into the history.
    rates_per_week: NDArray[np.float64]
    dropout_probabilities: NDArray[np.float64]
    loyalty: NDArray[np.float64]
    countries: NDArray[np.str_]
    sources: NDArray[np.str_]
    given_names: NDArray[np.str_]
    family_names: NDArray[np.str_]

    @property
    def has_purchased(self) -> NDArray[np.bool_]:
        """Whether the first purchase falls into the history."""
        return self.first_purchase_days < HISTORY_DAYS


def registration_density(acquisition: Acquisition) -> NDArray[np.float64]:
    """The probability of each day of the history to be a customer's day of registration."""
    days = np.arange(HISTORY_DAYS)
    trend = 1 + acquisition.growth * days / HISTORY_DAYS
    season = 1 + acquisition.season * np.cos(2 * np.pi * (days - acquisition.season_peak_day) / 365.25)
    return np.asarray(trend * season / (trend * season).sum())


def delay_density(acquisition: Acquisition) -> NDArray[np.float64]:
    """The probability of 0, 1, ... days from registration to the first purchase, of those who ever buy."""
    late = (1 - acquisition.same_day_share) / acquisition.longest_delay_days
    return np.array([acquisition.same_day_share] + [late] * acquisition.longest_delay_days)


def first_purchase_density(acquisition: Acquisition) -> NDArray[np.float64]:
    """The probability of each day of the history to be the first purchase day, of those who ever buy.

    Sums to a little less than 1: some first purchases fall after the history.
    """
    return np.convolve(registration_density(acquisition), delay_density(acquisition))[:HISTORY_DAYS]


def draw_customers(company: Company, customers: int, rng: np.random.Generator) -> Customers:
    """Draw the given number of registered customers."""
    acquisition = company.acquisition
    registered = np.sort(rng.choice(HISTORY_DAYS, size=customers, p=registration_density(acquisition)))
    delays = rng.choice(acquisition.longest_delay_days + 1, size=customers, p=delay_density(acquisition))
    never = rng.random(customers) < acquisition.never_buys_share
    purchasing = company.purchasing
    rates = rng.gamma(purchasing.r, 1 / purchasing.alpha_weeks, size=customers)
    dropouts = rng.beta(purchasing.a, purchasing.b, size=customers)
    return Customers(
        numbers=np.arange(FIRST_NUMBER, FIRST_NUMBER + customers),
        registered_days=registered,
        first_purchase_days=np.where(never, HISTORY_DAYS, np.minimum(registered + delays, HISTORY_DAYS)),
        rates_per_week=rates,
        dropout_probabilities=dropouts,
        loyalty=_loyalty(company, rates, dropouts, rng),
        countries=rng.choice(list(COUNTRIES), size=customers, p=list(COUNTRIES.values())),
        sources=rng.choice(list(SOURCES), size=customers, p=list(SOURCES.values())),
        given_names=rng.choice(GIVEN_NAMES, size=customers),
        family_names=rng.choice(FAMILY_NAMES, size=customers),
    )


def _loyalty(
    company: Company, rates: NDArray[np.float64], dropouts: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    purchasing, loyalty = company.purchasing, company.loyalty
    rate_scores = _bounded(
        np.asarray(ndtri(gammainc(purchasing.r, purchasing.alpha_weeks * rates)), np.float64)
    )
    dropout_scores = _bounded(np.asarray(ndtri(betainc(purchasing.a, purchasing.b, dropouts)), np.float64))
    rest = np.sqrt(1 - loyalty.rate_weight**2 - loyalty.dropout_weight**2)
    noise = rng.standard_normal(rates.size)
    return np.asarray(
        loyalty.rate_weight * rate_scores - loyalty.dropout_weight * dropout_scores + rest * noise
    )


def _bounded(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    # A rate drawn as 0 or a probability drawn as 1 would have an infinite score.
    return np.clip(scores, -8, 8)
