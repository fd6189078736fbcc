"""Relative importance of correlated predictors: which share of R2 belongs to each.

Here are LMG and Johnson's weights from correlation matrices, and when a matrix has none. Where the matrices come
from, intervals and publication must stay out.
"""

from math import comb
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipelines.metrics.intervals import Floats

MOST_EXACT_PREDICTORS = 15
# 2^15 models of the subsets take a blink; beyond it orderings are sampled (catalogue 3.16).

SAMPLED_ORDERINGS = 500
# Each with its reverse, so a thousand in all: a share of R2 is then off by 0.005 at most, in trials with 15 and 16.

ORDERINGS_SEED = 20060
# The same orderings for every matrix: replicates of a bootstrap then differ by their data alone.

MODELS_AT_ONCE = 2_000_000
# Subset models of several matrices that lie in memory together: about 100 MB at the widest step.

LOWEST_EIGENVALUE = 1e-8
# Below it predictors are copies of each other up to rounding, or the matrix is no correlation matrix at all.


class Importance(NamedTuple):
    """One row per matrix; each row of `lmg` and of `johnson` sums to its `r_squared`."""

    lmg: Floats
    johnson: Floats
    r_squared: Floats


def has_importance(correlation: Floats) -> npt.NDArray[np.bool_]:
    """Which matrices (outcome first) are those of predictors that vary and do not repeat each other.

    A matrix put together from pairs of variables, each with respondents of its own, may be indefinite: it belongs to
    no data at all, and R2 may exceed 1.
    """
    complete = np.asarray(np.isfinite(correlation).all(axis=(-2, -1)))
    safe = np.where(complete[:, None, None], correlation, np.eye(correlation.shape[-1]))
    predictors = np.linalg.eigvalsh(safe[:, 1:, 1:])[:, 0]
    everything = np.linalg.eigvalsh(safe)[:, 0]
    found: npt.NDArray[np.bool_] = (
        complete & (predictors > LOWEST_EIGENVALUE) & (everything > -LOWEST_EIGENVALUE)
    )
    return found


def relative_importance(correlation: Floats) -> Importance:
    """LMG and Johnson's relative weights of every predictor.

    Meaning: how much of what the predictors explain together each of them explains; correlation, not cause.
    Formula: LMG_j = average over all orderings of the gain in R2 when j enters
        = sum over subsets S without j of |S|! (p - |S| - 1)! / p! [R2(S + j) - R2(S)]. Johnson: with Lambda the
        symmetric square root of the predictors' correlations R, beta = Lambda^-1 r, weight_j = sum_k Lambda_jk^2
        beta_k^2. Both sum to R2 = r' R^-1 r.
    Input: `correlation`, matrices (number, 1 + p, 1 + p), the outcome first.
    Output: `Importance`, one row per matrix, one column per predictor; nan for a matrix that has none.
    Left out: matrices with an undefined, indefinite or singular correlation, see `has_importance`.
    Known drawbacks: a predictor without any effect has a share where it correlates with one that has an effect.
        Above 15 predictors LMG is the average of a thousand sampled orderings, the same ones always.
    Raises: nothing.
    Source: Lindeman, Merenda & Gold 1980; Grömping 2006, Journal of Statistical Software 17(1), sections 2 and 3;
        Johnson 2000, Multivariate Behavioral Research 35(1), 1-19; Genizi 1993; catalogue 3.16.
    """
    matrix_count, p = correlation.shape[0], correlation.shape[-1] - 1
    found = Importance(
        np.full((matrix_count, p), np.nan), np.full((matrix_count, p), np.nan), np.full(matrix_count, np.nan)
    )
    usable = np.flatnonzero(has_importance(correlation))
    at_once = max(1, MODELS_AT_ONCE >> min(p, MOST_EXACT_PREDICTORS))
    for start in range(0, len(usable), at_once):
        some = usable[start : start + at_once]
        lmg = _lmg(correlation[some]) if p <= MOST_EXACT_PREDICTORS else _sampled_lmg(correlation[some])
        found.lmg[some], found.r_squared[some] = lmg, lmg.sum(axis=1)
        found.johnson[some] = _johnson(correlation[some])
    return found


def subset_r_squared(correlation: Floats) -> Floats:
    """R2 of every subset of the predictors: axis 0 the matrices, then one axis of length 2 (without, with) each.

    One predictor after the other is swept out, of all subsets at once; what remains of the outcome is 1 - R2.
    """
    matrix_count, p = correlation.shape[0], correlation.shape[-1] - 1
    order = [*range(1, p + 1), 0]
    left = correlation[:, order][:, :, order][:, None]
    for _ in range(p):
        rest, column = left[..., 1:, 1:], left[..., 1:, 0]
        swept = rest - column[..., :, None] * column[..., None, :] / left[..., 0, 0][..., None, None]
        left = np.stack([rest, swept], axis=2).reshape(matrix_count, -1, *rest.shape[-2:])
    return 1 - left.reshape(matrix_count, *[2] * p)


def _lmg(correlation: Floats) -> Floats:
    p = correlation.shape[-1] - 1
    r_squared = subset_r_squared(correlation)
    others = np.array([subset.bit_count() for subset in range(2 ** (p - 1))])
    # |S|! (p - |S| - 1)! / p!
    weight = np.array([1 / (p * comb(p - 1, size)) for size in range(p)])[others]
    gains = [np.diff(r_squared, axis=1 + j).reshape(len(correlation), -1) @ weight for j in range(p)]
    return np.stack(gains, axis=1)


def _sampled_lmg(correlation: Floats) -> Floats:
    """Of each ordering the squared elements of L^-1 r are the gains, L the Cholesky factor in that order."""
    p = correlation.shape[-1] - 1
    random = np.random.default_rng(ORDERINGS_SEED)
    total = np.zeros((len(correlation), p))
    for _ in range(SAMPLED_ORDERINGS):
        drawn = random.permutation(p) + 1
        for order in (drawn, drawn[::-1]):
            factor = np.linalg.cholesky(correlation[:, order][:, :, order])
            scores = np.linalg.solve(factor, correlation[:, order, :1])[..., 0]
            total[:, order - 1] += scores**2
    return total / (2 * SAMPLED_ORDERINGS)


def _johnson(correlation: Floats) -> Floats:
    values, vectors = np.linalg.eigh(correlation[:, 1:, 1:])
    root = (vectors * np.sqrt(values)[:, None, :]) @ vectors.swapaxes(1, 2)
    beta = np.linalg.solve(root, correlation[:, 1:, :1])
    weights: Floats = (root**2 @ beta**2)[..., 0]
    return weights
