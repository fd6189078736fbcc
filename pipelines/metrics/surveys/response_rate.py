"""Who responds of those who were asked, and who was not asked at all.

Here is what is computed from the numbers of invitations and of responses to them. Which response belongs to which
invitation must stay out: the models say that.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from pipelines.metrics.inputs import require_columns, require_counts, require_part, require_unique
from pipelines.metrics.marts import INVITATION_COUNTS
from pipelines.metrics.metric_row import UNWEIGHTED, Metric, counts, metric_rows, share_estimate
from pipelines.settings import Definitions

MORE_RESPONSES_THAN_INVITATIONS = "more_responses_than_invitations"

DEFINITION_ID = "unit=customer_in_period;response_to=latest_sent_invitation"


def response_rate(
    invitation_counts: pd.DataFrame, as_of_date: date, definitions: Definitions
) -> pd.DataFrame:
    """Response rates, completion and loss of coverage per survey, period of the invitation and segment.

    Meaning: which share of those whom an invitation reached responded; and, apart from that, which share was never
        asked.
    Formula: `delivered_response_rate` = valid responses / (sent - bounced); `sent_response_rate` = complete responses
        / sent; `completion_rate` = complete responses / valid responses; `not_contacted_share` = chosen and not
        contacted / chosen: a loss of coverage, not of response. SE = sqrt(p (1 - p) / n), interval Wilson.
    Input: `marts.invitation_counts`: survey, period_grain, period_start_date, segment_name, segment_value,
        chosen_count, sent_count (to chosen_count), delivered_count (to sent_count), response_count, complete_count (to
        response_count); one row per survey, period and segment.
    Output: tidy metric rows, four per cell, unit share; n is the denominator: customers once in a period, and
        invitations of unknown customers. A rate above 1 is null with `more_responses_than_invitations`.
    Left out: responses before any invitation that was sent; responses without any answer; surveys of which no
        invitations are known, which are not in the mart.
    Known drawbacks: bounced addresses are of unknown eligibility, so neither rate is the true one. The youngest
        invitations had little time to be answered. Anonymous responses are of segment `unknown`, so the rates of other
        segments are too low by them and that of `unknown` too high. A response that skips questions by design is not
        complete.
    Raises: ValueError for a part above its whole, a count that is none, a repeated key.
    Source: catalogue 3.1; interval Newcombe 1998, method 3.
    """
    _require_counts(invitation_counts)
    cells = invitation_counts.sort_values(list(INVITATION_COUNTS.key), ignore_index=True)
    chosen, sent = counts(cells, "chosen_count"), counts(cells, "sent_count")
    delivered, responses = counts(cells, "delivered_count"), counts(cells, "response_count")
    complete = counts(cells, "complete_count")
    rows = []
    for name, part, whole in (
        ("delivered_response_rate", responses, delivered),
        ("sent_response_rate", complete, sent),
        ("completion_rate", complete, responses),
        ("not_contacted_share", chosen - sent, chosen),
    ):
        reasons = np.full(len(cells), None, dtype=object)
        reasons[part > whole] = MORE_RESPONSES_THAN_INVITATIONS
        # The formulas hold up to a share of 1; beyond it the reason stands instead.
        share = share_estimate(np.minimum(part, whole), whole, definitions.ci_level)
        metric = Metric(name, "share", DEFINITION_ID, "wilson", UNWEIGHTED)
        estimate = replace(share, undefined_reason=reasons)
        rows.append(metric_rows(cells, metric, estimate, as_of_date, definitions))
    return pd.concat(rows, ignore_index=True)


def _require_counts(invitation_counts: pd.DataFrame) -> None:
    source = INVITATION_COUNTS.source
    require_columns(invitation_counts, source, INVITATION_COUNTS.columns)
    require_unique(invitation_counts, source, INVITATION_COUNTS.key)
    require_counts(invitation_counts, source, INVITATION_COUNTS.figures)
    for part, whole in (
        ("sent_count", "chosen_count"),
        ("delivered_count", "sent_count"),
        ("complete_count", "response_count"),
    ):
        require_part(invitation_counts, source, part, whole)
