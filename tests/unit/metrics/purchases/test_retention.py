"""Retention and churn on one base."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.purchases.retention import retention
from pipelines.settings import Definitions

AS_OF = date(2025, 6, 30)
OBSERVED_FROM = date(2000, 1, 1)
# Long before every period of these tests.


def retention_counts(opening: list[int], retained: list[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "period_grain": "quarter",
            "period_start_date": pd.Timestamp("2025-01-01"),
            "segment_name": "country",
            "segment_value": [f"c{index:03}" for index in range(len(opening))],
            "opening_active_count": opening,
            "retained_count": retained,
            "lost_count": [start - kept for start, kept in zip(opening, retained, strict=True)],
            "new_count": 0,
            "reactivated_count": 0,
            "new_and_lost_count": 0,
            "closing_active_count": retained,
        }
    )


def test_churn_is_the_complement_on_the_same_base_and_its_interval_the_mirror() -> None:
    opening = list(range(10, 500, 7))
    rows = retention(
        retention_counts(opening, [n * 2 // 3 for n in opening]), OBSERVED_FROM, AS_OF, Definitions()
    )
    kept = rows.loc[rows["metric"] == "retention_rate"].set_index("segment_value")
    lost = rows.loc[rows["metric"] == "churn_rate"].set_index("segment_value")
    assert (kept["n"] == lost["n"]).all()
    assert np.allclose(kept["value"] + lost["value"], 1)
    assert np.allclose(kept["ci_low"] + lost["ci_high"], 1)
    assert np.allclose(kept["ci_high"] + lost["ci_low"], 1)
    assert np.allclose(kept["std_error"], lost["std_error"])


def test_the_row_names_the_window_of_being_active() -> None:
    rows = retention(retention_counts([100], [80]), OBSERVED_FROM, AS_OF, Definitions(active_window_days=180))
    assert set(rows["definition_id"]) == {"active=purchase_within_180_days"}
    assert set(rows["unit"]) == {"share", "count"}
    assert set(rows["weighting"]) == {"all"}


def test_contracts_name_themselves_and_need_no_window() -> None:
    frame = retention_counts([100], [80]).assign(period_start_date=pd.Timestamp("2024-01-01"))
    rows = retention(frame, date(2024, 1, 1), AS_OF, Definitions(active_definition="contract"))
    assert set(rows["definition_id"]) == {"active=contract"}
    assert rows["value"].notna().all()


def states(**counted: int) -> pd.DataFrame:
    """One cell; the states that are not named are 0."""
    frame = retention_counts([100], [75]).assign(**counted)
    closing = frame["retained_count"] + frame["new_count"] + frame["reactivated_count"]
    return frame.assign(closing_active_count=closing)


def test_customers_are_counted_by_what_became_of_them() -> None:
    frame = states(new_count=20, reactivated_count=5, new_and_lost_count=3)
    rows = retention(frame, OBSERVED_FROM, AS_OF, Definitions())
    counted = rows[rows["unit"] == "count"].set_index("metric")
    assert counted["value"].to_dict() == {
        "customers_opening": 100,
        "customers_retained": 75,
        "customers_new": 20,
        "customers_reactivated": 5,
        "customers_lost": 25,
        "customers_new_and_lost": 3,
        "customers_closing": 100,
    }
    assert set(counted["n"]) == {128}
    assert counted[["std_error", "ci_low", "ci_high"]].isna().all(axis=None)


def test_a_cell_of_few_customers_tells_no_count() -> None:
    rows = retention(retention_counts([9], [4]), OBSERVED_FROM, AS_OF, Definitions())
    assert rows["value"].isna().all()
    assert set(rows["suppression_reason"]) == {"below_min_disclosed_n"}


@pytest.mark.parametrize("column", ["lost_count", "closing_active_count"])
def test_states_that_do_not_add_up_are_refused(column: str) -> None:
    frame = states(new_count=20)
    with pytest.raises(ValueError, match="that is not retained_count"):
        retention(frame.assign(**{column: frame[column] + 1}), OBSERVED_FROM, AS_OF, Definitions())


def test_nobody_at_the_start_gives_null_and_not_zero() -> None:
    rows = retention(retention_counts([0], [0]), OBSERVED_FROM, AS_OF, Definitions())
    assert rows["value"].isna().all()
    assert set(rows["suppression_reason"]) == {"no_observations"}


def test_more_retained_than_there_were_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"1 of 2 rows of marts\.retention_counts have a retained_count above"
    ):
        retention(
            retention_counts([100, 50], [80, 51]).assign(lost_count=0), OBSERVED_FROM, AS_OF, Definitions()
        )


def test_a_cell_that_occurs_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="repeat a key"):
        retention(pd.concat([retention_counts([100], [80])] * 2), OBSERVED_FROM, AS_OF, Definitions())


def test_the_order_of_the_rows_does_not_matter() -> None:
    frame = retention_counts(list(range(50, 90)), list(range(10, 50)))
    shuffled = frame.sample(frac=1, random_state=4)
    pd.testing.assert_frame_equal(
        retention(shuffled, OBSERVED_FROM, AS_OF, Definitions()),
        retention(frame, OBSERVED_FROM, AS_OF, Definitions()),
    )


def test_periods_whose_window_reaches_before_the_record_have_no_rate() -> None:
    starts = [date(2024, 10, 1), date(2025, 1, 1)]
    frame = pd.concat(
        [retention_counts([100], [100]).assign(period_start_date=pd.Timestamp(day)) for day in starts]
    )
    rows = retention(frame, date(2024, 1, 2), AS_OF, Definitions(active_window_days=365)).set_index(
        ["metric", "period_start_date"]
    )
    early, first = (rows.loc[("retention_rate", pd.Timestamp(day))] for day in starts)
    assert (early["suppression_reason"], early["n"], early["is_publishable"]) == (
        "window_not_observed",
        100,
        False,
    )
    assert early[["value", "ci_low"]].isna().all()
    assert first["value"] == 1.0


def test_a_record_that_begins_a_day_later_withholds_one_period_more() -> None:
    frame = retention_counts([100], [90]).assign(period_start_date=pd.Timestamp(date(2025, 1, 1)))
    rows = retention(frame, date(2024, 1, 3), AS_OF, Definitions(active_window_days=365))
    assert set(rows["suppression_reason"]) == {"window_not_observed"}
