"""What becomes of the invitations to the survey."""

from math import sqrt

import numpy as np
import pytest

from pipelines.demo.company import LINDE
from pipelines.demo.counts import invitation_counts
from pipelines.demo.expected_answers import invitation_figures
from pipelines.demo.home import Draw
from pipelines.demo.invitations import BOUNCED, DELIVERED, KEPT_BACK
from pipelines.demo.survey import history_day


def test_response_rates_in_a_large_draw_agree_with_the_expected_ones(large_draw: Draw) -> None:
    for found, stated in zip(
        invitation_counts(large_draw.invitations), invitation_figures(LINDE), strict=True
    ):
        rate = stated["delivered_response_rate"]
        error = sqrt(rate * (1 - rate) / found["sent"])
        assert found["wave"] == stated["wave"]
        assert found["delivered_response_rate"] == pytest.approx(rate, abs=4 * error)


def test_whoever_responds_was_reached_and_nobody_is_invited_twice(large_draw: Draw) -> None:
    for invitations in large_draw.invitations:
        reached = invitations.customers[invitations.statuses == DELIVERED]
        assert np.isin(invitations.responses.respondents, reached).all()
        assert np.unique(invitations.customers).size == invitations.customers.size


def test_bounces_come_in_the_stated_share_of_those_who_do_not_respond(large_draw: Draw) -> None:
    for invitations in large_draw.invitations:
        responding = np.unique(invitations.responses.respondents).size
        silent = (invitations.statuses != KEPT_BACK).sum() - responding
        share = LINDE.inviting.bounced_share
        error = sqrt(share * (1 - share) / silent)
        assert (invitations.statuses == BOUNCED).sum() / silent == pytest.approx(share, abs=4 * error)


def test_those_are_kept_back_whose_first_purchase_is_less_than_the_tenure_ago(large_draw: Draw) -> None:
    for invitations in large_draw.invitations:
        wave = invitations.responses.wave
        first_days = large_draw.customers.first_purchase_days[invitations.customers]
        tenures = history_day(wave.invited_on) - first_days
        assert tenures.min() >= 0
        assert ((tenures < wave.tenure_days) == (invitations.statuses == KEPT_BACK)).all()
