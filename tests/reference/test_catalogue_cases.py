"""The hand cases of the metric catalogue, section 4.10, and the real data sets' published counts."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.marts import MATURED_REPEAT_COUNTS, REPEAT_PURCHASE_COUNTS, REVENUE_BRIDGE_COUNTS
from pipelines.metrics.purchases.cohorts import cohort_retention
from pipelines.metrics.purchases.lifetime_value import lifetime_value
from pipelines.metrics.purchases.repeat_purchase import repeat_purchase
from pipelines.metrics.purchases.retention import retention
from pipelines.metrics.purchases.revenue_retention import revenue_retention
from pipelines.metrics.surveys.secure_customer_index import secure_customer_index
from pipelines.settings import Definitions
from tests.unit.metrics.surveys.answer_marts import index_marts

AS_OF = date(2024, 3, 15)
ALL_DISCLOSED = Definitions(min_disclosed_n=1)
CELL = {
    "period_grain": "quarter",
    "period_start_date": pd.Timestamp("2024-01-01"),
    "segment_name": "all",
    "segment_value": "all",
}
LEVELS_OF_FIVE_POINTS = {5: 4, 4: 3, 3: 2, 2: 1, 1: 1, None: 0}
LEVELS_OF_0_TO_10 = dict.fromkeys(range(5), 1) | {5: 2, 6: 2, 7: 3, 8: 3, 9: 4, 10: 4}
# Catalogue 3.2: 5/4/3/1-2 on five points; 9-10, 7-8, 5-6, 0-4 on 0 to 10; 0 is a missing item.


def rates(opening: int, retained: int) -> dict[str, float]:
    states = {"opening_active_count": opening, "retained_count": retained, "lost_count": opening - retained}
    others = dict.fromkeys(("new_count", "reactivated_count", "new_and_lost_count"), 0)
    frame = pd.DataFrame([CELL | states | others | {"closing_active_count": retained}])
    rows = retention(frame, None, AS_OF, Definitions())
    return dict(zip(rows["metric"], rows["value"], strict=True))


def test_starting_with_130_and_losing_50_is_a_retention_of_61_and_not_80_per_cent() -> None:
    found = rates(opening=130, retained=80)
    assert found["retention_rate"] == pytest.approx(0.615385, abs=5e-7)
    assert found["churn_rate"] == pytest.approx(0.384615, abs=5e-7)


def test_starting_with_100_and_ending_with_130_of_whom_50_are_new_is_a_retention_of_80_per_cent() -> None:
    assert rates(opening=100, retained=130 - 50)["retention_rate"] == pytest.approx(0.80, abs=1e-12)


def test_nobody_at_the_start_is_null() -> None:
    assert np.isnan(rates(opening=0, retained=0)["retention_rate"])


def test_reactivated_customers_are_neither_new_nor_retained() -> None:
    """S = 100, E = 100, N = 20, 5 reactivated: 75 retained; (E - N)/S = 0.80 would be wrong."""
    assert rates(opening=100, retained=100 - 20 - 5)["retention_rate"] == pytest.approx(0.75, abs=1e-12)


def test_revenue_of_1000_keeps_85_per_cent_gross_and_97_net_and_ends_at_1310() -> None:
    """Opening 1000; lost 100, contraction 50, expansion 120, new 300, reactivation 40."""
    lines = {"opening": 1000, "lost": 100, "contraction": 50, "expansion": 120, "new": 300, "reactivated": 40}
    lines |= {"given_back": 0, "returned": 970, "kept": 850, "closing": 1310}
    nothing = dict.fromkeys(REVENUE_BRIDGE_COUNTS.figures, 0)
    sums = {f"{line}_sum": amount for line, amount in lines.items()}
    key = {"revenue_source": "subscriptions", "currency": "EUR"}
    customers = {"customer_count": 40, "opening_customer_count": 30}
    frame = pd.DataFrame([CELL | key | nothing | sums | customers])
    found = revenue_retention(frame, None, AS_OF, Definitions()).set_index("metric")["value"]
    assert found["gross_revenue_retention_rate"] == pytest.approx(0.85, abs=1e-12)
    assert found["net_revenue_retention_ratio"] == pytest.approx(0.97, abs=1e-12)
    assert found["revenue_churn_rate"] == pytest.approx(0.10, abs=1e-12)
    assert found["gross_revenue_churn_rate"] == pytest.approx(0.15, abs=1e-12)
    assert found["revenue_closing"] == 1310


def class_of(levels: tuple[int, ...]) -> str:
    items = dict(zip(("satisfaction_level", "repurchase_level", "recommend_level"), levels, strict=True))
    frame = pd.DataFrame([CELL | items | {"survey": "survey", "unit_count": 1}])
    rows = secure_customer_index(*index_marts(frame), AS_OF, ALL_DISCLOSED).set_index("metric")["value"]
    names = {
        "secure": "sci_secure_share",
        "favorable": "sci_favorable_share",
        "vulnerable": "sci_vulnerable_share",
        "at risk": "sci_at_risk_share",
        "at risk (bounded)": "at_risk_bounded",
        "unclassified": "sci_unclassified",
    }
    (found,) = [name for name, metric in names.items() if rows[metric] == 1]
    return found


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((5, 5, 5), "secure"),
        ((5, 5, 4), "favorable"),
        ((4, 4, 4), "favorable"),
        ((5, 5, 3), "vulnerable"),
        ((5, 4, 2), "at risk"),
        ((5, 5, None), "unclassified"),
        ((2, None, None), "at risk (bounded)"),
    ],
)
def test_secure_customer_classes_on_five_points(scores: tuple[int | None, ...], expected: str) -> None:
    assert class_of(tuple(LEVELS_OF_FIVE_POINTS[score] for score in scores)) == expected


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((9, 10, 9), "secure"),
        ((10, 10, 8), "favorable"),
        ((7, 8, 7), "favorable"),
        ((9, 9, 6), "vulnerable"),
        ((9, 9, 4), "at risk"),
    ],
)
def test_secure_customer_classes_on_0_to_10(scores: tuple[int, ...], expected: str) -> None:
    assert class_of(tuple(LEVELS_OF_0_TO_10[score] for score in scores)) == expected


def cohort(size: int, retained: list[float], definitions: Definitions) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "period_grain": "month",
            "cohort_start_date": pd.Timestamp("2024-01-01"),
            "age": range(len(retained)),
            "segment_name": "all",
            "segment_value": "all",
            "currency": "EUR",
            "cohort_size": size,
            "retained_count": retained,
            "order_count": retained,
            "net_amount": retained,
        }
    )
    return cohort_retention(frame, definitions)


def test_a_month_that_is_not_over_has_no_retention() -> None:
    """Cohort 2024-01 of 4 customers, 2 active in month 1, 1 so far in month 2, as of 2024-03-15."""
    rows = cohort(4, [4, 2, np.nan], ALL_DISCLOSED)
    assert rows["retention_rate"].iloc[1] == pytest.approx(0.50)
    assert pd.isna(rows["retention_rate"].iloc[2])
    assert rows["suppression_reason"].iloc[2] == "not_yet_observed"


def test_the_january_cohort_of_cdnow_comes_back_as_published() -> None:
    """CDNOW master (Fader & Hardie): 7,846 first bought in January 1997; 1,157, 964, 810, 679 came back."""
    rows = cohort(7846, [7846, 1157, 964, 810, 679], Definitions())
    assert rows["retention_rate"].tolist() == pytest.approx([1, 0.14746, 0.12287, 0.10324, 0.08654], abs=5e-6)


@pytest.mark.parametrize(
    ("buyers", "repeat_buyers", "rate"),
    [(23570, 11516, 0.48859), (4312, 2893, 0.67092)],
    ids=["CDNOW master", "Online Retail II 2009-2010"],
)
def test_repeat_purchase_rates_of_the_real_data_sets(buyers: int, repeat_buyers: int, rate: float) -> None:
    nothing = dict.fromkeys(REPEAT_PURCHASE_COUNTS.figures, 0)
    frame = pd.DataFrame([CELL | nothing | {"buyer_count": buyers, "repeat_buyer_count": repeat_buyers}])
    matured = pd.DataFrame(columns=list(MATURED_REPEAT_COUNTS.columns)).astype({"matured_count": int})
    row = repeat_purchase(frame, matured, AS_OF, Definitions()).iloc[0]
    assert row["value"] == pytest.approx(rate, abs=5e-6)


def test_sixty_a_piece_four_times_a_year_for_three_years_is_720() -> None:
    """100 buyers with 400 orders of 60; of the 90 customers before 30 are lost: a lifespan of 3 years."""
    moments = {
        "currency": "EUR",
        "customer_count": 130,
        "buyer_count": 100,
        "opening_count": 90,
        "retained_count": 60,
        "lost_count": 30,
        "net_amount_sum": 24_000.0,
        "net_amount_square_sum": 100 * 240.0**2,
        "net_amount_buyer_sum": 24_000.0,
        "net_amount_opening_sum": 60 * 240.0,
        "net_amount_lost_sum": 0.0,
    }
    row = lifetime_value(pd.DataFrame([CELL | moments]), None, AS_OF, Definitions()).iloc[0]
    assert row["value"] == pytest.approx(720, abs=1e-9)
    # Equal revenue cancels against the buyers: sum u^2 = 720^2 (1/30 - 1/90), times 130/129.
    assert row["std_error"] == pytest.approx(720 * np.sqrt(130 / 129 * (1 / 30 - 1 / 90)), abs=1e-9)
