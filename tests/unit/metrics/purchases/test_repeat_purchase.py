"""Repeat purchase rates, plain and matured, and what returning customers order and spend."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.purchases.repeat_purchase import repeat_purchase
from pipelines.settings import Definitions

AS_OF = date(2025, 6, 30)


CELL = {
    "period_grain": "month",
    "period_start_date": pd.Timestamp("2025-01-01"),
    "segment_name": "all",
    "segment_value": "all",
}


def purchase_counts(buyers: int, repeat_buyers: int, **sums: float) -> pd.DataFrame:
    figures = {
        "customer_count": buyers,
        "buyer_count": buyers,
        "repeat_buyer_count": repeat_buyers,
        "order_count": buyers,
        "returning_order_count": 0,
        "order_count_square_sum": buyers,
        "returning_order_count_square_sum": 0,
        "returning_order_count_product_sum": 0,
        "net_amount_sum": 10.0 * buyers,
        "returning_net_amount_sum": 0.0,
        "net_amount_square_sum": 100.0 * buyers,
        "returning_net_amount_square_sum": 0.0,
        "returning_net_amount_product_sum": 0.0,
    }
    return pd.DataFrame([CELL | figures | sums])


def matured_counts(matured: int, repeated: int) -> pd.DataFrame:
    return pd.DataFrame([CELL | {"matured_count": matured, "matured_repeat_count": repeated}])


def computed(
    purchases: pd.DataFrame, definitions: Definitions | None = None, matured: pd.DataFrame | None = None
) -> pd.DataFrame:
    matured = matured_counts(100, 40) if matured is None else matured
    rows = repeat_purchase(purchases, matured, AS_OF, definitions or Definitions())
    return rows.set_index("metric", drop=False)


def of_customers(orders: np.ndarray[Any, Any], returning: np.ndarray[Any, Any]) -> pd.DataFrame:
    """The cell of customers with so many orders each, of which so many are returning ones, at 10 apiece."""
    return purchase_counts(
        len(orders),
        0,
        order_count=orders.sum(),
        returning_order_count=returning.sum(),
        order_count_square_sum=(orders**2).sum(),
        returning_order_count_square_sum=(returning**2).sum(),
        returning_order_count_product_sum=(orders * returning).sum(),
        net_amount_sum=10.0 * orders.sum(),
        returning_net_amount_sum=10.0 * returning.sum(),
        net_amount_square_sum=100.0 * (orders**2).sum(),
        returning_net_amount_square_sum=100.0 * (returning**2).sum(),
        returning_net_amount_product_sum=100.0 * (orders * returning).sum(),
    )


def test_the_rate_is_repeat_buyers_among_buyers() -> None:
    row = computed(purchase_counts(200, 50)).iloc[0]
    assert (row["metric"], row["value"], row["n"]) == ("repeat_purchase_rate", 0.25, 200)
    assert row["is_publishable"]


def test_the_row_names_what_an_occasion_is() -> None:
    row = computed(purchase_counts(200, 50), Definitions(purchase_collapse="order")).iloc[0]
    assert row["definition_id"] == "occasion=order"


def test_no_buyers_give_null() -> None:
    row = computed(purchase_counts(0, 0)).iloc[0]
    assert pd.isna(row["value"])
    assert row["suppression_reason"] == "no_observations"


def test_more_repeat_buyers_than_buyers_are_refused() -> None:
    with pytest.raises(ValueError, match="have a repeat_buyer_count above their buyer_count"):
        computed(purchase_counts(5, 6))


def test_the_matured_rate_rests_on_those_who_had_the_time() -> None:
    row = computed(purchase_counts(200, 50), Definitions(repeat_within_days=90)).loc[
        "matured_repeat_purchase_rate"
    ]
    assert (row["value"], row["n"]) == (0.4, 100)
    assert row["definition_id"] == "occasion=day;within=90_days"


def test_more_matured_repeaters_than_matured_customers_are_refused() -> None:
    with pytest.raises(ValueError, match="have a matured_repeat_count above their matured_count"):
        computed(purchase_counts(200, 50), matured=matured_counts(5, 6))


def test_the_error_of_a_share_of_orders_is_that_of_customers_and_not_of_orders() -> None:
    """By hand: SE^2 = C / (C - 1) sum of ((x - r y) / sum y)^2."""
    generator = np.random.default_rng(7)
    orders = generator.integers(1, 9, size=60)
    returning = generator.integers(0, orders + 1)
    rows = computed(of_customers(orders, returning))
    share = returning.sum() / orders.sum()
    influences = (returning - share * orders) / orders.sum()
    error = np.sqrt(60 / 59 * (influences**2).sum())
    for metric in ("returning_order_share", "returning_revenue_share"):
        assert rows.loc[metric, "value"] == pytest.approx(share, rel=1e-12)
        assert rows.loc[metric, "std_error"] == pytest.approx(error, rel=1e-9)
        assert rows.loc[metric, "ci_low"] < share < rows.loc[metric, "ci_high"]


def test_nobody_returning_is_no_proof_that_nobody_will() -> None:
    row = computed(purchase_counts(100, 0)).loc["returning_order_share"]
    assert (row["value"], row["std_error"], row["ci_low"]) == (0, 0, 0)
    assert row["ci_high"] == pytest.approx(0.0370, abs=5e-5), "Wilson for 0 of 100"


@pytest.mark.parametrize(("total", "returning"), [(0.0, 0.0), (-5.0, -5.0), (100.0, 120.0), (100.0, -20.0)])
def test_where_money_was_given_back_beyond_what_came_in_no_share_is_said(
    total: float, returning: float
) -> None:
    frame = purchase_counts(100, 0, net_amount_sum=total, returning_net_amount_sum=returning)
    row = computed(frame).loc["returning_revenue_share"]
    assert pd.isna(row["value"])
    assert row["suppression_reason"] == "revenue_not_positive"
