"""Moves between classes: shares of who was there before, McNemar for the best class, nothing under other policies."""

from fractions import Fraction

import pandas as pd
import pytest

from pipelines.metrics.class_tables import CLASS_TRANSITIONS
from pipelines.metrics.surveys.class_transitions import class_transitions, why_empty
from pipelines.settings import Definitions

Moves = dict[tuple[int, int], int]


def score_pairs(moves: Moves, **changes: object) -> pd.DataFrame:
    """Customers by the score before and the score now."""
    columns = {
        "survey": "kunden",
        "item": "recommend",
        "period_grain": "year",
        "period_start_date": pd.Timestamp("2025-01-01"),
        "segment_name": "all",
        "segment_value": "all",
        "lag": "before",
        **changes,
    }
    return pd.DataFrame(
        [
            {**columns, "score": now, "other_score": before, "weight_product_sum": float(count)}
            for (before, now), count in moves.items()
        ]
    )


def score_counts(**changes: object) -> pd.DataFrame:
    columns = {
        "survey": "kunden",
        "item": "recommend",
        "construct": "recommend",
        "scale_low": 0,
        "scale_high": 10,
        "low_is_good": False,
        **changes,
    }
    return pd.DataFrame([columns])


def table(pairs: pd.DataFrame, counts: pd.DataFrame | None = None) -> pd.DataFrame:
    rows = class_transitions(pairs, score_counts() if counts is None else counts, Definitions())
    return rows.set_index(["from_class", "to_class"])


def test_the_table_has_its_declared_columns_and_every_pair_of_classes() -> None:
    rows = class_transitions(score_pairs({(9, 9): 20}), score_counts(), Definitions())
    assert tuple(rows.columns) == CLASS_TRANSITIONS.column_names
    assert len(rows) == 9


def test_scores_of_one_class_are_added_up_and_shared_over_who_was_of_it() -> None:
    found = table(score_pairs({(9, 10): 20, (10, 9): 10, (10, 8): 6, (9, 0): 4, (7, 9): 12, (0, 6): 11}))
    stayed = found.loc[("promoter", "promoter")]
    assert (stayed["n_overlap"], stayed["from_count"], stayed["customer_count"]) == (63, 40, 30)
    assert stayed["transition_share"] == 0.75
    assert found.loc[("promoter", "passive"), "transition_share"] == 0.15
    assert found.loc[("promoter", "detractor"), "transition_share"] == 0.1
    assert found.loc[("detractor", "detractor"), "transition_share"] == 1
    assert found.loc[("passive", "detractor"), "customer_count"] == 0


def test_states_of_the_index_become_its_classes_and_incomplete_ones_none() -> None:
    pairs = score_pairs({(4, 4): 10, (4, 1): 5, (1, 2): 12, (4, -2): 7, (-1, 3): 9}, item="all")
    found = table(pairs, score_counts(item="all", construct="secure_customer_index"))
    assert set(found["metric"]) == {"sci"}
    assert set(found["n_overlap"]) == {27}
    assert found.loc[("secure", "at_risk"), "transition_share"] == pytest.approx(1 / 3)
    assert found.loc[("at_risk", "vulnerable"), "transition_share"] == 1
    assert len(found) == 16


def test_mcnemar_is_the_published_one_where_many_moved() -> None:
    # Agresti, Categorical Data Analysis, 10.1: 794, 150, 86, 570; chi-square 17.36, difference -0.04 in [-0.06, -0.02].
    row = table(score_pairs({(9, 9): 794, (9, 5): 150, (5, 9): 86, (5, 5): 570})).loc[
        ("promoter", "promoter")
    ]
    assert (row["class_share_before"], row["class_share_now"]) == (944 / 1600, 880 / 1600)
    assert row["change_value"] == pytest.approx(-0.04)
    assert row["change_method"] == "mcnemar"
    assert row["change_p_value"] == pytest.approx(3.1e-5, abs=5e-7)
    assert (row["change_ci_low"], row["change_ci_high"]) == pytest.approx((-0.0587, -0.0213), abs=5e-4)


def test_mcnemar_is_exact_where_few_moved() -> None:
    # 1 lost, 7 gained: twice the chance of at most one of eight, 2 x 9 / 256.
    row = table(score_pairs({(9, 9): 30, (9, 8): 1, (8, 9): 7, (8, 8): 20})).loc[("promoter", "promoter")]
    assert row["change_method"] == "mcnemar_exact"
    assert row["change_p_value"] == pytest.approx(float(Fraction(18, 256)))


def test_where_nobody_moved_there_is_no_p() -> None:
    row = table(score_pairs({(9, 9): 30, (8, 8): 20})).loc[("promoter", "promoter")]
    assert row["change_value"] == 0
    assert pd.isna(row["change_p_value"])


def test_mirrored_periods_flip_the_sign_of_the_change() -> None:
    moves = {(9, 9): 40, (9, 5): 15, (5, 9): 30, (5, 5): 25}
    there = table(score_pairs(moves)).loc[("promoter", "promoter")]
    back = table(score_pairs({(b, a): n for (a, b), n in moves.items()})).loc[("promoter", "promoter")]
    assert back["change_value"] == pytest.approx(-there["change_value"])
    assert (back["change_ci_low"], back["change_ci_high"]) == pytest.approx(
        (-there["change_ci_high"], -there["change_ci_low"])
    )
    assert back["change_p_value"] == pytest.approx(there["change_p_value"])


def test_a_change_stands_only_in_the_row_of_staying_in_the_best_class() -> None:
    found = table(score_pairs({(9, 9): 30, (9, 8): 11, (8, 9): 17, (5, 5): 20}))
    told = found.index[found["change_value"].notna()]
    assert list(told) == [("promoter", "promoter")]


def test_a_small_class_tells_neither_share_nor_count() -> None:
    found = table(score_pairs({(9, 9): 30, (0, 0): 9}))
    row = found.loc[("detractor", "detractor")]
    assert row["suppression_reason"] == "below_min_disclosed_n"
    assert row[["customer_count", "transition_share", "ci_low", "ci_high"]].isna().all()
    assert row["from_count"] == 9
    assert found.loc[("passive", "passive"), "suppression_reason"] == "no_observations"
    assert found.loc[("promoter", "promoter"), "change_value"] == 0


def test_few_common_customers_tell_no_change() -> None:
    assert table(score_pairs({(9, 9): 9}))["change_value"].isna().all()


def test_only_pairs_with_the_period_before_of_all_customers_count() -> None:
    pairs = pd.concat(
        [
            score_pairs({(9, 9): 20}),
            score_pairs({(9, 9): 99}, lag="same"),
            score_pairs({(9, 9): 99}, segment_name="country", segment_value="DE"),
        ]
    )
    assert set(table(pairs)["n_overlap"]) == {20}


def test_a_recommendation_on_another_scale_is_left_out() -> None:
    assert table(score_pairs({(5, 5): 20}), score_counts(scale_low=1, scale_high=5)).empty


def test_of_two_recommendations_the_question_whose_id_comes_last_tells() -> None:
    pairs = pd.concat([score_pairs({(9, 9): 20}), score_pairs({(0, 0): 30}, item="recommend_again")])
    counts = pd.concat([score_counts(), score_counts(item="recommend_again")])
    assert set(table(pairs, counts)["n_overlap"]) == {30}


def test_where_low_is_good_scores_are_reversed() -> None:
    found = table(score_pairs({(0, 10): 20}), score_counts(low_is_good=True))
    assert found.loc[("promoter", "detractor"), "customer_count"] == 20


def test_under_a_policy_with_several_answers_the_table_is_empty_and_says_why() -> None:
    for policy in ("all", "mean_of_codes"):
        definitions = Definitions().model_copy(update={"multiple_responses_policy": policy})
        rows = class_transitions(score_pairs({(9, 9): 20}), score_counts(), definitions)
        assert rows.empty
        assert tuple(rows.columns) == CLASS_TRANSITIONS.column_names
        assert policy in str(why_empty(definitions))
    assert why_empty(Definitions()) is None


def test_the_order_of_the_rows_does_not_matter() -> None:
    pairs = score_pairs({(a, b): a + b for a in range(11) for b in range(11)})
    expected = class_transitions(pairs, score_counts(), Definitions())
    shuffled = class_transitions(pairs.sample(frac=1, random_state=4), score_counts(), Definitions())
    pd.testing.assert_frame_equal(shuffled, expected)


def test_a_first_period_without_pairs_gives_an_empty_table() -> None:
    assert table(score_pairs({(9, 9): 1}).iloc[:0]).empty


def test_weights_that_are_no_customers_are_refused() -> None:
    with pytest.raises(ValueError, match="have a weight_product_sum that is no count"):
        table(score_pairs({(9, 9): 20}).assign(weight_product_sum=0.5))
