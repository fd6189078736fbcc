"""Response rates: each by its own denominator, coverage apart from nonresponse, nothing above 1."""

from datetime import date

import pandas as pd
import pytest

from pipelines.metrics.metric_row import METRIC_COLUMNS
from pipelines.metrics.surveys.response_rate import response_rate
from pipelines.settings import Definitions

DAY = date(2025, 12, 31)


def invitation_counts(**changes: object) -> pd.DataFrame:
    columns = {
        "survey": "kunden",
        "period_grain": "month",
        "period_start_date": pd.Timestamp("2025-06-01"),
        "segment_name": "all",
        "segment_value": "all",
        "chosen_count": 400,
        "sent_count": 300,
        "delivered_count": 263,
        "response_count": 81,
        "complete_count": 60,
        **changes,
    }
    return pd.DataFrame([columns])


def rates(counts: pd.DataFrame, definitions: Definitions | None = None) -> pd.DataFrame:
    return response_rate(counts, DAY, definitions or Definitions()).set_index("metric")


def test_every_rate_has_its_own_denominator() -> None:
    found = rates(invitation_counts())
    assert found["n"].to_dict() == {
        "delivered_response_rate": 263,
        "sent_response_rate": 300,
        "completion_rate": 81,
        "not_contacted_share": 400,
    }
    assert found["value"].to_dict() == pytest.approx(
        {
            "delivered_response_rate": 81 / 263,
            "sent_response_rate": 0.2,
            "completion_rate": 60 / 81,
            "not_contacted_share": 0.25,
        }
    )


def test_the_interval_is_the_published_one_of_wilson() -> None:
    # Newcombe 1998, table I: 81 of 263.
    row = rates(invitation_counts()).loc["delivered_response_rate"]
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_more_anonymous_responses_than_invitations_give_a_reason_and_no_rate() -> None:
    row = rates(invitation_counts(response_count=264)).loc["delivered_response_rate"]
    assert pd.isna(row["value"])
    assert row["suppression_reason"] == "more_responses_than_invitations"
    assert not row["is_publishable"]


def test_whom_nothing_was_sent_to_has_no_rate() -> None:
    found = rates(invitation_counts(sent_count=0, delivered_count=0, response_count=0, complete_count=0))
    assert found["suppression_reason"].fillna("said").to_dict() == {
        "delivered_response_rate": "no_observations",
        "sent_response_rate": "no_observations",
        "completion_rate": "no_observations",
        "not_contacted_share": "said",
    }
    assert found.loc["not_contacted_share", "value"] == 1


def test_few_invitations_tell_nothing() -> None:
    found = rates(invitation_counts(sent_count=9, delivered_count=9, response_count=9, complete_count=9))
    assert set(found["suppression_reason"].drop("not_contacted_share")) == {"below_min_disclosed_n"}


def test_a_survey_without_invitations_has_no_rows_of_the_right_shape() -> None:
    rows = response_rate(invitation_counts().iloc[:0], DAY, Definitions())
    assert rows.empty
    assert list(rows.columns) == METRIC_COLUMNS


def test_the_order_of_the_rows_does_not_matter() -> None:
    counts = pd.concat(
        [invitation_counts(segment_value=f"v{i}", response_count=20 + i, complete_count=i) for i in range(9)]
    )
    expected = response_rate(counts, DAY, Definitions())
    pd.testing.assert_frame_equal(
        response_rate(counts.sample(frac=1, random_state=1), DAY, Definitions()), expected
    )


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"sent_count": 401}, "have a sent_count above their chosen_count"),
        ({"delivered_count": 301}, "have a delivered_count above their sent_count"),
        ({"complete_count": 82}, "have a complete_count above their response_count"),
        ({"chosen_count": -1, "sent_count": -2}, "have a chosen_count that is no count"),
    ],
)
def test_counts_that_cannot_be_are_refused(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        response_rate(invitation_counts(**changes), DAY, Definitions())
