"""Shares of R2: sums, independence, copies of a predictor, indefinite matrices, many predictors."""

from itertools import permutations

import numpy as np
import pytest

from pipelines.metrics.surveys import relative_importance as module
from pipelines.metrics.surveys.relative_importance import has_importance, relative_importance


def correlation_of(predictors: int, seed: int, respondents: int = 200) -> np.ndarray:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(respondents, predictors + 1)) @ random.normal(
        size=(predictors + 1, predictors + 1)
    )
    return np.corrcoef(rows, rowvar=False)[None]


def r_squared(correlation: np.ndarray, chosen: list[int]) -> float:
    if not chosen:
        return 0.0
    own, outcome = correlation[np.ix_(chosen, chosen)], correlation[chosen, 0]
    return float(outcome @ np.linalg.solve(own, outcome))


def test_lmg_is_the_average_gain_over_all_orderings() -> None:
    correlation = correlation_of(4, seed=1)
    gains = np.zeros(4)
    orderings = list(permutations(range(1, 5)))
    for order in orderings:
        for place, predictor in enumerate(order):
            before = list(order[:place])
            gains[predictor - 1] += r_squared(correlation[0], [*before, predictor]) - r_squared(
                correlation[0], before
            )
    assert relative_importance(correlation).lmg[0] == pytest.approx(gains / len(orderings), abs=1e-12)


@pytest.mark.parametrize("predictors", [1, 2, 6, 15])
def test_both_sum_to_r_squared(predictors: int) -> None:
    correlation = correlation_of(predictors, seed=predictors)
    found = relative_importance(correlation)
    whole = r_squared(correlation[0], list(range(1, predictors + 1)))
    assert found.r_squared[0] == pytest.approx(whole, abs=1e-10)
    assert found.lmg.sum() == pytest.approx(whole, abs=1e-10)
    assert found.johnson.sum() == pytest.approx(whole, abs=1e-10)
    assert (found.lmg >= 0).all()
    assert (found.johnson >= 0).all()


def test_uncorrelated_predictors_have_their_squared_correlations() -> None:
    correlation = np.eye(4)[None].copy()
    correlation[0, 0, 1:] = correlation[0, 1:, 0] = (0.5, -0.3, 0.0)
    found = relative_importance(correlation)
    assert found.lmg[0] == pytest.approx([0.25, 0.09, 0], abs=1e-14)
    assert found.johnson[0] == pytest.approx([0.25, 0.09, 0], abs=1e-14)


def test_sampled_orderings_come_close_to_all_of_them() -> None:
    correlation = correlation_of(15, seed=9)
    exact = relative_importance(correlation)
    sampled = module._sampled_lmg(correlation)
    assert sampled.sum() == pytest.approx(exact.r_squared[0], abs=1e-10)
    assert sampled == pytest.approx(exact.lmg, abs=0.01)


def test_more_than_fifteen_predictors_are_sampled_and_still_sum_to_r_squared() -> None:
    correlation = correlation_of(18, seed=2)
    found = relative_importance(correlation)
    assert found.lmg.sum() == pytest.approx(r_squared(correlation[0], list(range(1, 19))), abs=1e-10)
    again = relative_importance(correlation)
    assert (found.lmg == again.lmg).all()


def test_a_predictor_and_its_copy_are_refused() -> None:
    correlation = np.array([[[1, 0.5, 0.5], [0.5, 1, 1], [0.5, 1, 1]]])
    assert not has_importance(correlation).any()
    assert np.isnan(relative_importance(correlation).lmg).all()


def test_an_indefinite_matrix_of_pairs_is_refused_also_where_only_the_outcome_makes_it_so() -> None:
    among_predictors = np.array(
        [[1, 0.2, 0.2, 0.2], [0.2, 1, 0.9, -0.9], [0.2, 0.9, 1, 0.9], [0.2, -0.9, 0.9, 1]]
    )
    with_outcome = np.array([[1, 0.9, -0.9], [0.9, 1, 0.5], [-0.9, 0.5, 1]])
    assert not has_importance(among_predictors[None]).any()
    assert not has_importance(with_outcome[None]).any()


def test_an_undefined_correlation_takes_only_its_own_matrix_away() -> None:
    sound = correlation_of(3, seed=5)
    broken = sound.copy()
    broken[0, 1, 2] = np.nan
    found = relative_importance(np.concatenate([sound, broken]))
    assert np.isfinite(found.lmg[0]).all()
    assert np.isnan(found.lmg[1]).all()


def test_an_outcome_that_is_explained_wholly_has_an_r_squared_of_one() -> None:
    random = np.random.default_rng(3)
    predictors = random.normal(size=(50, 2))
    rows = np.column_stack([predictors.sum(axis=1), predictors])
    found = relative_importance(np.corrcoef(rows, rowvar=False)[None])
    assert found.r_squared[0] == pytest.approx(1, abs=1e-10)
