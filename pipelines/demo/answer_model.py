"""The distribution of each answer given a customer's loyalty: what draws and expectations share.

Pure functions of the parameters. No random number is drawn here, and nobody's selection into the survey is
known here.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import binom, ndtr, ndtri

from pipelines.demo.company import Company, DriverItem, OrdinalItem

LOW_SCORES = (1, 2)
HIGH_SCORES = (4, 5)
SATISFACTION_STEPS = 4
# Scores 1 to 5.

SCI_ITEMS = ("satisfaction", "repurchase", "willingness_to_recommend")


def response_probability(company: Company, loyalty: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(an invited customer of this loyalty responds)."""
    rule = company.loyalty
    return np.asarray(ndtr(rule.response_intercept + rule.response_slope * loyalty))


def thresholds(item: OrdinalItem) -> NDArray[np.float64]:
    """Where the latent answer, N(0, 1) at a shift of 0, is cut into scores."""
    return np.asarray(ndtri(np.cumsum(item.base_shares)[:-1]))


def ordinal_shares(item: OrdinalItem, stance: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(score | loyalty + shift): one row per stance, one column per score from the lowest."""
    spread = np.sqrt(1 - item.slope**2)
    below = ndtr((thresholds(item)[None, :] - item.slope * stance[:, None]) / spread)
    edge = np.ones((stance.size, 1))
    return np.diff(np.hstack([0 * edge, below, edge]), axis=1)


def driver_effect(driver: DriverItem, scores: NDArray[np.int64]) -> NDArray[np.float64]:
    """What these scores of the driver add to the mean of overall satisfaction."""
    return np.where(
        np.isin(scores, LOW_SCORES),
        driver.low_effect,
        np.where(np.isin(scores, HIGH_SCORES), driver.high_effect, 0.0),
    )


def satisfaction_step(
    company: Company, stance: NDArray[np.float64], effects: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """The probability of each of the four steps above 1, given loyalty + shift and the drivers' effects."""
    rule = company.satisfaction
    mean = rule.base + rule.loyalty_gain * (2 * ndtr(stance) - 1) + effects
    return np.asarray((mean - 1) / SATISFACTION_STEPS)


def satisfaction_shares(company: Company, stance: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(overall satisfaction | loyalty + shift), over all combinations of low, middle and high drivers."""
    shares = np.zeros((stance.size, SATISFACTION_STEPS + 1))
    steps = np.arange(SATISFACTION_STEPS + 1)
    for combination in product(*(_effects(driver) for driver in company.drivers)):
        weight = float(np.prod([share for share, _ in combination]))
        step = satisfaction_step(company, stance, sum(effect for _, effect in combination))[:, None]
        shares += (
            weight
            * binom(SATISFACTION_STEPS, steps)
            * step**steps
            * (1 - step) ** (SATISFACTION_STEPS - steps)
        )
    return shares


def score_shares(company: Company, item: str, stance: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(score | loyalty + shift) of any scored item; a driver's does not depend on it."""
    if item == "satisfaction":
        return satisfaction_shares(company, stance)
    for ordinal in company.ordinal_items:
        if ordinal.name == item:
            return ordinal_shares(ordinal, stance)
    driver = next(driver for driver in company.drivers if driver.name == item)
    return np.tile(driver.shares, (stance.size, 1))


def lowest_score(company: Company, item: str) -> int:
    """The lower end of an item's scale."""
    return next((ordinal.lowest for ordinal in company.ordinal_items if ordinal.name == item), 1)


def missing_share(company: Company, item: str) -> float:
    """P(an answer to the item is missing), whatever it would have been."""
    shares = {"satisfaction": company.satisfaction.missing_share}
    shares |= {ordinal.name: ordinal.missing_share for ordinal in company.ordinal_items}
    shares |= {driver.name: driver.missing_share for driver in company.drivers}
    return shares[item]


def scored_items(company: Company) -> tuple[str, ...]:
    """The names of all scored items, in the order of the questionnaire."""
    ordinals = [ordinal.name for ordinal in company.ordinal_items]
    return (ordinals[0], "satisfaction", *ordinals[1:], *(driver.name for driver in company.drivers))


def _effects(driver: DriverItem) -> list[tuple[float, float]]:
    low, high = sum(driver.shares[:2]), sum(driver.shares[3:])
    return [(low, driver.low_effect), (1 - low - high, 0.0), (high, driver.high_effect)]
