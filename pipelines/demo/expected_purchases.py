"""What the purchase figures would be without chance: retention, and purchases after an answer by NPS class.

Closed forms of the BG/NBD process, with the purchase rate integrated exactly and the rest numerically;
correct to about eight digits. Nothing is drawn and no drawn data are read.
"""

from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, gammaincinv, ndtr, roots_jacobi

from pipelines.demo import answer_model
from pipelines.demo.company import AS_OF, HISTORY_DAYS, HISTORY_START, Company, Wave
from pipelines.demo.customers import first_purchase_density
from pipelines.demo.expected_answers import nps_shares
from pipelines.demo.survey import delay_density, history_day

ACTIVE_DAYS = 365
DROPOUT_NODES = 64
SCORES = np.arange(-8, 8.1, 0.2)
# Normal scores: the trapezoid rule converges fast for a smooth function times a normal density.
NORMAL = np.exp(-(SCORES**2) / 2) / np.exp(-(SCORES**2) / 2).sum()
CLASSES = ("detractor", "passive", "promoter")


def quarter_starts() -> list[date]:
    """The first day of every quarter of the history, and the day after its last one."""
    years = range(HISTORY_START.year, AS_OF.year + 1)
    return [date(year, month, 1) for year in years for month in (1, 4, 7, 10)] + [date(AS_OF.year + 1, 1, 1)]


def purchase_probability(company: Company, start_day: int, end_day: int) -> NDArray[np.float64]:
    """P(at least one purchase from the start day to before the end day), by day of the first purchase.

    With purchase rate l, dropout probability p and a first purchase `wait` days before the start, a customer
    is alive at the start with probability exp(-l p wait), and then buys within d days with 1 - exp(-l d).
    """
    first = np.arange(HISTORY_DAYS)
    wait = np.maximum(start_day - first, 0)
    later = _survival(company, wait, 0) - _survival(company, wait, end_day - start_day)
    return np.select([first >= end_day, first >= start_day], [0.0, 1.0], default=later)


def retention_rate(company: Company, opening_day: int, closing_day: int) -> float:
    """P(active at the closing day | active at the opening day); active: a purchase in the 365 days before.

    Both = opening + closing - either, where either is one unbroken window if the days are at most 365 apart.
    """
    if not 0 < closing_day - opening_day <= ACTIVE_DAYS:
        raise ValueError(f"a period of {closing_day - opening_day} days (allowed 1 to {ACTIVE_DAYS})")
    density = first_purchase_density(company.acquisition)
    opening = density @ purchase_probability(company, opening_day - ACTIVE_DAYS, opening_day)
    closing = density @ purchase_probability(company, closing_day - ACTIVE_DAYS, closing_day)
    either = density @ purchase_probability(company, opening_day - ACTIVE_DAYS, closing_day)
    return float((opening + closing - either) / opening)


def retention_figures(company: Company) -> list[dict[str, Any]]:
    """The expected retention rate of every quarter that opens with customers."""
    starts = quarter_starts()
    return [
        {
            "period_grain": "quarter",
            "period_start_date": start.isoformat(),
            "retention_rate": round(retention_rate(company, history_day(start), history_day(end)), 10),
        }
        for start, end in pairwise(starts[1:])
    ]


def later_purchase_figures(company: Company) -> list[dict[str, Any]]:
    """Expected purchases after the day of a customer's first response of a wave, by its NPS class."""
    return [_later_purchases(company, wave) for wave in company.waves]


def _later_purchases(company: Company, wave: Wave) -> dict[str, Any]:
    purchasing, horizon = company.purchasing, company.later_purchase_days
    rates = gammaincinv(purchasing.r, ndtr(SCORES)) / purchasing.alpha_weeks / 7
    dropouts = betaincinv(purchasing.a, purchasing.b, ndtr(SCORES))
    deaths = rates[:, None] * dropouts[None, :]
    # rate * horizon * (1 - exp(-x))/x: the purchases within the horizon of a customer alive at its start.
    scaled = np.maximum(deaths * horizon, 1e-300)
    bought = _alive(company, wave, deaths) * rates[:, None] * horizon * -np.expm1(-scaled) / scaled
    classes = _class_probabilities(company, wave)
    weights = NORMAL[:, None, None] * NORMAL[None, :, None] * classes
    means = (weights * bought[:, :, None]).sum(axis=(0, 1)) / weights.sum(axis=(0, 1))
    overall = (weights * bought[:, :, None]).sum() / weights.sum()
    return {
        "wave": wave.name,
        "horizon_days": horizon,
        "purchases_per_respondent": {
            name: round(float(mean), 8) for name, mean in zip(CLASSES, means, strict=True)
        }
        | {"all": round(float(overall), 8)},
    }


def _alive(company: Company, wave: Wave, deaths: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(alive when the day after the response begins), over first purchase days and response delays."""
    last_day = history_day(wave.invited_on) - wave.tenure_days
    density = first_purchase_density(company.acquisition)[: last_day + 1]
    tenures = history_day(wave.invited_on) + 1 - np.arange(last_day + 1)
    alive = np.zeros_like(deaths)
    for share, tenure in zip(density / density.sum(), tenures, strict=True):
        alive += share * np.exp(-deaths * tenure)
    delays = delay_density(company.responding)
    return np.asarray(alive * sum(share * np.exp(-deaths * delay) for delay, share in enumerate(delays)))


def _class_probabilities(company: Company, wave: Wave) -> NDArray[np.float64]:
    """P(responds, and as this class) by the normal scores of rate and dropout."""
    rule = company.loyalty
    rest = np.sqrt(1 - rule.rate_weight**2 - rule.dropout_weight**2)
    known = rule.rate_weight * SCORES[:, None] - rule.dropout_weight * SCORES[None, :]
    classes = np.zeros((*known.shape, len(CLASSES)))
    for weight, noise in zip(NORMAL, SCORES, strict=True):
        loyalty = (known + rest * noise).ravel()
        responds = answer_model.response_probability(company, loyalty)
        scores = answer_model.score_shares(company, "recommend", loyalty + wave.loyalty_shift)
        classes += (weight * responds[:, None] * nps_shares(scores)).reshape(classes.shape)
    return classes


def _survival(company: Company, alive_days: NDArray[np.int64], empty_days: int) -> NDArray[np.float64]:
    """E[exp(-l (p alive_days + empty_days))] over rate l and dropout probability p.

    The Gamma integral over l is (alpha / (alpha + weeks))^r; the Beta integral over p is Gauss-Jacobi
    quadrature.
    """
    purchasing = company.purchasing
    nodes, weights = roots_jacobi(DROPOUT_NODES, purchasing.b - 1, purchasing.a - 1)
    dropouts, weights = (nodes + 1) / 2, weights / weights.sum()
    weeks = (alive_days[:, None] * dropouts[None, :] + empty_days) / 7
    return np.asarray((purchasing.alpha_weeks / (purchasing.alpha_weeks + weeks)) ** purchasing.r @ weights)
