"""Alpha and its kin: two items, one item, no variance, negative, missing answers, intervals, order of rows."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.surveys.reliability import reliability
from pipelines.settings import Definitions
from tests.unit.metrics.surveys.answer_patterns import Row, scale_patterns

AS_OF = date(2025, 6, 30)
SMALL = Definitions(min_disclosed_n=1)


def figures(patterns: pd.DataFrame, definitions: Definitions = SMALL) -> pd.DataFrame:
    return reliability(patterns, AS_OF, definitions).set_index(["metric", "item"])


def drawn(n: int, items: int, seed: int, missing: float = 0) -> list[Row]:
    """Respondents of one disposition, cut into scores of 1 to 5."""
    random = np.random.default_rng(seed)
    latent = random.normal(size=(n, 1)) + random.normal(size=(n, items))
    scores = np.clip(np.round(3 + latent), 1, 5).astype(int)
    is_missing = random.random(scores.shape) < missing
    return [
        tuple(None if gone else int(s) for s, gone in zip(*row, strict=True))
        for row in zip(scores, is_missing, strict=True)
    ]


def test_patterns_with_counts_give_what_the_rows_give() -> None:
    rows = drawn(200, 4, seed=1)
    found = figures(scale_patterns(rows))
    covariance = np.cov(np.array(rows, dtype=float), rowvar=False)
    alpha = 4 / 3 * (1 - np.trace(covariance) / covariance.sum())
    assert found.loc[("cronbach_alpha", "trust"), "value"] == pytest.approx(alpha, abs=1e-12)
    correlation = np.corrcoef(np.array(rows, dtype=float), rowvar=False)
    mean = (correlation.sum() - 4) / 12
    assert found.loc[("cronbach_alpha_standardised", "trust"), "value"] == pytest.approx(
        4 * mean / (1 + 3 * mean)
    )
    others = np.array(rows, dtype=float)[:, 1:]
    assert found.loc[("item_total_correlation", "q1"), "value"] == pytest.approx(
        np.corrcoef(np.array(rows)[:, 0], others.sum(axis=1))[0, 1], abs=1e-12
    )
    rest = np.cov(others, rowvar=False)
    assert found.loc[("cronbach_alpha_if_deleted", "q1"), "value"] == pytest.approx(
        3 / 2 * (1 - np.trace(rest) / rest.sum()), abs=1e-12
    )


def test_two_items_have_spearman_brown_and_no_alpha_without_one_of_them() -> None:
    rows = drawn(150, 2, seed=2)
    found = figures(scale_patterns(rows))
    correlation = np.corrcoef(np.array(rows), rowvar=False)[0, 1]
    spearman_brown = found.loc[("spearman_brown", "trust")]
    assert spearman_brown["value"] == pytest.approx(2 * correlation / (1 + correlation), abs=1e-12)
    z, margin = np.arctanh(correlation), 1.959964 / np.sqrt(147)
    low, high = np.tanh(z - margin), np.tanh(z + margin)
    assert (spearman_brown["ci_low"], spearman_brown["ci_high"]) == pytest.approx(
        (2 * low / (1 + low), 2 * high / (1 + high)), abs=1e-6
    )
    assert found.loc[("cronbach_alpha_if_deleted", "q1"), "suppression_reason"] == "too_few_items"
    assert found.loc[("item_total_correlation", "q1"), "value"] == pytest.approx(correlation, abs=1e-12)


def test_one_item_is_no_scale() -> None:
    found = figures(scale_patterns([(score,) for score in (1, 2, 3, 4, 5) * 5]))
    assert found["value"].isna().all()
    assert set(found["suppression_reason"]) == {"too_few_items"}


def test_a_scale_that_nobody_varies_on_has_no_alpha() -> None:
    found = figures(scale_patterns([(4, 4, 4)] * 20)).drop("straight_lining_share")
    assert found["value"].isna().all()
    assert set(found["suppression_reason"]) == {"no_variance"}


def test_a_total_that_does_not_vary_has_no_alpha_though_its_items_do() -> None:
    found = figures(scale_patterns([(1, 5), (5, 1), (2, 4), (4, 2)] * 5))
    assert found.loc[("cronbach_alpha", "trust"), "suppression_reason"] == "no_variance"
    assert found.loc[("spearman_brown", "trust"), "suppression_reason"] == "no_variance"
    assert found.loc[("item_total_correlation", "q1"), "value"] == pytest.approx(-1)


def test_a_negative_alpha_is_said() -> None:
    found = figures(scale_patterns([(1, 5), (5, 1), (2, 4), (4, 3), (5, 2), (2, 5)] * 10))
    alpha = found.loc[("cronbach_alpha", "trust")]
    assert alpha["value"] < -1
    assert alpha["ci_low"] < alpha["value"] < alpha["ci_high"]


def test_incomplete_answers_count_in_the_pairwise_alpha_alone() -> None:
    rows: list[Row] = [*drawn(300, 3, seed=3), *[(5, 5, None), (1, None, 1)] * 20]
    found = figures(scale_patterns(rows))
    complete = figures(scale_patterns(drawn(300, 3, seed=3)))
    alpha, pairwise = found.loc[("cronbach_alpha", "trust")], found.loc[("cronbach_alpha_pairwise", "trust")]
    assert (alpha["n"], alpha["value"]) == (300, complete.loc[("cronbach_alpha", "trust"), "value"])
    frame = pd.DataFrame(rows, dtype=float)
    covariance = frame.cov().to_numpy()
    assert pairwise["value"] == pytest.approx(
        3 / 2 * (1 - np.trace(covariance) / covariance.sum()), abs=1e-12
    )
    # The fewest respondents of a pair: items two and three were both answered by the complete ones alone.
    assert pairwise["n"] == 300


def test_nobody_complete_is_null_with_a_reason_while_pairs_have_their_alpha() -> None:
    rows: list[Row] = [(1, 2, None), (4, 5, None), (None, 2, 1), (None, 4, 5), (2, None, 2), (5, None, 4)] * 5
    found = figures(scale_patterns(rows))
    assert found.loc[("cronbach_alpha", "trust"), "suppression_reason"] == "no_observations"
    assert found.loc[("cronbach_alpha_pairwise", "trust"), "value"] > 0.9


def test_few_respondents_are_not_told_of() -> None:
    found = figures(scale_patterns(drawn(9, 3, seed=4)), Definitions())
    assert found["value"].isna().all()
    assert found["ci_low"].isna().all()
    assert set(found["suppression_reason"]) == {"below_min_disclosed_n"}


def test_the_standard_error_is_the_spread_of_alpha_over_samples_and_so_is_the_bootstraps() -> None:
    samples = pd.concat(
        scale_patterns(drawn(400, 3, seed), segment_name="sample", segment_value=f"{seed:02}")
        for seed in range(60)
    )
    rows = reliability(pd.concat([scale_patterns(drawn(400, 3, 0)), samples]), AS_OF, SMALL)
    alphas = rows.loc[(rows["metric"] == "cronbach_alpha") & (rows["segment_name"] == "sample")]
    # 60 samples know a standard deviation to about 9 %.
    assert alphas["std_error"].mean() == pytest.approx(alphas["value"].std(), rel=0.3)
    [boot] = rows.loc[rows["metric"] == "cronbach_alpha_bootstrap"].to_dict("records")
    assert boot["std_error"] == pytest.approx(alphas["std_error"].iloc[0], rel=0.15)
    assert boot["ci_low"] < boot["value"] < boot["ci_high"]
    assert boot["ci_method"] == "bootstrap"


def test_the_bootstrap_is_for_all_customers_alone() -> None:
    patterns = pd.concat(
        [
            scale_patterns(drawn(60, 3, seed=5)),
            scale_patterns(drawn(60, 3, seed=5), segment_name="country", segment_value="de"),
        ]
    )
    rows = reliability(patterns, AS_OF, SMALL)
    assert (rows["metric"] == "cronbach_alpha").sum() == 2
    assert rows.loc[rows["metric"] == "cronbach_alpha_bootstrap", "segment_name"].tolist() == ["all"]


def test_neither_the_order_of_rows_nor_other_scales_matter() -> None:
    one, other = (
        scale_patterns(drawn(120, 3, seed=6, missing=0.1)),
        scale_patterns(drawn(90, 2, seed=7), scale_name="x"),
    )
    shuffled = reliability(pd.concat([one, other]).sample(frac=1, random_state=3), AS_OF, SMALL)
    alone = reliability(one, AS_OF, SMALL)
    of_scale = shuffled.loc[shuffled["item"] == "trust"].reset_index(drop=True)
    pd.testing.assert_frame_equal(of_scale, alone.loc[alone["item"] == "trust"].reset_index(drop=True))


def test_twice_the_respondents_shrink_the_error_by_the_square_root_of_two() -> None:
    rows = drawn(500, 3, seed=8)
    once, twice = figures(scale_patterns(rows)), figures(scale_patterns(rows * 2))
    alpha = ("cronbach_alpha", "trust")
    assert once.loc[alpha, "std_error"] / twice.loc[alpha, "std_error"] == pytest.approx(np.sqrt(2), rel=0.01)


def test_a_pattern_of_another_length_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"1 of 1 patterns of marts\.scale_patterns have not one score for each"
    ):
        reliability(scale_patterns([(1, 2, 3)], items="q1,q2"), AS_OF, SMALL)


def test_no_scale_at_all_is_no_row() -> None:
    assert len(reliability(scale_patterns([(1, 2)]).iloc[:0], AS_OF, SMALL)) == 0
