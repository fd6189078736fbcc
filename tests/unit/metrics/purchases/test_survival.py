"""The tables of survival: what is withheld, why a figure is missing, which segments are compared."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.purchase_tables import SURVIVAL_CURVES, SURVIVAL_TESTS
from pipelines.metrics.purchases.survival import survival, survival_curves, survival_tests
from pipelines.settings import Definitions

HISTORY_START, AS_OF = date(2024, 1, 1), date(2025, 6, 30)


def tenure_counts(*spans: tuple[int, int, bool, int], **key: object) -> pd.DataFrame:
    """Entry day, exit day, whether the event happened, how many customers."""
    frame = pd.DataFrame(spans, columns=["entry_day", "exit_day", "is_event", "customer_count"])
    return frame.assign(**{"event": "second_purchase", "segment_name": "all", "segment_value": "all", **key})


def figures(frame: pd.DataFrame, definitions: Definitions | None = None) -> pd.DataFrame:
    rows = survival(frame, HISTORY_START, AS_OF, definitions or Definitions())
    return rows.set_index("metric", drop=False)


def test_the_tables_have_their_declared_columns() -> None:
    frame = tenure_counts((-1, 5, True, 20))
    assert tuple(survival_curves(frame, Definitions()).columns) == SURVIVAL_CURVES.column_names
    assert tuple(survival_tests(frame, Definitions()).columns) == SURVIVAL_TESTS.column_names


def test_nothing_watched_leaves_empty_tables() -> None:
    nobody = tenure_counts((-1, 5, True, 20)).iloc[:0]
    assert survival_curves(nobody, Definitions()).empty
    assert survival_tests(nobody, Definitions()).empty
    assert figures(nobody).empty


def test_each_segment_value_has_its_own_curve() -> None:
    frame = pd.concat(
        [
            tenure_counts((-1, 5, True, 10), (-1, 9, False, 30)),
            tenure_counts((-1, 5, True, 10), segment_name="land", segment_value="AT"),
            tenure_counts((-1, 9, False, 30), segment_name="land", segment_value="DE"),
        ]
    )
    last = survival_curves(frame, Definitions()).groupby("segment_value").last()
    assert last["survival_share"].to_dict() == {"AT": 0.0, "DE": 1.0, "all": 0.75}
    assert last["customer_count"].to_dict() == {"AT": 10, "DE": 30, "all": 40}


def test_a_segment_of_few_has_one_row_that_tells_nothing() -> None:
    (row,) = survival_curves(tenure_counts((-1, 5, True, 9)), Definitions()).to_dict("records")
    assert (row["customer_count"], row["suppression_reason"]) == (9, "below_min_disclosed_n")
    assert pd.isna([row["survival_share"], row["at_risk_count"], row["event_count"], row["ci_low"]]).all()


def test_a_curve_that_starts_later_says_after_which_day() -> None:
    rows = survival_curves(tenure_counts((30, 40, True, 10), (30, 60, False, 10)), Definitions())
    assert rows["starts_after_days"].tolist() == [30, 30, 30]
    whole = survival_curves(tenure_counts((-1, 40, True, 10)), Definitions())
    assert whole["starts_after_days"].isna().all()


def test_median_and_restricted_mean_stand_with_their_intervals() -> None:
    rows = figures(tenure_counts((-1, 10, True, 40), (-1, 100, True, 40), (-1, 500, False, 20)))
    median, mean = rows.loc["second_purchase_median_days"], rows.loc["second_purchase_restricted_mean_days"]
    assert (median["value"], median["n"], median["unit"]) == (100, 100, "days")
    assert median["ci_low"] <= 100 <= median["ci_high"]
    assert mean["value"] == pytest.approx(0.4 * 10 + 0.4 * 100 + 0.2 * 365)
    assert mean["ci_low"] < mean["value"] < mean["ci_high"] <= 365
    assert mean["definition_id"] == "horizon=365_days"


@pytest.mark.parametrize(
    ("spans", "median_reason", "mean_reason"),
    [
        ([(-1, 10, True, 40), (-1, 500, False, 60)], "median_not_reached", None),
        ([(-1, 10, True, 50), (-1, 500, False, 50)], "interval_not_reached", None),
        ([(-1, 10, True, 90), (-1, 50, False, 10)], None, "horizon_not_reached"),
        ([(5, 10, True, 90), (5, 500, False, 10)], "beginning_not_observed", "beginning_not_observed"),
        ([(-1, 10, True, 9)], "below_min_disclosed_n", "below_min_disclosed_n"),
    ],
)
def test_a_time_that_cannot_be_said_has_its_reason(
    spans: list[tuple[int, int, bool, int]], median_reason: str | None, mean_reason: str | None
) -> None:
    rows = figures(tenure_counts(*spans))
    for metric, reason in (
        ("second_purchase_median_days", median_reason),
        ("second_purchase_restricted_mean_days", mean_reason),
    ):
        assert (rows.loc[metric, "suppression_reason"] or "said") == (reason or "said")
        assert pd.isna(rows.loc[metric, "value"]) == (reason is not None)


def land(value: str, *spans: tuple[int, int, bool, int]) -> pd.DataFrame:
    return tenure_counts(*spans, segment_name="land", segment_value=value)


def test_a_segment_is_tested_over_its_values_and_all_is_none() -> None:
    frame = pd.concat(
        [
            tenure_counts((-1, 5, True, 100)),
            land("AT", (-1, 5, True, 40), (-1, 90, False, 10)),
            land("DE", (-1, 60, True, 30), (-1, 90, False, 20)),
        ]
    )
    (row,) = survival_tests(frame, Definitions()).to_dict("records")
    assert (row["event"], row["segment_name"]) == ("second_purchase", "land")
    assert (row["group_count"], row["customer_count"], row["event_count"]) == (2, 100, 70)
    assert row["degrees_of_freedom"] == 1
    assert row["p_value"] < 0.001


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ([land("DE", (-1, 5, True, 40))], "one_group"),
        ([land("DE", (-1, 5, False, 40)), land("AT", (-1, 5, False, 40))], "no_events"),
        ([land("DE", (-1, 5, True, 4)), land("AT", (-1, 6, True, 4))], "below_min_disclosed_n"),
    ],
)
def test_a_test_that_cannot_be_made_has_its_reason(frames: list[pd.DataFrame], reason: str) -> None:
    (row,) = survival_tests(pd.concat(frames), Definitions()).to_dict("records")
    assert row["suppression_reason"] == reason
    assert pd.isna([row["chi_square"], row["p_value"], row["degrees_of_freedom"]]).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"exit_day": -1}, "have an exit_day that is not after their entry_day"),
        ({"entry_day": -2}, "have an exit_day that is not after their entry_day"),
        ({"customer_count": -1}, "have a customer_count that is no count"),
        ({"event": "lapse"}, "have an event other than"),
    ],
)
def test_what_cannot_be_a_tenure_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        survival_curves(tenure_counts((-1, 5, True, 20)).assign(**changes), Definitions())


def test_the_order_of_the_rows_does_not_matter() -> None:
    generator = np.random.default_rng(2)
    spans = [(-1, int(day), bool(day % 3), int(day) + 1) for day in generator.permutation(60)]
    frame = tenure_counts(*spans)
    shuffled = frame.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(
        survival_curves(frame, Definitions()), survival_curves(shuffled, Definitions())
    )
    pd.testing.assert_frame_equal(figures(frame), figures(shuffled))
