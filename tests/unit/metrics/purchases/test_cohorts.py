"""The cohort triangle: what is not yet seen, what may not be told, what is 1 by definition."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.purchase_tables import COHORT_RETENTION
from pipelines.metrics.purchases.cohorts import cohort_retention, pooled_retention
from pipelines.settings import Definitions


def cohort_counts(size: int, retained: list[float], **changes: object) -> pd.DataFrame:
    columns = {
        "period_grain": "month",
        "cohort_start_date": pd.Timestamp("2025-01-01"),
        "age": range(len(retained)),
        "segment_name": "all",
        "segment_value": "all",
        "currency": "EUR",
        "cohort_size": size,
        "retained_count": retained,
        "order_count": retained,
        "net_amount": [count * 10.5 for count in retained],
        **changes,
    }
    return pd.DataFrame(columns)


def test_the_table_has_its_declared_columns() -> None:
    rows = cohort_retention(cohort_counts(100, [100, 40]), Definitions())
    assert tuple(rows.columns) == COHORT_RETENTION.column_names


def test_age_zero_is_one_by_definition_without_uncertainty() -> None:
    row = cohort_retention(cohort_counts(100, [100, 40]), Definitions()).iloc[0]
    assert (row["retention_rate"], row["ci_low"], row["ci_high"], row["ci_method"]) == (
        1,
        1,
        1,
        "by_definition",
    )


def test_a_cell_that_nobody_returned_in_is_zero_and_one_not_yet_observed_is_null() -> None:
    rows = cohort_retention(cohort_counts(100, [100, 0, np.nan]), Definitions())
    assert rows["retention_rate"].fillna(-1).tolist() == [1.0, 0.0, -1.0]
    assert rows["suppression_reason"].fillna("said").tolist() == ["said", "said", "not_yet_observed"]
    assert rows["ci_high"].notna().tolist() == [True, True, False]


def test_a_small_cohort_tells_neither_rate_nor_the_count_that_gives_it_away() -> None:
    rows = cohort_retention(cohort_counts(9, [9, 4, np.nan]), Definitions())
    assert rows[["retained_count", "retention_rate", "ci_low", "ci_high"]].isna().all(axis=None)
    assert set(rows["suppression_reason"]) == {"below_min_disclosed_n"}
    assert rows["cohort_size"].tolist() == [9, 9, 9]


def test_orders_and_revenue_are_told_where_the_rate_is() -> None:
    rows = cohort_retention(cohort_counts(100, [100, 0, np.nan]), Definitions())
    assert rows["order_count"].fillna(-1).tolist() == [100, 0, -1]
    assert rows["net_revenue"].fillna(-1).tolist() == [1050.0, 0.0, -1]
    few = cohort_retention(cohort_counts(9, [9, 4]), Definitions())
    assert few[["order_count", "net_revenue"]].isna().all(axis=None)


def test_age_zero_tells_no_revenue_before_its_period_is_over() -> None:
    frame = cohort_counts(100, [100]).assign(order_count=np.nan, net_amount=np.nan)
    row = cohort_retention(frame, Definitions()).iloc[0]
    assert row["retention_rate"] == 1
    assert pd.isna(row["order_count"])
    assert pd.isna(row["net_revenue"])


def pooled(*frames: pd.DataFrame) -> pd.DataFrame:
    rows = pooled_retention(pd.concat(frames), date(2024, 1, 1), date(2025, 3, 15), Definitions())
    return rows.set_index(["metric", "item"])


def test_pooled_rates_add_up_the_mature_cohorts_and_keep_those_that_nobody_came_back_of() -> None:
    """Age 1: (40 + 0) / (100 + 300), and not the mean of 0.4 and 0. Age 2 has the older cohort alone."""
    older = cohort_counts(100, [100, 40, 10])
    younger = cohort_counts(300, [300, 0, np.nan], cohort_start_date=pd.Timestamp("2025-02-01"))
    rows = pooled(older, younger)
    first = rows.loc[("pooled_month_retention_rate", "age_1")]
    assert (first["value"], first["n"], first["period_grain"]) == (0.1, 400, "all")
    second = rows.loc[("pooled_month_retention_rate", "age_2")]
    assert (second["value"], second["n"]) == (0.1, 100)
    assert len(rows) == 2


def test_months_and_quarters_are_pooled_apart() -> None:
    rows = pooled(cohort_counts(100, [100, 40]), cohort_counts(100, [100, 60], period_grain="quarter"))
    assert rows["value"].to_dict() == {
        ("pooled_month_retention_rate", "age_1"): 0.4,
        ("pooled_quarter_retention_rate", "age_1"): 0.6,
    }


def test_nothing_to_pool_gives_no_row() -> None:
    assert pooled(cohort_counts(100, [100, np.nan])).empty


def test_the_interval_holds_the_rate() -> None:
    rows = cohort_retention(cohort_counts(50, [50, 50, 49, 25, 1, 0]), Definitions())
    assert (rows["ci_low"] <= rows["retention_rate"]).all()
    assert (rows["retention_rate"] <= rows["ci_high"]).all()


def test_the_order_of_the_rows_does_not_matter() -> None:
    frame = pd.concat(
        [cohort_counts(50 + i, [50 + i, 20, i, np.nan], segment_value=f"c{i}") for i in range(6)],
        ignore_index=True,
    )
    shuffled = frame.sample(frac=1, random_state=6)
    expected = cohort_retention(frame, Definitions())
    pd.testing.assert_frame_equal(cohort_retention(shuffled, Definitions()), expected)


def test_an_age_zero_that_misses_customers_is_refused() -> None:
    with pytest.raises(ValueError, match="of age 0 do not hold the whole cohort"):
        cohort_retention(cohort_counts(100, [99, 40]), Definitions())


def test_more_retained_than_the_cohort_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="have a retained_count above their cohort_size"):
        cohort_retention(cohort_counts(100, [100, 140]), Definitions())


def test_an_empty_triangle_stays_empty() -> None:
    assert cohort_retention(cohort_counts(100, [100]).iloc[:0], Definitions()).empty
