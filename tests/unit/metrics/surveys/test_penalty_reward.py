"""Contrasts on pattern counts: frequencies, boxes, the one rule, what cannot be estimated."""

import numpy as np
import pytest
import statsmodels.api as sm

from pipelines.metrics.surveys.penalty_reward import (
    Dummies,
    PenaltyReward,
    asymmetry,
    dummies,
    effect_class,
    penalty_reward,
)


def made_of(scores: np.ndarray, counts: np.ndarray, low: int = 1, high: int = 5) -> Dummies:
    width = scores.shape[1]
    return dummies(scores, np.full(width, low), np.full(width, high), counts)


def patterns(
    respondents: int, seed: int, effects: list[tuple[float, float]]
) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows of satisfaction and attributes with how often each came."""
    random = np.random.default_rng(seed)
    attributes = random.integers(1, 6, size=(respondents, len(effects)))
    mean = 3 + sum(
        np.select([attributes[:, j] <= 2, attributes[:, j] >= 4], effects[j]) for j in range(len(effects))
    )
    satisfaction = 1 + random.binomial(4, np.clip((mean - 1) / 4, 0, 1))
    found, counts = np.unique(np.column_stack([satisfaction, attributes]), axis=0, return_counts=True)
    return found.astype(float), counts


def analysed(found: np.ndarray, counts: np.ndarray) -> PenaltyReward:
    return penalty_reward(made_of(found[:, 1:], counts), found[:, 0], counts, 0.95)


def test_counts_are_frequencies_so_that_all_is_as_on_one_row_per_respondent() -> None:
    found, counts = patterns(900, seed=1, effects=[(-0.7, 0.0), (0.0, 0.5)])
    made = made_of(found[:, 1:], counts)
    result = analysed(found, counts)
    fit = sm.OLS(np.repeat(found[:, 0], counts), np.repeat(made.design, counts, axis=0)).fit(
        cov_type="HC3", use_t=True
    )
    interval = fit.conf_int(0.05)
    for contrast, columns in ((result.penalty, [1, 3]), (result.reward, [2, 4])):
        assert contrast.value == pytest.approx(fit.params[columns], abs=1e-12)
        assert contrast.std_error == pytest.approx(fit.bse[columns], abs=1e-12)
        assert contrast.interval.low == pytest.approx(interval[columns, 0], abs=1e-10)
        assert contrast.interval.high == pytest.approx(interval[columns, 1], abs=1e-10)
    sums = [fit.t_test(np.eye(5)[low] + np.eye(5)[low + 1]) for low in (1, 3)]
    assert result.net.std_error == pytest.approx([float(test.sd.item()) for test in sums], abs=1e-12)
    tests = [fit.f_test(np.eye(5)[[low, low + 1]]) for low in (1, 3)]
    assert result.p_value == pytest.approx([float(test.pvalue) for test in tests], abs=1e-10)


@pytest.mark.parametrize(
    ("low", "high", "last_low", "first_high"),
    [(1, 3, 1, 3), (1, 4, 1, 4), (1, 5, 2, 4), (1, 6, 2, 5), (1, 7, 2, 6), (1, 10, 4, 7), (0, 10, 3, 7)],
)
def test_boxes_are_two_fifths_of_the_scale_at_either_end(
    low: int, high: int, last_low: int, first_high: int
) -> None:
    scores = np.arange(low, high + 1, dtype=float)[:, None]
    made = made_of(scores, np.full(len(scores), 50), low, high)
    assert scores[made.design[:, 1] == 1, 0].max() == last_low
    assert scores[made.design[:, 2] == 1, 0].min() == first_high


def test_a_straight_line_over_an_even_scale_is_performance() -> None:
    scores = np.repeat(np.arange(0, 11), 5).astype(float)[:, None]
    noise = np.tile([-0.2, -0.1, 0.0, 0.1, 0.2], 11)
    counts = np.full(len(scores), 10)
    found = penalty_reward(made_of(scores, counts, 0, 10), 1 + 0.3 * scores[:, 0] + noise, counts, 0.95)
    assert found.classes.tolist() == ["performance"]
    assert found.asymmetry == pytest.approx([0], abs=1e-12)


@pytest.mark.parametrize(
    ("penalty", "reward", "net", "expected"),
    [
        (-1, 0, -1, "basic"),
        (-1, 1, -1, "basic"),
        (0, 1, 1, "excitement"),
        (-1, 1, 0, "performance"),
        (-1, 0, 0, "uncertain"),
        (0, 1, 0, "uncertain"),
        (0, 0, 0, "uncertain"),
        (1, 1, 1, "inconsistent"),
        (-1, -1, -1, "inconsistent"),
    ],
)
def test_one_rule_makes_the_class(penalty: int, reward: int, net: int, expected: str) -> None:
    assert effect_class(penalty, reward, net, has_effect=True) == expected
    assert effect_class(penalty, reward, net, has_effect=False) == "indifferent"


def test_a_wrong_sign_counts_when_it_is_significant_or_exact() -> None:
    scores = np.array([[1.0], [3.0], [5.0]])
    counts = np.full(3, 40)
    exact = penalty_reward(made_of(scores, counts), np.array([3 + 1e-6, 3.0, 4.0]), counts, 0.95)
    assert exact.classes.tolist() == ["inconsistent"]
    assert np.isnan(exact.asymmetry).all()
    rounding = penalty_reward(made_of(scores, counts), np.array([3 + 1e-12, 3.0, 4.0]), counts, 0.95)
    assert rounding.classes.tolist() == ["excitement"]
    twice, satisfaction = np.repeat(scores, 2, axis=0), np.array([2.05, 4.05, 2.0, 4.0, 3.0, 5.0])
    by_chance = penalty_reward(made_of(twice, np.full(6, 40)), satisfaction, np.full(6, 40), 0.95)
    assert by_chance.penalty.value[0] == pytest.approx(0.05)
    assert by_chance.penalty.interval.low[0] < 0
    assert by_chance.classes.tolist() == ["excitement"]
    assert by_chance.asymmetry.tolist() == [1.0]


def test_an_exact_attribute_without_effect_is_indifferent() -> None:
    scores = np.array([[1.0], [3.0], [5.0]])
    found = penalty_reward(made_of(scores, np.full(3, 40)), np.array([4.0, 4.0, 4.0]), np.full(3, 40), 0.95)
    assert found.classes.tolist() == ["indifferent"]
    assert np.isnan(found.asymmetry).all()


def test_fewer_than_thirty_low_answers_are_not_estimable_and_the_others_stay() -> None:
    found, counts = patterns(900, seed=2, effects=[(-0.7, 0.0), (-0.4, 0.4)])
    # Of the first attribute's low answers 29 stay.
    is_low = found[:, 1] <= 2
    keep = ~is_low | (np.cumsum(counts * is_low) <= 29)
    result = analysed(found[keep], counts[keep])
    assert result.classes[0] == "not_estimable"
    assert np.isnan(result.penalty.value[0])
    assert result.classes[1] == "performance"


def test_an_attribute_without_middle_answers_is_not_estimable() -> None:
    scores = np.repeat([[0.0], [1.0]], 2, axis=0)
    counts = np.full(4, 50)
    found = penalty_reward(made_of(scores, counts, 0, 1), np.array([1.0, 2.0, 4.0, 5.0]), counts, 0.95)
    assert found.classes.tolist() == ["not_estimable"]


def test_attributes_that_are_answered_alike_are_not_estimable() -> None:
    scores = np.repeat(np.arange(1, 6)[:, None], 2, axis=1).astype(float)
    counts = np.full(5, 50)
    found = penalty_reward(made_of(scores, counts), np.arange(1.0, 6.0), counts, 0.95)
    assert found.classes.tolist() == ["not_estimable", "not_estimable"]


def test_asymmetry_stays_within_its_bounds() -> None:
    penalty, reward = np.array([-1.0, -0.6, 0.2, 0.1, 0.0]), np.array([-0.1, 0.6, 0.5, -0.1, 0.0])
    assert asymmetry(penalty, reward)[:3].tolist() == [-1.0, 0.0, 1.0]
    assert np.isnan(asymmetry(penalty, reward)[3:]).all()
