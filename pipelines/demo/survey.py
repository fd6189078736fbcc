"""Draws the responses of the survey's waves.

Who responds, when, with or without a customer number, and every answer as a score. How answers are worded
stands in `questionnaire`, how they are written in `extracts`; the probabilities stand in `answer_model`.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from pipelines.demo import answer_model
from pipelines.demo.company import HISTORY_START, Company, OrdinalItem, Responding, Wave
from pipelines.demo.customers import Customers
from pipelines.demo.questionnaire import COMMENT_SHARE, COMMENTS

MISSING = -1
ANONYMOUS = -1
CHANNELS = ("E-Mail", "App")
FIRST_MINUTE, LAST_MINUTE = 7 * 60, 23 * 60


@dataclass(frozen=True)
class Responses:
    """One row per response of a wave, in order of time; the response's number is the row's place."""

    wave: Wave
    customers: NDArray[np.int64]
    # Place in Customers, or ANONYMOUS.
    respondents: NDArray[np.int64]
    # Place in Customers of who it was, also where no extract tells.
    days: NDArray[np.int64]
    minutes: NDArray[np.int64]
    scores: dict[str, NDArray[np.int64]]
    # MISSING where the answer is not known.
    reasons: dict[str, NDArray[np.bool_]]
    comments: NDArray[np.str_]
    channels: NDArray[np.str_]


def history_day(day: date) -> int:
    """Days since the start of the history."""
    return (day - HISTORY_START).days


def delay_density(responding: Responding) -> NDArray[np.float64]:
    """P(a customer's first response comes 0, 1, ... days after the invitation)."""
    shares = (1 - responding.daily_share) ** np.arange(responding.longest_delay_days + 1)
    return np.asarray(shares / shares.sum())


def draw_responses(company: Company, customers: Customers, wave: Wave, rng: np.random.Generator) -> Responses:
    """Draw one wave of the survey."""
    who, days = _respondents(company, customers, wave, rng)
    minutes = rng.integers(FIRST_MINUTE, LAST_MINUTE, size=who.size)
    order = np.lexsort((who, minutes, days))
    who, days, minutes = who[order], days[order], minutes[order]
    scores = _scores(company, customers.loyalty[who] + wave.loyalty_shift, rng)
    reasons = _reasons(company, scores["recommend"], rng)
    comments = np.where(rng.random(who.size) < COMMENT_SHARE, rng.choice(COMMENTS, size=who.size), "")
    known = {
        item: np.where(
            rng.random(who.size) < answer_model.missing_share(company, item), MISSING, scores[item]
        )
        for item in answer_model.scored_items(company)
    }
    anonymous = rng.random(who.size) < company.responding.anonymous_share
    return Responses(
        wave=wave,
        customers=np.where(anonymous, ANONYMOUS, who),
        respondents=who,
        days=days,
        minutes=minutes,
        scores=known,
        reasons=reasons,
        comments=comments,
        channels=rng.choice(CHANNELS, size=who.size, p=(0.85, 0.15)),
    )


def _respondents(
    company: Company, customers: Customers, wave: Wave, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    responding, invited_day = company.responding, history_day(wave.invited_on)
    invited = np.flatnonzero(customers.first_purchase_days <= invited_day - wave.tenure_days)
    responds = rng.random(invited.size) < answer_model.response_probability(
        company, customers.loyalty[invited]
    )
    who = invited[responds]
    days = invited_day + rng.choice(
        responding.longest_delay_days + 1, size=who.size, p=delay_density(responding)
    )
    again = rng.random(who.size) < responding.twice_share
    later = days[again] + rng.integers(1, 4, size=int(again.sum()))
    return np.concatenate([who, who[again]]), np.concatenate([days, later])


def _scores(
    company: Company, stance: NDArray[np.float64], rng: np.random.Generator
) -> dict[str, NDArray[np.int64]]:
    scores = {item.name: _ordinal(item, stance, rng) for item in company.ordinal_items}
    effects = np.zeros(stance.size)
    for driver in company.drivers:
        scores[driver.name] = rng.choice(np.arange(1, 6), size=stance.size, p=driver.shares)
        effects = effects + answer_model.driver_effect(driver, scores[driver.name])
    step = answer_model.satisfaction_step(company, stance, effects)
    scores["satisfaction"] = 1 + rng.binomial(answer_model.SATISFACTION_STEPS, step)
    return scores


def _ordinal(item: OrdinalItem, stance: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    latent = item.slope * stance + np.sqrt(1 - item.slope**2) * rng.standard_normal(stance.size)
    return np.asarray(item.lowest + np.searchsorted(answer_model.thresholds(item), latent))


def _reasons(
    company: Company, recommend: NDArray[np.int64], rng: np.random.Generator
) -> dict[str, NDArray[np.bool_]]:
    classes = np.digitize(recommend, (7, 9))
    return {
        reason: rng.random(recommend.size) < np.array(shares)[classes]
        for reason, shares in company.reason_shares.items()
    }
