"""Reasons: shares per respondent, lifts over the promoters, and the rank of what passives share with detractors."""

import pandas as pd
import pytest

from pipelines.metrics.class_tables import REASONS
from pipelines.metrics.surveys.reasons import reasons
from pipelines.settings import Definitions

Bases = dict[str, int]
BASES: Bases = {"promoter": 100, "passive": 50, "detractor": 20}


def reason_counts(named: dict[str, tuple[int, int, int]], bases: Bases = BASES) -> pd.DataFrame:
    """By reason how many promoters, passives and detractors named it."""
    return pd.DataFrame(
        [
            {
                "survey": "kunden",
                "period_grain": "year",
                "period_start_date": pd.Timestamp("2025-01-01"),
                "nps_class": nps_class,
                "reason": reason,
                "respondent_count": count,
                "base_count": bases[nps_class],
            }
            for reason, counts in named.items()
            for nps_class, count in zip(BASES, counts, strict=True)
            if nps_class in bases
        ]
    )


def table(
    named: dict[str, tuple[int, int, int]], bases: Bases = BASES, definitions: Definitions | None = None
) -> pd.DataFrame:
    return reasons(reason_counts(named, bases), definitions or Definitions()).set_index("reason")


def test_the_table_has_its_declared_columns() -> None:
    rows = reasons(reason_counts({"price": (10, 10, 10)}), Definitions())
    assert tuple(rows.columns) == REASONS.column_names


def test_shares_are_of_the_respondents_of_the_class() -> None:
    row = table({"price": (10, 20, 15)}).loc["price"]
    assert (row["promoter_share"], row["passive_share"], row["detractor_share"]) == (0.1, 0.4, 0.75)
    assert (row["promoter_n"], row["passive_n"], row["detractor_n"]) == (100, 50, 20)
    assert (row["passive_lift"], row["detractor_lift"]) == pytest.approx((4, 7.5))


def test_the_interval_of_a_lift_is_that_of_a_ratio_by_its_logarithm() -> None:
    # The physicians' health study (Agresti, Categorical Data Analysis, 3.1): 189 of 11,034 against 104 of 11,037.
    bases = {"promoter": 11037, "passive": 50, "detractor": 11034}
    row = table({"infarct": (104, 10, 189)}, bases).loc["infarct"]
    assert row["detractor_lift"] == pytest.approx(1.82, abs=5e-3)
    assert (row["detractor_lift_ci_low"], row["detractor_lift_ci_high"]) == pytest.approx(
        (1.433, 2.306), abs=1e-3
    )


def test_shared_reasons_are_ranked_by_the_smaller_of_both_excesses() -> None:
    found = table(
        {
            # Above the promoters by 0.3 and 0.1: by 0.1 in both.
            "delivery": (10, 20, 4),
            # By 0.2 and 0.4: by 0.2 in both.
            "price": (20, 20, 12),
            # Detractors alone.
            "service": (20, 10, 12),
            # What promoters like.
            "freshness": (80, 20, 4),
        }
    )
    assert found["shared_excess"].to_dict() == pytest.approx(
        {"delivery": 0.1, "price": 0.2, "service": 0.0, "freshness": -0.6}
    )
    assert found["shared_rank"].dropna().to_dict() == {"price": 1, "delivery": 2}


def test_equal_excesses_are_ranked_by_the_passive_share_and_then_by_the_id() -> None:
    found = table({"b": (10, 10, 4), "a": (10, 10, 4), "c": (10, 15, 4)})
    assert found["shared_rank"].to_dict() == {"c": 1, "a": 2, "b": 3}


def test_a_reason_is_clearly_shared_only_where_both_lifts_are_above_chance() -> None:
    found = table({"price": (10, 20, 15), "delivery": (10, 6, 15), "nobody": (0, 20, 15)})
    assert found["is_clearly_shared"].to_dict() == {"price": True, "delivery": False, "nobody": False}
    assert found["shared_rank"].notna().all()


def test_a_lift_over_nobody_is_null_with_a_reason_and_the_shares_stay() -> None:
    row = table({"price": (0, 20, 15)}).loc["price"]
    assert pd.isna(row["passive_lift"])
    assert pd.isna(row["passive_lift_ci_low"])
    assert row["passive_lift_reason"] == "nobody_named_it"
    assert row["promoter_share"] == 0


def test_a_reason_that_everybody_named_has_no_lift() -> None:
    row = table({"price": (100, 50, 20)}).loc["price"]
    assert (row["passive_lift_reason"], row["detractor_lift_reason"]) == (
        "everybody_named_it",
        "everybody_named_it",
    )


def test_a_small_class_tells_neither_share_nor_count_nor_lift() -> None:
    row = table({"price": (10, 20, 5)}, {"promoter": 100, "passive": 50, "detractor": 9}).loc["price"]
    assert row[["detractor_count", "detractor_share", "detractor_ci_low", "detractor_lift"]].isna().all()
    assert row["detractor_suppression_reason"] == "below_min_disclosed_n"
    assert row["detractor_lift_reason"] == "below_min_disclosed_n"
    assert pd.isna(row["shared_rank"])
    assert row["passive_lift"] == 4
    assert not row["is_publishable"]


def test_a_class_that_nobody_is_of_has_n_0_and_no_share() -> None:
    row = table({"price": (10, 20, 0)}, {"promoter": 100, "passive": 50}).loc["price"]
    assert row["detractor_n"] == 0
    assert row["detractor_suppression_reason"] == "no_observations"


def test_publishable_needs_every_class_to_be_large_enough() -> None:
    large = {"promoter": 100, "passive": 100, "detractor": 100}
    assert table({"price": (10, 20, 30)}, large)["is_publishable"].all()
    assert not table({"price": (10, 20, 15)})["is_publishable"].any()


def test_doubling_all_counts_narrows_the_logarithm_of_the_lift_by_the_root_of_two() -> None:
    once = table({"price": (10, 20, 15)}).loc["price"]
    twice = table({"price": (20, 40, 30)}, {c: 2 * n for c, n in BASES.items()}).loc["price"]
    widths = [(row["passive_lift_ci_high"] / row["passive_lift"]) for row in (once, twice)]
    assert widths[0] == pytest.approx(widths[1] ** 2**0.5)


def test_the_order_of_the_rows_does_not_matter() -> None:
    counts = reason_counts({f"r{i}": (i, 2 * i, i) for i in range(10)})
    expected = reasons(counts, Definitions())
    pd.testing.assert_frame_equal(reasons(counts.sample(frac=1, random_state=3), Definitions()), expected)


def test_no_reasons_at_all_give_an_empty_table() -> None:
    rows = reasons(reason_counts({"price": (1, 1, 1)}).iloc[:0], Definitions())
    assert rows.empty
    assert tuple(rows.columns) == REASONS.column_names


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="have a respondent_count above their base_count"):
        reasons(reason_counts({"price": (101, 20, 15)}), Definitions())
    with pytest.raises(ValueError, match="have an nps_class other than promoter, passive, detractor"):
        reasons(reason_counts({"price": (1, 2, 3)}).replace("passive", "neutral"), Definitions())
