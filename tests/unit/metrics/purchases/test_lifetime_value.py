"""Simple lifetime revenue: its arithmetic, its error, where it is undefined."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from pipelines.metrics.purchases.lifetime_value import lifetime_value
from pipelines.settings import Definitions

AS_OF = date(2025, 6, 30)
Floats = npt.NDArray[np.float64]


def drawn_customers(customer_count: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Revenue, bought now, bought before; some who bought before and not now have a refund."""
    random = np.random.default_rng(seed)
    before = random.random(customer_count) < 0.6
    now = random.random(customer_count) < np.where(before, 0.7, 0.9)
    revenue = np.where(now, random.gamma(2, 60, customer_count).round(2), 0)
    refunded = ~now & before & (random.random(customer_count) < 0.1)
    revenue = np.where(refunded, -random.gamma(2, 10, customer_count).round(2), revenue)
    seen = now | before
    return revenue[seen], now[seen].astype(float), before[seen].astype(float)


def moments_of(revenue: Floats, now: Floats, before: Floats, **changes: object) -> pd.DataFrame:
    lost = before * (1 - now)
    columns = {
        "period_grain": "quarter",
        "period_start_date": pd.Timestamp("2025-01-01"),
        "segment_name": "all",
        "segment_value": "all",
        "currency": "EUR",
        "customer_count": len(revenue),
        "buyer_count": int(now.sum()),
        "opening_count": int(before.sum()),
        "retained_count": int((now * before).sum()),
        "lost_count": int(lost.sum()),
        "net_amount_sum": revenue.sum(),
        "net_amount_square_sum": (revenue**2).sum(),
        "net_amount_buyer_sum": (revenue * now).sum(),
        "net_amount_opening_sum": (revenue * before).sum(),
        "net_amount_lost_sum": (revenue * lost).sum(),
        **changes,
    }
    return pd.DataFrame([columns])


def clv_of(revenue: Floats, now: Floats, before: Floats) -> float:
    lost = before * (1 - now)
    return float(revenue.sum() * before.sum() / (now.sum() * lost.sum()))


@pytest.mark.parametrize("seed", range(5))
def test_the_error_from_sums_is_that_of_the_customers_influences(seed: int) -> None:
    revenue, now, before = drawn_customers(400, seed)
    lost = before * (1 - now)
    clv = clv_of(revenue, now, before)
    influence = clv * (revenue / revenue.sum() + before / before.sum() - now / now.sum() - lost / lost.sum())
    count = len(revenue)
    row = lifetime_value(moments_of(revenue, now, before), None, AS_OF, Definitions()).iloc[0]
    assert row["value"] == pytest.approx(clv, rel=1e-12)
    assert row["std_error"] == pytest.approx(np.sqrt(count / (count - 1) * (influence**2).sum()), rel=1e-10)
    assert row["n"] == count
    assert row["n_effective"] == count - 1
    assert influence.sum() == pytest.approx(0, abs=1e-9 * clv)


def test_the_error_agrees_with_a_bootstrap_by_customer() -> None:
    revenue, now, before = drawn_customers(3000, 8)
    random = np.random.default_rng(9)
    picks = random.integers(0, len(revenue), size=(1000, len(revenue)))
    resampled = [clv_of(revenue[pick], now[pick], before[pick]) for pick in picks]
    row = lifetime_value(moments_of(revenue, now, before), None, AS_OF, Definitions()).iloc[0]
    # A bootstrap of 1,000 knows a standard error to 1/sqrt(2,000) = 2.2 %; three of those.
    assert row["std_error"] == pytest.approx(np.std(resampled, ddof=1), rel=0.07)


def test_the_row_is_money_of_its_currency_with_the_method_named() -> None:
    row = lifetime_value(moments_of(*drawn_customers(400, 1)), None, AS_OF, Definitions()).iloc[0]
    assert (row["metric"], row["unit"], row["currency"]) == ("clv_simple_revenue", "currency", "EUR")
    assert (row["ci_method"], row["definition_id"]) == ("delta", "net_amount;window=365_days")
    assert row["ci_high"] - row["value"] == pytest.approx(1.959964 * row["std_error"], rel=1e-6)


def test_revenue_scaled_by_a_factor_scales_value_and_interval() -> None:
    revenue, now, before = drawn_customers(400, 2)
    once = lifetime_value(moments_of(revenue, now, before), None, AS_OF, Definitions()).iloc[0]
    tenfold = lifetime_value(moments_of(10 * revenue, now, before), None, AS_OF, Definitions()).iloc[0]
    for name in ("value", "std_error", "ci_low", "ci_high"):
        assert tenfold[name] == pytest.approx(10 * once[name], rel=1e-10)


def test_revenue_of_nil_is_a_value_of_nil_with_an_error() -> None:
    _, now, before = drawn_customers(400, 3)
    even = np.where(now > 0, np.where(np.cumsum(now) % 2 == 0, 10.0, -10.0), 0.0)
    balanced = even - even.sum() / now.sum() * now
    row = lifetime_value(moments_of(balanced, now, before), None, AS_OF, Definitions()).iloc[0]
    assert row["value"] == pytest.approx(0, abs=1e-9)
    assert row["std_error"] > 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lost_count": 0, "retained_count": 80}, "no_churn_observed"),
        ({"opening_count": 0, "retained_count": 0, "lost_count": 0}, "no_opening_customers"),
        ({"buyer_count": 0}, "no_buyers"),
        ({"customer_count": 9, "buyer_count": 9, "opening_count": 5, "retained_count": 3, "lost_count": 2},
         "below_min_disclosed_n"),
        ({"customer_count": 0, "buyer_count": 0, "opening_count": 0, "retained_count": 0, "lost_count": 0},
         "no_observations"),
    ],
)  # fmt: skip
def test_where_it_is_undefined_it_is_null_with_the_reason(changes: dict[str, int], reason: str) -> None:
    base = {
        "customer_count": 200,
        "buyer_count": 150,
        "opening_count": 80,
        "retained_count": 50,
        "lost_count": 30,
    }
    frame = moments_of(*drawn_customers(400, 4), **(base | changes))
    row = lifetime_value(frame, None, AS_OF, Definitions()).iloc[0]
    assert row[["value", "std_error", "ci_low", "ci_high"]].isna().all()
    assert row["suppression_reason"] == reason
    assert not row["is_publishable"]


def test_opening_customers_that_are_neither_retained_nor_lost_are_refused() -> None:
    frame = moments_of(*drawn_customers(400, 5)).assign(lost_count=1)
    with pytest.raises(ValueError, match=r"opening_count that is not retained_count \+ lost_count"):
        lifetime_value(frame, None, AS_OF, Definitions())


def test_the_order_of_the_rows_does_not_matter() -> None:
    frame = pd.concat([moments_of(*drawn_customers(60, seed), segment_value=f"c{seed}") for seed in range(8)])
    shuffled = frame.sample(frac=1, random_state=7)
    expected = lifetime_value(frame, None, AS_OF, Definitions())
    pd.testing.assert_frame_equal(lifetime_value(shuffled, None, AS_OF, Definitions()), expected)


def test_without_two_years_on_record_there_is_no_figure() -> None:
    moments = moments_of(*drawn_customers(400, 1))
    # The first quarter of 2025 ends with 31 March; 730 days before 1 April 2025 is 2 April 2023.
    for first_purchase, reason in ((date(2023, 4, 2), None), (date(2023, 4, 3), "window_not_observed")):
        (row,) = lifetime_value(moments, first_purchase, AS_OF, Definitions()).to_dict("records")
        assert (row["suppression_reason"] if reason else None) == reason
        assert pd.isna(row["value"]) == (reason is not None)
