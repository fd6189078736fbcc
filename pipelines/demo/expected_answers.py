"""What the survey's figures would be without chance: those of the population behind the draw.

The answers of the waves, averaged over the loyalty of those who respond, by the rule that a customer's latest
answer of a period counts and an anonymous response stands for itself. Integrals over one normal variable,
exact to about ten digits; nothing is drawn and no drawn data are read.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.demo import answer_model
from pipelines.demo.company import HISTORY_START, Company, Wave
from pipelines.demo.customers import first_purchase_density
from pipelines.demo.survey import history_day

GRID = np.linspace(-8, 8, 641)
# The trapezoid rule converges faster than any power for a smooth function times a normal density.
NORMAL = np.exp(-(GRID**2) / 2) / np.exp(-(GRID**2) / 2).sum()

ShareOf = Callable[[NDArray[np.float64]], NDArray[np.float64]]
# From loyalty + shift to the shares of the categories.


def invited_share(company: Company, wave: Wave) -> float:
    """The share of those who ever buy that is invited to the wave."""
    density = first_purchase_density(company.acquisition)
    return float(density[: history_day(wave.invited_on) - wave.tenure_days + 1].sum())


def wave_shares(wave: Wave, responds: NDArray[np.float64], share_of: ShareOf) -> NDArray[np.float64]:
    """The categories' shares among the counted answers of one wave, given P(responds) on the grid.

    Which answers are missing, given twice or anonymous does not depend on loyalty, so it does not matter
    here.
    """
    return _mixture([(NORMAL * responds, share_of(GRID + wave.loyalty_shift))])


def all_time_shares(company: Company, share_of: ShareOf, answered: float) -> NDArray[np.float64]:
    """The categories' shares among the counted answers of all waves together.

    A customer counts with the latest wave that has an answer under the customer's number; `answered` is the
    probability that a response counts as an answer.
    """
    responding = company.responding
    once = (1 - responding.anonymous_share) * answered
    identified = (1 - responding.twice_share) * once + responding.twice_share * (1 - (1 - once) ** 2)
    anonymous = (1 + responding.twice_share) * responding.anonymous_share * answered
    responds = answer_model.response_probability(company, GRID)
    parts = []
    not_yet = np.ones_like(GRID)
    for wave in reversed(company.waves):
        # Whoever is invited to a wave is invited to all later ones.
        weights = invited_share(company, wave) * NORMAL * responds * (identified * not_yet + anonymous)
        parts.append((weights, share_of(GRID + wave.loyalty_shift)))
        not_yet = not_yet * (1 - responds * identified)
    return _mixture(parts)


def sci_class_shares(company: Company, stance: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shares of secure, favorable, vulnerable and at risk, given loyalty + shift, of complete answers."""
    reached = np.ones((stance.size, 3))
    for item in answer_model.SCI_ITEMS:
        scores = answer_model.score_shares(company, item, stance)
        # At least 5, at least 4, at least 3: the items are independent given the stance.
        reached = reached * np.cumsum(scores[:, ::-1], axis=1)[:, :3]
    edge = np.ones((stance.size, 1))
    return np.diff(np.hstack([0 * edge, reached, edge]), axis=1)


def sci_answered(company: Company) -> float:
    """P(a response answers at least one of the three items)."""
    return 1 - float(np.prod([answer_model.missing_share(company, item) for item in answer_model.SCI_ITEMS]))


def survey_figures(company: Company) -> list[dict[str, Any]]:
    """The expected figures of every wave (month, quarter and year alike) and of all time."""
    rows = []
    for wave in company.waves:
        figures = _wave_figures(company, wave, answer_model.response_probability(company, GRID))
        month = wave.invited_on.replace(day=1)
        for grain, start in (
            ("month", month),
            ("quarter", month.replace(month=1 + (month.month - 1) // 3 * 3)),
            ("year", month.replace(month=1)),
        ):
            period = {"period_grain": grain, "period_start_date": start.isoformat(), "wave": wave.name}
            rows.append(period | figures)
    period = {"period_grain": "all", "period_start_date": HISTORY_START.isoformat(), "wave": "all"}
    return [*rows, period | _figures(company, partial(all_time_shares, company))]


def invited_figures(company: Company) -> list[dict[str, Any]]:
    """The figures of each wave if every invited customer responded: what nonresponse hides."""
    everyone = np.ones_like(GRID)
    return [{"wave": wave.name} | _wave_figures(company, wave, everyone) for wave in company.waves]


def invitation_figures(company: Company) -> list[dict[str, Any]]:
    """The expected delivered response rate of each wave: responses / (sent - bounced).

    A customer counts once, unless one of two responses came without a number. Only mails without an answer
    bounce.
    """
    responding = company.responding
    responds = float(NORMAL @ answer_model.response_probability(company, GRID))
    delivered = 1 - company.inviting.bounced_share * (1 - responds)
    each = 1 + responding.twice_share * (1 - (1 - responding.anonymous_share) ** 2)
    rate = _rounded(responds * each / delivered)
    return [{"wave": wave.name, "delivered_response_rate": rate} for wave in company.waves]


def nps_shares(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Detractors, passives and promoters from the shares of 0 to 10 (the last axis)."""
    return np.stack(
        [scores[..., :7].sum(axis=-1), scores[..., 7:9].sum(axis=-1), scores[..., 9:].sum(axis=-1)], axis=-1
    )


def _wave_figures(company: Company, wave: Wave, responds: NDArray[np.float64]) -> dict[str, Any]:
    def average(share_of: ShareOf, _answered: float) -> NDArray[np.float64]:
        return wave_shares(wave, responds, share_of)

    return _figures(company, average)


def _figures(company: Company, average: Callable[[ShareOf, float], NDArray[np.float64]]) -> dict[str, Any]:
    scores = {}
    for item in answer_model.scored_items(company):
        share_of = partial(answer_model.score_shares, company, item)
        scores[item] = average(share_of, 1 - answer_model.missing_share(company, item))
    detractors, passives, promoters = nps_shares(scores["recommend"])
    classes = average(partial(sci_class_shares, company), sci_answered(company))
    lowest = {item: answer_model.lowest_score(company, item) for item in scores}
    return {
        "nps_points": _rounded(100 * (promoters - detractors)),
        "promoter_share": _rounded(promoters),
        "passive_share": _rounded(passives),
        "detractor_share": _rounded(detractors),
        "sci_share": _rounded(classes[0]),
        "sci_class_shares": dict(
            zip(("secure", "favorable", "vulnerable", "at_risk"), map(_rounded, classes), strict=True)
        ),
        "csat_share": _rounded(scores["satisfaction"][3:].sum()),
        "mean_scores": {
            item: _rounded(float(shares @ np.arange(lowest[item], lowest[item] + shares.size)))
            for item, shares in scores.items()
        },
        "score_shares": {
            item: {str(lowest[item] + step): _rounded(share) for step, share in enumerate(shares)}
            for item, shares in scores.items()
        },
    }


def _mixture(parts: list[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> NDArray[np.float64]:
    total = sum(float(weights.sum()) for weights, _ in parts)
    return np.asarray(sum(weights @ shares for weights, shares in parts) / total)


def _rounded(figure: float | np.floating[Any]) -> float:
    return round(float(figure), 10)
