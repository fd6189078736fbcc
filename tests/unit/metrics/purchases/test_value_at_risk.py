"""Value at risk and what one point of retention is worth, worked by hand."""

from collections.abc import Mapping
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.purchases.value_at_risk import ACTIVE_FIGURES, FIGURES, Context, value_at_risk
from pipelines.metrics.tables import ACTIVE_VALUES_QUERY_FILE, CLASS_VALUES_QUERY_FILE, read_query
from pipelines.settings import Definitions

DAY = date(2025, 12, 31)
TOLD = Context("kunden", "EUR", date(2023, 1, 1), DAY)
ALL_DISCLOSED = Definitions(min_disclosed_n=1)

CUSTOMERS = """
create schema marts;
create table marts.customer_facts (customer_key text, is_active boolean, nps_class text, sci_class text);
insert into marts.customer_facts values
    ('a', true, 'detractor', 'at_risk'), ('b', true, 'passive', null), ('c', false, 'promoter', 'vulnerable'),
    ('d', true, null, null), ('never', false, 'detractor', 'at_risk');
create schema metrics;
create table metrics.customer_scores (
    customer_key text, net_amount_365 decimal(18,2), probability_alive double, expected_revenue_365 decimal(18,2)
);
insert into metrics.customer_scores values
    ('a', 100, 0.5, 10), ('b', 200, 0.5, 20), ('c', 300, 0.5, 30), ('d', 400, 1, 40);
"""
# Catalogue 4.10: 100 (detractor), 200 (passive), 300 (promoter), 400 (no answer); and one who never bought.


@pytest.fixture
def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    with duckdb.connect() as connection:
        connection.execute(CUSTOMERS)
        return tuple(
            read_query(connection, file) for file in (CLASS_VALUES_QUERY_FILE, ACTIVE_VALUES_QUERY_FILE)
        )


def figures(rows: pd.DataFrame, item: str) -> Mapping[str, float]:
    return rows.loc[rows["item"] == item].set_index("metric")["value"].to_dict()


def test_of_1000_a_detractor_has_100_and_who_has_not_answered_400(
    frames: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    found = figures(value_at_risk(*frames, TOLD, ALL_DISCLOSED), "nps")
    assert found["value_at_risk_revenue"] == 100
    assert found["value_at_risk_revenue_upper_bound"] == 500
    assert found["classified_revenue_share"] == pytest.approx(0.60, abs=1e-12)
    assert found["classified_customer_share"] == 0.75
    assert found["value_at_risk_residual_value"] == 10
    assert found["value_at_risk_residual_value_upper_bound"] == 50


def test_who_is_at_risk_by_both_surveys_questions_is_there_once(
    frames: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    rows = value_at_risk(*frames, TOLD, ALL_DISCLOSED)
    revenue = {item: figures(rows, item)["value_at_risk_revenue"] for item in ("nps", "sci", "nps_or_sci")}
    assert revenue == {"nps": 100, "sci": 400, "nps_or_sci": 400}


def test_the_error_of_a_sum_is_that_of_the_customers_of_the_base(
    frames: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    """100, 0 and 0 of three classified: 3/2 (100^2 - 100^2 / 3) = 10,000."""
    rows = value_at_risk(*frames, TOLD, ALL_DISCLOSED)
    row = rows.loc[(rows["item"] == "nps") & (rows["metric"] == "value_at_risk_revenue")].iloc[0]
    assert (row["n"], row["unit"], row["currency"]) == (3, "currency", "EUR")
    assert row["std_error"] == pytest.approx(100, abs=1e-9)


def test_one_point_of_retention_brings_a_hundredth_of_the_active_each_worth_one_who_is_alive(
    frames: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    """Three active customers with 10, 20 and 40 at P(alive) 0.5, 0.5 and 1: 0.01 x 3 x 70 / 2 = 1.05.

    Influences 0.01 x 3 / 2 x (y - 35 P): (10 - 17.5, 20 - 17.5, 40 - 35) = (-7.5, 2.5, 5), squares 87.5, times 3/2.
    """
    rows = value_at_risk(*frames, TOLD, ALL_DISCLOSED)
    row = rows.loc[rows["metric"] == "what_if_retention_point_revenue"].iloc[0]
    assert row["value"] == pytest.approx(1.05, abs=1e-12)
    assert row["std_error"] == pytest.approx(0.015 * np.sqrt(87.5 * 1.5), abs=1e-12)


def test_the_revenue_of_a_few_unhappy_customers_is_withheld(
    frames: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    rows = value_at_risk(*frames, TOLD, Definitions(min_disclosed_n=2))
    row = rows.loc[(rows["item"] == "nps") & (rows["metric"] == "value_at_risk_revenue")].iloc[0]
    assert (pd.isna(row["value"]), row["suppression_reason"]) == (True, "below_min_disclosed_n")


def test_without_a_model_there_is_revenue_and_no_residual_value(
    frames: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    classes, active = (frame.assign(valued_count=0) for frame in frames)
    rows = value_at_risk(classes, active, TOLD, ALL_DISCLOSED)
    reasons = rows.loc[rows["item"].isin(["nps", "all"])].set_index("metric")["suppression_reason"]
    assert reasons["value_at_risk_residual_value"] == "not_converged"
    assert reasons["what_if_retention_point_revenue"] == "not_converged"
    assert reasons["value_at_risk_revenue"] is None


def test_nobody_who_bought_leaves_only_the_what_if_without_a_value() -> None:
    classes = pd.DataFrame(columns=["item", "standing", *FIGURES])
    active = pd.DataFrame([dict.fromkeys(ACTIVE_FIGURES, 0)])
    rows = value_at_risk(classes, active, TOLD, ALL_DISCLOSED)
    assert rows["suppression_reason"].tolist() == ["no_observations"]


def test_an_unknown_standing_is_refused(frames: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    classes, active = frames
    with pytest.raises(ValueError, match="allowed: at_risk, other, unclassified"):
        value_at_risk(classes.assign(standing="lost")[:1], active, TOLD, ALL_DISCLOSED)
