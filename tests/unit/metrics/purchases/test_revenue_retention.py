"""Revenue retention and the bridge: the catalogue's case, errors from influences, what is withheld and refused."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from pipelines.metrics.marts import REVENUE_BRIDGE_COUNTS
from pipelines.metrics.purchases.revenue_retention import revenue_retention
from pipelines.settings import Definitions

AS_OF = date(2025, 6, 30)
LONG_AGO = date(2000, 1, 1)
DISCLOSED = Definitions(min_disclosed_n=1)
Amounts = np.ndarray[Any, np.dtype[np.float64]]


def bridge(before: Any, now: Any, is_new: Any = False, **key: object) -> pd.DataFrame:
    """The mart's row of these customers, line by line as the catalogue defines them."""
    before, now = np.asarray(before, dtype=np.float64), np.asarray(now, dtype=np.float64)
    new = np.broadcast_to(is_new, before.shape)
    opens, pays = before > 0, np.maximum(now, 0)
    lines: dict[str, Amounts] = {
        "opening": np.where(opens, before, 0),
        "new": np.where(~opens & new, pays, 0),
        "reactivated": np.where(~opens & ~new, pays, 0),
        "expansion": np.where(opens, np.maximum(now - before, 0), 0),
        "contraction": np.where(opens & (now > 0), np.maximum(before - now, 0), 0),
        "lost": np.where(opens & (now <= 0), before, 0),
        "given_back": np.maximum(-now, 0),
        "closing": now,
        "returned": np.where(opens, now, 0),
        "kept": np.where(opens, np.minimum(pays, before), 0),
    }
    row: dict[str, object] = {
        "revenue_source": "subscriptions",
        "period_grain": "month",
        "period_start_date": pd.Timestamp("2025-05-01"),
        "segment_name": "all",
        "segment_value": "all",
        "currency": "EUR",
        "customer_count": len(before),
        "opening_customer_count": int(opens.sum()),
        "returned_opening_product_sum": (lines["returned"] * lines["opening"]).sum(),
        "kept_opening_product_sum": (lines["kept"] * lines["opening"]).sum(),
    }
    row |= {f"{name}_sum": line.sum() for name, line in lines.items()}
    row |= {f"{name}_square_sum": (line**2).sum() for name, line in lines.items()}
    return pd.DataFrame([row | key])[list(REVENUE_BRIDGE_COUNTS.columns)]


def computed(frame: pd.DataFrame, definitions: Definitions = DISCLOSED) -> pd.DataFrame:
    return revenue_retention(frame, LONG_AGO, AS_OF, definitions).set_index("metric", drop=False)


CATALOGUE = bridge([100, 200, 500, 200, 0, 0], [0, 150, 620, 200, 300, 40], [False] * 4 + [True, False])


def test_the_bridge_of_the_catalogue_leads_from_1000_to_1310() -> None:
    rows = computed(CATALOGUE)
    assert rows.loc[rows["unit"] == "currency", "value"].to_dict() == {
        "revenue_opening": 1000,
        "revenue_new": 300,
        "revenue_reactivated": 40,
        "revenue_expansion": 120,
        "revenue_contraction": 50,
        "revenue_lost": 100,
        "revenue_given_back": 0,
        "revenue_closing": 1310,
    }
    assert rows.loc["customers_without_revenue_before", "value"] == 2


def test_rows_name_their_source_and_only_money_its_currency() -> None:
    rows = computed(CATALOGUE)
    assert set(rows["item"]) == {"subscriptions"}
    assert set(rows.loc[rows["unit"] == "currency", "currency"]) == {"EUR"}
    assert set(rows.loc[rows["unit"] != "currency", "currency"]) == {"all"}


def test_errors_are_those_of_the_customers_influences() -> None:
    generator = np.random.default_rng(11)
    before = generator.gamma(2, 30, size=80).round(2)
    now = np.where(generator.random(80) < 0.3, 0, generator.gamma(2, 30, size=80)).round(2)
    rows = computed(bridge(before, now))
    base = before.sum()
    for metric, part in {
        "net_revenue_retention_ratio": now,
        "gross_revenue_retention_rate": np.minimum(now, before),
        "revenue_churn_rate": np.where(now <= 0, before, 0),
    }.items():
        influences = (part - part.sum() / base * before) / base
        assert rows.loc[metric, "value"] == pytest.approx(part.sum() / base, rel=1e-12)
        assert rows.loc[metric, "std_error"] == pytest.approx(
            np.sqrt(80 / 79 * (influences**2).sum()), rel=1e-9
        )
    total_error = np.sqrt(80) * np.std(now, ddof=1)
    assert rows.loc["revenue_closing", "std_error"] == pytest.approx(total_error, rel=1e-9)


def test_equal_customers_have_wilsons_interval_of_as_many_customers() -> None:
    """80 of 100 equal contracts stay: Wilson for 80 % of 99, since SE^2 has C - 1."""
    rows = computed(bridge([10] * 100, [10] * 80 + [0] * 20))
    row = rows.loc["gross_revenue_retention_rate"]
    assert row["std_error"] == pytest.approx(np.sqrt(0.8 * 0.2 / 99), rel=1e-9)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(
        proportion_confint(0.8 * 99, 99, 0.05, "wilson"), abs=1e-9
    )


def test_where_nobody_was_lost_the_interval_still_has_a_width() -> None:
    row = computed(bridge([10] * 100, [10] * 100)).loc["revenue_churn_rate"]
    assert (row["value"], row["std_error"], row["ci_low"]) == (0, 0, 0)
    assert row["ci_high"] == pytest.approx(0.0370, abs=5e-5), "Wilson for 0 of 100"


def test_one_large_customer_widens_the_interval_of_no_loss() -> None:
    equal = computed(bridge([10] * 100, [10] * 100)).loc["revenue_churn_rate", "ci_high"]
    one_large = computed(bridge([1000] + [10] * 99, [1000] + [10] * 99)).loc["revenue_churn_rate", "ci_high"]
    assert one_large > 4 * equal


def test_expansion_lifts_net_retention_and_never_gross() -> None:
    rows = computed(bridge([10] * 50, [30] * 50))
    assert rows.loc["net_revenue_retention_ratio", "value"] == 3
    assert rows.loc["gross_revenue_retention_rate", "value"] == 1


def test_money_given_back_counts_in_net_retention_alone() -> None:
    rows = computed(bridge([100, 100, 0], [100, -50, -10]))
    assert rows.loc["net_revenue_retention_ratio", "value"] == 0.25
    assert rows.loc["gross_revenue_retention_rate", "value"] == 0.5
    assert rows.loc["revenue_given_back", "value"] == 60


def test_nothing_before_gives_null_and_a_bridge_from_0() -> None:
    rows = computed(bridge([0] * 20, [5] * 20, is_new=True))
    assert rows.loc["gross_revenue_retention_rate", "suppression_reason"] == "no_observations"
    assert rows.loc["revenue_opening", "value"] == 0
    assert rows.loc["revenue_new", "value"] == 100


def test_few_customers_tell_nothing() -> None:
    rows = computed(bridge([10] * 9, [10] * 9), Definitions())
    assert rows["value"].isna().all()
    assert set(rows["suppression_reason"]) == {"below_min_disclosed_n"}


@pytest.mark.parametrize(
    ("source", "observed_from", "reason"),
    [
        ("orders", date(2025, 4, 2), "window_not_observed"),
        ("orders", date(2025, 4, 1), None),
        ("subscriptions", date(2025, 4, 2), None),
    ],
)
def test_orders_need_the_whole_period_before_on_record(
    source: str, observed_from: date, reason: str | None
) -> None:
    frame = bridge([10] * 20, [10] * 20, revenue_source=source)
    rows = revenue_retention(frame, observed_from, AS_OF, Definitions())
    assert set(rows["suppression_reason"].fillna("said")) == {reason or "said"}


@pytest.mark.parametrize("line", ["closing_sum", "kept_sum"])
def test_lines_that_do_not_add_up_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match=f"have a {line} that is not what its lines come to"):
        computed(CATALOGUE.assign(**{line: CATALOGUE[line] + 0.01}))


def test_a_cell_that_occurs_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="repeat a key"):
        computed(pd.concat([CATALOGUE, CATALOGUE]))


def test_the_order_of_the_rows_does_not_matter() -> None:
    frame = pd.concat(
        [bridge([10 + i] * 20, [9] * 20, segment_value=f"c{i:02}") for i in range(12)], ignore_index=True
    )
    pd.testing.assert_frame_equal(computed(frame.sample(frac=1, random_state=5)), computed(frame))
