"""Later purchases by class: exact sums into means, differences to the class below, best against worst."""

import pandas as pd
import pytest

from pipelines.metrics.class_tables import CLASS_OUTCOMES, NPS_CLASSES
from pipelines.metrics.surveys.class_outcomes import class_outcomes
from pipelines.settings import Definitions


def outcome(metric_class: str, **changes: object) -> dict[str, object]:
    """Ten customers: five bought nothing, three once, one twice and one five times, for 20 a time."""
    return {
        "metric": "nps",
        "survey": "kunden",
        "class": metric_class,
        "horizon_days": 90,
        "customer_count": 10,
        "repurchased_count": 5,
        "occasion_sum": 10,
        "occasion_square_sum": 32,
        "net_amount_sum": 200.0,
        "net_amount_square_sum": 12800.0,
        **changes,
    }


def table(*outcomes: dict[str, object]) -> pd.DataFrame:
    return class_outcomes(pd.DataFrame(list(outcomes)), "EUR", Definitions()).set_index("class")


def test_the_table_has_its_declared_columns_and_the_classes_from_the_best_to_the_worst() -> None:
    rows = class_outcomes(pd.DataFrame([outcome("detractor")]), "EUR", Definitions())
    assert tuple(rows.columns) == CLASS_OUTCOMES.column_names
    assert tuple(rows["class"]) == NPS_CLASSES


def test_share_and_means_are_over_all_customers_of_the_class() -> None:
    row = table(outcome("promoter")).loc["promoter"]
    assert (row["repurchase_share"], row["occasions_per_customer"], row["net_amount_per_customer"]) == (
        0.5,
        1,
        20,
    )
    assert row["currency"] == "EUR"


def test_the_error_of_a_mean_follows_from_sum_and_sum_of_squares() -> None:
    # Variance (32 - 10^2 / 10) / 9 = 22 / 9, error its root over the root of 10, t(9) = 2.262157.
    row = table(outcome("promoter")).loc["promoter"]
    assert row["occasions_per_customer_std_error"] == pytest.approx((22 / 90) ** 0.5)
    assert row["occasions_per_customer_ci_high"] == pytest.approx(1 + 2.262157 * (22 / 90) ** 0.5, abs=1e-6)
    assert row["net_amount_per_customer_std_error"] == pytest.approx(20 * (22 / 90) ** 0.5)


def test_the_difference_of_shares_is_the_published_one_of_newcombe() -> None:
    # Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10: 56/70 - 48/80.
    row = table(
        outcome("promoter", customer_count=70, repurchased_count=56, occasion_sum=56, occasion_square_sum=56),
        outcome("passive", customer_count=80, repurchased_count=48, occasion_sum=48, occasion_square_sum=48),
    ).loc["promoter"]
    assert row["class_below"] == "passive"
    assert row["repurchase_share_difference"] == pytest.approx(0.2)
    assert (
        row["repurchase_share_difference_ci_low"],
        row["repurchase_share_difference_ci_high"],
    ) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_the_difference_of_means_adds_the_squares_of_the_errors() -> None:
    row = table(
        outcome("promoter", net_amount_sum=400.0, net_amount_square_sum=24800.0), outcome("passive")
    ).loc["promoter"]
    # Both have a variance of 8,800 / 9 and ten customers.
    error = (2 * 8800 / 90) ** 0.5
    assert row["net_amount_per_customer_difference"] == 20
    assert row["net_amount_per_customer_difference_ci_low"] == pytest.approx(20 - 2.262157 * error, abs=1e-4)
    assert row["net_amount_per_customer_difference_ci_high"] == pytest.approx(20 + 2.262157 * error, abs=1e-4)


def test_validity_is_the_best_class_less_the_worst_and_stands_in_the_row_of_the_best() -> None:
    found = table(
        outcome("promoter", repurchased_count=8),
        outcome("passive"),
        outcome("detractor", repurchased_count=2),
    )
    assert found["repurchase_share_validity"].dropna().to_dict() == pytest.approx({"promoter": 0.6})
    assert found.loc["passive", "repurchase_share_difference"] == pytest.approx(0.3)


def test_both_classifications_stand_side_by_side() -> None:
    rows = class_outcomes(
        pd.DataFrame(
            [
                outcome("promoter"),
                outcome("detractor", repurchased_count=3),
                outcome("secure", metric="sci", repurchased_count=6),
                outcome("at_risk", metric="sci", repurchased_count=2),
            ]
        ),
        "EUR",
        Definitions(),
    )
    validity = rows.set_index("metric")["repurchase_share_validity"].dropna()
    assert validity.to_dict() == pytest.approx({"nps": 0.2, "sci": 0.4})


def test_the_worst_class_has_none_below_and_a_missing_one_gives_its_reason() -> None:
    found = table(outcome("promoter"), outcome("detractor"))
    assert found["difference_reason"].to_dict() == {
        "promoter": "no_observations",
        "passive": "no_observations",
        "detractor": "no_class_below",
    }
    assert found.loc["passive", "suppression_reason"] == "no_observations"
    assert found.loc["promoter", "repurchase_share_validity"] == 0


def test_a_small_class_tells_nothing_and_neither_do_differences_to_it() -> None:
    found = table(outcome("promoter"), outcome("passive", customer_count=9), outcome("detractor"))
    assert found.loc["passive", "suppression_reason"] == "below_min_disclosed_n"
    assert found.loc["passive"].filter(regex="repurchase|occasions|net_amount").isna().all()
    assert found.loc["promoter", "difference_reason"] == "below_min_disclosed_n"
    assert pd.isna(found.loc["promoter", "net_amount_per_customer_difference"])


def test_a_horizon_that_is_over_for_nobody_has_no_rows() -> None:
    rows = class_outcomes(pd.DataFrame([outcome("promoter")]).iloc[:0], "EUR", Definitions())
    assert rows.empty
    assert tuple(rows.columns) == CLASS_OUTCOMES.column_names


def test_doubling_all_customers_shrinks_the_error_by_nearly_the_root_of_two() -> None:
    once = table(outcome("promoter")).loc["promoter"]
    twice = table(
        outcome(
            "promoter",
            customer_count=20,
            repurchased_count=10,
            occasion_sum=20,
            occasion_square_sum=64,
            net_amount_sum=400.0,
            net_amount_square_sum=25600.0,
        )
    ).loc["promoter"]
    # (n - 1) of 10 and of 20 customers beside the root of two.
    ratio = once["occasions_per_customer_std_error"] / twice["occasions_per_customer_std_error"]
    assert ratio == pytest.approx((19 / 9) ** 0.5)


def test_the_order_of_the_rows_does_not_matter() -> None:
    counts = pd.DataFrame([outcome(c, horizon_days=h) for c in NPS_CLASSES for h in (90, 180, 365)])
    expected = class_outcomes(counts, "EUR", Definitions())
    shuffled = class_outcomes(counts.sample(frac=1, random_state=5), "EUR", Definitions())
    pd.testing.assert_frame_equal(shuffled, expected)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"repurchased_count": 11}, "have a repurchased_count above their customer_count"),
        ({"occasion_sum": 4}, "have a repurchased_count above their occasion_sum"),
        ({"occasion_square_sum": 9}, "have a occasion_sum above their occasion_square_sum"),
        ({"class": "secure"}, "have a class of nps other than promoter, passive, detractor"),
        ({"metric": "csat"}, "have a metric other than nps, sci"),
    ],
)
def test_sums_that_no_customers_can_have_are_refused(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        table({**outcome("promoter"), **changes})
