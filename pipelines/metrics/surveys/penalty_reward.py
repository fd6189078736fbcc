"""Penalty-reward contrast analysis: what a bad and what a good experience with an attribute do to satisfaction.

Here are the regression on pattern counts and the rule that makes a class of two coefficients. Where the patterns
come from, bootstrap and publication must stay out.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from pipelines.metrics.intervals import Counts, Floats, Interval, require_ci_level
from pipelines.metrics.surveys.patterns import products

NOT_ESTIMABLE = "not_estimable"
CLASSES = ("basic", "performance", "excitement", "indifferent", "uncertain", "inconsistent", NOT_ESTIMABLE)

FEWEST_LOW_OR_HIGH = 30
# Catalogue 3.15: a contrast with fewer answers at one end is noise.

BOX_SHARE = 0.4
# Of a scale's points at either end, rounded down: 1-2 and 4-5 of 1 to 5, 1-2 and 6-7 of 1 to 7, 0-3 and 7-10 of 0 to
# 10. Even on both sides, since an uneven cut makes a penalty or a reward of a straight line.

EXACT = 1e-9
# Below it a standard error is rounding: the data fit without any error, and a coefficient is judged by its size.

LOWEST_EIGENVALUE = 1e-10
# Of the dummies' products, scaled to a diagonal of 1: below it some attributes are answered alike by everybody.


class Dummies(NamedTuple):
    """What the regression is made of: one row per pattern."""

    design: Floats
    # Ones, then low and high of every attribute in turn.
    is_used: npt.NDArray[np.bool_]
    # Per column of the design: whether it can enter.
    is_estimable: npt.NDArray[np.bool_]
    # Per attribute.
    low_count: Counts
    high_count: Counts


class Contrast(NamedTuple):
    """A coefficient, or the sum of two, per attribute; `sign` is 1 or -1 where it is significant, else 0."""

    value: Floats
    std_error: Floats
    interval: Interval
    sign: npt.NDArray[np.int64]


class PenaltyReward(NamedTuple):
    """The analysis of one period, one element per attribute; nan and not_estimable where there is none."""

    penalty: Contrast
    reward: Contrast
    net: Contrast
    p_value: Floats
    # That penalty and reward are both 0.
    asymmetry: Floats
    classes: npt.NDArray[np.object_]


def dummies(scores: Floats, lows: Counts, highs: Counts, counts: Counts) -> Dummies:
    """Low and high box of every attribute as columns, and which of them can be estimated.

    An attribute without 30 low, 30 high and at least one middle answer is not estimable; what it has of them stays
    in the regression, so that the others are not charged with its effect.
    """
    box = np.maximum(1, np.floor(BOX_SHARE * (highs - lows + 1)))
    is_low, is_high = scores < lows + box, scores > highs - box
    low_count, high_count = (counts @ is_end for is_end in (is_low, is_high))
    total = counts.sum()
    has_middle = low_count + high_count < total
    design = np.ones((len(scores), 1 + 2 * scores.shape[1]))
    design[:, 1::2], design[:, 2::2] = is_low, is_high
    is_used = np.ones(design.shape[1], dtype=bool)
    is_used[1::2] = (low_count > 0) & has_middle
    is_used[2::2] = (high_count > 0) & (high_count < total)
    enough = (low_count >= FEWEST_LOW_OR_HIGH) & (high_count >= FEWEST_LOW_OR_HIGH)
    is_determined = bool(_are_determined(products(design[:, is_used], counts))[0])
    return Dummies(design, is_used, enough & has_middle & is_determined, low_count, high_count)


def penalty_reward(made: Dummies, satisfaction: Floats, counts: Counts, ci_level: float) -> PenaltyReward:
    """Penalty, reward and class of every attribute.

    Meaning: what takes satisfaction down when it is bad and adds nothing when it is good is taken for granted
        (basic); what does as much either way pays in proportion (performance); what only adds delights (excitement).
    Formula: least squares of overall satisfaction on low and high dummies of all attributes jointly, the middle
        being the reference: penalty p of low, reward r of high; HC3 errors, quantiles of t(n - k). First, F test that
        p = r = 0: where it does not reject, indifferent. Then a wrong sign (p > 0 or r < 0), significant or, without
        any error, beyond 1e-9: inconsistent. Else by the interval of r + p: above 0 excitement, below 0 basic,
        covering 0 with both significant performance, otherwise uncertain. Asymmetry = (r - |p|) / (r + |p|), with 0
        for a wrong sign that is not significant.
    Input: `made`, from `dummies`; `satisfaction`, one score per pattern, high is good; `counts`, respondents of each
        pattern (frequencies: every figure is that of one row per respondent).
    Output: `PenaltyReward`, one element per attribute.
    Left out: attributes that are not estimable, see `dummies`; classes not_estimable.
    Known drawbacks: satisfaction is taken as a number. Within a box scores differ, so a straight line over a skewed
        scale is not quite symmetric. Correlation, not cause.
    Raises: ValueError for a ci_level below 0.90.
    Source: Brandt 1987; Matzler et al. 2004, Industrial Marketing Management 33, 271-277; Mikulic & Prebezac 2008;
        HC3: MacKinnon & White 1985; catalogue 3.15.
    """
    coefficients, covariance, freedom = _least_squares(made, satisfaction, counts)
    quantile = float(stats.t.ppf(0.5 + require_ci_level(ci_level) / 2, max(freedom, 1)))
    variance = np.diag(covariance)
    low, high = slice(1, None, 2), slice(2, None, 2)
    both = np.diag(covariance, 1)[1::2]
    penalty = _contrast(coefficients[low], variance[low], quantile)
    reward = _contrast(coefficients[high], variance[high], quantile)
    net = _contrast(
        coefficients[low] + coefficients[high], variance[low] + variance[high] + 2 * both, quantile
    )
    p_value = _p_of_no_effect(coefficients, covariance, freedom)
    classes = np.array(
        [
            effect_class(*signs, has_effect=p <= 1 - ci_level) if np.isfinite(p) else NOT_ESTIMABLE
            for *signs, p in zip(penalty.sign, reward.sign, net.sign, p_value, strict=True)
        ],
        dtype=object,
    )
    index = np.where(classes == "inconsistent", np.nan, asymmetry(penalty.value, reward.value))
    return PenaltyReward(penalty, reward, net, p_value, index, classes)


def effect_class(penalty_sign: int, reward_sign: int, net_sign: int, *, has_effect: bool) -> str:
    """The one rule; signs are 0 where a figure is not significant."""
    if not has_effect:
        return "indifferent"
    if penalty_sign > 0 or reward_sign < 0:
        return "inconsistent"
    if net_sign != 0:
        return "excitement" if net_sign > 0 else "basic"
    return "performance" if penalty_sign and reward_sign else "uncertain"


def asymmetry(penalty: Floats, reward: Floats) -> Floats:
    """(r - |p|) / (r + |p|) within -1 and 1, a wrong sign counting as 0; nan where both are 0."""
    loss, gain = np.maximum(-penalty, 0), np.maximum(reward, 0)
    total = loss + gain
    index: Floats = np.divide(gain - loss, total, out=np.full_like(total, np.nan), where=total > EXACT)
    return index


def redrawn_asymmetry(cross_products: Floats, made: Dummies) -> Floats:
    """The asymmetry in every replicate, from the `products` of design and satisfaction (the last column).

    nan where a replicate cannot be estimated.
    """
    used = np.flatnonzero(made.is_used)
    matrix, right = cross_products[:, used][:, :, used], cross_products[:, used, -1:]
    is_sound = _are_determined(matrix)
    coefficients = np.full((len(matrix), made.design.shape[1]), np.nan)
    solved = np.linalg.solve(matrix[is_sound], right[is_sound])[..., 0]
    coefficients[np.ix_(np.flatnonzero(is_sound), used)] = solved
    found = asymmetry(coefficients[:, 1::2], coefficients[:, 2::2])
    return np.where(made.is_estimable, found, np.nan)


def _are_determined(matrices: Floats) -> npt.NDArray[np.bool_]:
    """Where no column is a combination of others, and there are more respondents than columns."""
    scale = np.sqrt(np.diagonal(matrices, axis1=1, axis2=2))
    is_filled = (scale > 0).all(axis=1) & (matrices[:, 0, 0] > matrices.shape[1])
    scale = np.where(is_filled[:, None], scale, 1.0)
    lowest = np.linalg.eigvalsh(matrices / (scale[:, :, None] * scale[:, None, :]))[:, 0]
    found: npt.NDArray[np.bool_] = is_filled & (lowest > LOWEST_EIGENVALUE)
    return found


def _least_squares(made: Dummies, satisfaction: Floats, counts: Counts) -> tuple[Floats, Floats, int]:
    """Coefficients and their HC3 covariance over all columns (nan where not used), and degrees of freedom.

    A respondent whom a column of their own fits exactly (leverage 1) tells nothing of the other columns.
    """
    width = made.design.shape[1]
    coefficients, covariance = np.full(width, np.nan), np.full((width, width), np.nan)
    freedom = int(counts.sum()) - int(made.is_used.sum())
    if not made.is_estimable.any():
        return coefficients, covariance, freedom
    used = made.design[:, made.is_used]
    inverse = np.linalg.inv(products(used, counts)[0])
    solved = inverse @ (used.T @ (counts * satisfaction))
    residual = satisfaction - used @ solved
    unexplained = 1 - np.einsum("ij,jk,ik->i", used, inverse, used)
    inflated = np.divide(residual, unexplained, out=np.zeros_like(residual), where=unexplained > EXACT)
    meat = products(used * inflated[:, None], counts)[0]
    said = np.concatenate([[True], np.repeat(made.is_estimable, 2)])[made.is_used]
    coefficients[made.is_used] = np.where(said, solved, np.nan)
    covariance[np.ix_(made.is_used, made.is_used)] = inverse @ meat @ inverse
    return coefficients, covariance, freedom


def _contrast(value: Floats, variance: Floats, quantile: float) -> Contrast:
    std_error = np.sqrt(np.maximum(variance, 0))
    margin = np.where(std_error < EXACT, EXACT, quantile * std_error)
    sign = np.where(np.abs(value) > margin, np.sign(value), 0).astype(np.int64)
    return Contrast(
        value, std_error, Interval(value - quantile * std_error, value + quantile * std_error), sign
    )


def _p_of_no_effect(coefficients: Floats, covariance: Floats, freedom: int) -> Floats:
    """Per attribute, p of the F test that both coefficients are 0; without any error 0 or 1, by their size."""
    found = np.full(len(coefficients) // 2, np.nan)
    for attribute in range(len(found)):
        pair = [1 + 2 * attribute, 2 + 2 * attribute]
        effect, variance = coefficients[pair], covariance[np.ix_(pair, pair)]
        if np.isnan(effect).any():
            continue
        if np.sqrt(np.diag(variance).max()) < EXACT:
            found[attribute] = float(np.abs(effect).max() <= EXACT)
        else:
            statistic = effect @ np.linalg.pinv(variance, hermitian=True) @ effect / 2
            found[attribute] = stats.f.sf(statistic, 2, freedom)
    return found
