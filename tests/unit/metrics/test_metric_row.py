"""The thresholds and the shape of a tidy row."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.columns import METRIC_KEY
from pipelines.metrics.metric_row import METRIC_COLUMNS, UNWEIGHTED, Metric, metric_rows, share_estimate
from pipelines.settings import Definitions

AS_OF = date(2025, 6, 30)
SHARE = Metric("some_share", "share", "box=top", "wilson", UNWEIGHTED)


def rows_for(n: list[int], definitions: Definitions | None = None, metric: Metric = SHARE) -> pd.DataFrame:
    cells = pd.DataFrame(
        {
            "period_grain": "month",
            "period_start_date": pd.Timestamp("2025-01-01"),
            "segment_name": "country",
            "segment_value": [f"c{index}" for index in range(len(n))],
        }
    )
    definitions = definitions or Definitions()
    totals = np.array(n)
    return metric_rows(cells, metric, share_estimate(totals // 2, totals, 0.95), AS_OF, definitions)


def test_a_row_has_the_catalogues_columns_in_their_order() -> None:
    assert [
        *("metric", "survey", "item", "period_grain", "period_start_date", "segment_name", "segment_value"),
        *("weighting", "currency", "as_of_date", "value", "unit", "n", "n_effective", "n_kish", "std_error"),
        *("ci_low", "ci_high", "ci_level", "ci_method", "is_publishable", "suppression_reason"),
        *("definition_id", "definition_version", "change_value", "change_ci_low", "change_ci_high"),
        *("change_p_value", "n_overlap"),
    ] == METRIC_COLUMNS
    assert list(rows_for([100]).columns) == METRIC_COLUMNS


def test_text_keys_that_do_not_apply_are_all_and_no_key_is_null() -> None:
    rows = rows_for([0, 5, 100])
    assert (rows[["survey", "item", "currency"]] == "all").all(axis=None)
    assert rows[list(METRIC_KEY)].notna().all(axis=None)


def test_the_thresholds_hold_at_their_edges() -> None:
    rows = rows_for([0, 1, 9, 10, 99, 100])
    assert rows["suppression_reason"].fillna("said").tolist() == [
        *("no_observations", "below_min_disclosed_n", "below_min_disclosed_n"),
        *("said", "said", "said"),
    ]
    assert rows["is_publishable"].tolist() == [False, False, False, False, False, True]


def test_a_suppressed_row_keeps_its_n_and_tells_neither_value_nor_error_nor_interval() -> None:
    rows = rows_for([9])
    assert rows[["value", "std_error", "ci_low", "ci_high"]].isna().all(axis=None)
    assert rows["n"].tolist() == [9]
    assert rows["n_effective"].tolist() == [9.0]


def test_the_thresholds_are_settings() -> None:
    rows = rows_for([2, 5], Definitions(min_disclosed_n=3, min_publishable_n=5))
    assert rows["value"].isna().tolist() == [True, False]
    assert rows["is_publishable"].tolist() == [False, True]


def test_a_suppressed_row_is_not_publishable_even_where_the_lower_threshold_is_set_higher() -> None:
    rows = rows_for([20], Definitions(min_disclosed_n=50, min_publishable_n=10))
    assert rows["value"].isna().tolist() == rows["is_publishable"].eq(False).tolist() == [True]


def test_kishs_figure_is_n_without_weights_and_null_where_weighting_does_not_apply() -> None:
    unweighted = rows_for([50])
    census = rows_for([50], metric=Metric("some_rate", "share", "active=x", "wilson"))
    assert unweighted["n_kish"].tolist() == [50.0]
    assert census["n_kish"].isna().tolist() == [True]
    assert census["weighting"].tolist() == ["all"]


def test_effective_n_is_the_population_variance_over_the_squared_error() -> None:
    row = rows_for([77]).iloc[0]
    assert row["value"] * (1 - row["value"]) / row["std_error"] ** 2 == pytest.approx(row["n_effective"])
