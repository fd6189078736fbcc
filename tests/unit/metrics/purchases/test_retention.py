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
    assert set(rows["unit"]) == {"share"}
    assert set(rows["weighting"]) == {"all"}


def test_nobody_at_the_start_gives_null_and_not_zero() -> None:
    rows = retention(retention_counts([0], [0]), OBSERVED_FROM, AS_OF, Definitions())
    assert rows["value"].isna().all()
    assert set(rows["suppression_reason"]) == {"no_observations"}


def test_more_retained_than_there_were_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"1 of 2 rows of marts\.retention_counts have a retained_count above"
    ):
        retention(retention_counts([100, 50], [80, 51]), OBSERVED_FROM, AS_OF, Definitions())


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
