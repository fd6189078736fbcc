"""The union of the tidy rows."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.columns import METRIC_VALUES
from pipelines.metrics.metric_row import Metric, metric_rows, share_estimate
from pipelines.metrics.metric_values import metric_values
from pipelines.settings import Definitions

AS_OF = date(2025, 6, 30)


def parts() -> dict[str, pd.DataFrame]:
    cell = {
        "period_grain": ["month", "month"],
        "period_start_date": pd.to_datetime(["2025-02-01", "2025-01-01"]),
        "segment_name": "all",
        "segment_value": "all",
    }
    cells, whole = pd.DataFrame(cell), np.array([200, 5])
    shares = {
        "retention": {"retention_rate": [150, 4], "churn_rate": [50, 1]},
        "repeat_purchase": {"repeat_purchase_rate": [20, 3]},
    }
    return {
        part: pd.concat(
            (
                metric_rows(
                    cells,
                    Metric(name, "share", "window", "wilson"),
                    share_estimate(np.array(counted), whole, 0.95),
                    AS_OF,
                    Definitions(),
                )
                for name, counted in metrics.items()
            ),
            ignore_index=True,
        )
        for part, metrics in shares.items()
    }


def test_every_row_of_every_part_is_there_once_in_the_order_of_the_key() -> None:
    rows = metric_values(parts())
    assert tuple(rows.columns) == METRIC_VALUES.column_names
    assert rows["metric"].tolist() == [
        *["churn_rate"] * 2,
        *["repeat_purchase_rate"] * 2,
        *["retention_rate"] * 2,
    ]
    assert rows["period_start_date"].is_monotonic_increasing is False
    assert rows.equals(rows.sort_values(list(METRIC_VALUES.key), ignore_index=True))


def test_the_order_of_the_parts_does_not_matter() -> None:
    turned = dict(reversed(parts().items()))
    pd.testing.assert_frame_equal(metric_values(turned), metric_values(parts()))


def test_figures_from_orders_have_no_change_yet() -> None:
    change = metric_values(parts()).filter(regex="^change_|^n_overlap$")
    assert change.shape[1] == 6
    assert change.isna().all(axis=None)


def test_changes_are_judged_together_within_a_metric_and_period() -> None:
    found = parts()
    p_values = {"retention": [0.01, 0.02, 0.03, 0.04], "repeat_purchase": [0.03, 0.04]}
    for name, rows in found.items():
        found[name] = rows.assign(
            change_p_value=p_values[name], segment_value=[f"c{i}" for i in range(len(rows))]
        )
        found[name]["period_start_date"] = pd.Timestamp("2025-02-01")
    adjusted = metric_values(found).set_index(["metric", "segment_value"])["change_p_adjusted"]
    # Holm over the two cells of each metric: the smaller p twice, the other one at least as large.
    assert adjusted.loc["churn_rate"].tolist() == pytest.approx([0.06, 0.06])
    assert adjusted.loc["repeat_purchase_rate"].tolist() == pytest.approx([0.06, 0.06])
    assert adjusted.loc["retention_rate"].tolist() == pytest.approx([0.02, 0.02])


def test_one_key_in_two_parts_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"2 of 8 rows of the union of retention, repeat_purchase, again repeat a key"
    ):
        metric_values(parts() | {"again": parts()["repeat_purchase"]})


def test_a_part_with_other_columns_is_refused() -> None:
    frames = parts()
    frames["retention"] = frames["retention"].drop(columns="n_effective")
    with pytest.raises(ValueError, match=r"metrics\.retention has the columns"):
        metric_values(frames)
