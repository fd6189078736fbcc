"""Draws the invitations to the survey's waves, around the responses that are drawn already.

Everyone who first bought at least the wave's tenure before was invited; who bought later was chosen and kept
back. Who responds is not decided here but in `survey`: a mail that was answered has not bounced.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.demo.company import Company
from pipelines.demo.customers import Customers
from pipelines.demo.survey import Responses, history_day

DELIVERED, BOUNCED, KEPT_BACK = range(3)
INVITED_MINUTE = 6 * 60 + 30
# Before the first response of the day.


@dataclass(frozen=True)
class Invitations:
    """One row per invitation of a wave; the invitation's number is the row's place."""

    responses: Responses
    customers: NDArray[np.int64]
    # Place in Customers.
    statuses: NDArray[np.int64]


def draw_invitations(
    company: Company, customers: Customers, responses: Responses, rng: np.random.Generator
) -> Invitations:
    """Draw what became of the invitations to one wave."""
    wave = responses.wave
    day = history_day(wave.invited_on)
    chosen = np.flatnonzero(customers.first_purchase_days <= day)
    is_old_enough = customers.first_purchase_days[chosen] <= day - wave.tenure_days
    bounces = rng.random(chosen.size) < company.inviting.bounced_share
    bounces &= ~np.isin(chosen, responses.respondents)
    return Invitations(
        responses=responses,
        customers=chosen,
        statuses=np.select([~is_old_enough, bounces], [KEPT_BACK, BOUNCED], default=DELIVERED),
    )
