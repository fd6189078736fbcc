"""What the asset page shows of the figures."""

from datetime import date

import pandas as pd

from pipelines.metrics.headlines import headline_markdown, headline_rows
from pipelines.metrics.metric_row import Metric, counts, metric_rows, share_estimate
from pipelines.settings import Definitions


def rows() -> pd.DataFrame:
    cells = pd.DataFrame(
        {
            "period_grain": ["quarter", "quarter", "quarter", "month"],
            "period_start_date": pd.to_datetime(["2025-01-01", "2024-10-01", "2025-01-01", "2025-03-01"]),
            "segment_name": ["all", "all", "country", "all"],
            "segment_value": ["all", "all", "DE", "all"],
            "opening_active_count": [200, 150, 150, 3],
            "retained_count": [150, 100, 100, 1],
        }
    )
    opening, retained = counts(cells, "opening_active_count"), counts(cells, "retained_count")
    told = {"retention_rate": retained, "churn_rate": opening - retained}
    return pd.concat(
        metric_rows(
            cells,
            Metric(name, "share", "window", "wilson"),
            share_estimate(of_them, opening, 0.95),
            date(2025, 3, 31),
            Definitions(),
        )
        for name, of_them in told.items()
    )


def test_the_headline_is_the_latest_period_of_all_customers_that_has_a_value() -> None:
    found = headline_rows(rows())
    assert found["metric"].tolist() == ["churn_rate", "retention_rate"]
    assert found["value"].tolist() == [0.25, 0.75]


def test_a_line_tells_value_interval_and_n() -> None:
    lines = headline_markdown(rows()).splitlines()
    assert (
        lines[-1]
        == "| retention_rate | all | all | all | quarter from 2025-01-01 | 0.7500 | 0.6857 to 0.8049 | 200 |"
    )


def test_weighted_and_unweighted_figures_stand_side_by_side() -> None:
    both = pd.concat([rows(), rows().assign(weighting="raked")])
    assert headline_rows(both)["weighting"].tolist() == ["all", "raked", "all", "raked"]


def test_without_a_figure_only_the_heading_is_left() -> None:
    assert len(headline_markdown(rows().iloc[:0]).splitlines()) == 2
