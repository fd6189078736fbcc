"""The drawn responses follow the stated answer model."""

import numpy as np
import pytest
import statsmodels.api as sm

from pipelines.demo.company import LINDE
from pipelines.demo.home import Draw
from pipelines.demo.survey import ANONYMOUS, MISSING


def test_penalties_and_rewards_of_the_drivers_are_recovered_by_regression(large_draw: Draw) -> None:
    waves = large_draw.waves
    names = [driver.name for driver in LINDE.drivers]
    scores = {
        item: np.concatenate([wave.scores[item] for wave in waves]) for item in ("satisfaction", *names)
    }
    answered = np.all([column != MISSING for column in scores.values()], axis=0)
    dummies = [(scores[name] <= 2, scores[name] >= 4) for name in names]
    design = np.column_stack([np.ones(answered.size), *(dummy for pair in dummies for dummy in pair)])
    fit = sm.OLS(scores["satisfaction"][answered], design[answered].astype(float)).fit(cov_type="HC3")
    stated = [effect for driver in LINDE.drivers for effect in (driver.low_effect, driver.high_effect)]
    # The mean of satisfaction is additive by construction, so the coefficients are unbiased.
    assert np.all(np.abs(fit.params[1:] - stated) < 4 * fit.bse[1:])


def test_some_customers_answer_both_waves_and_some_twice_in_one(large_draw: Draw) -> None:
    first, second = (wave.customers[wave.customers != ANONYMOUS] for wave in large_draw.waves)
    both = np.intersect1d(first, second)
    assert both.size / np.unique(first).size > 0.2
    twice = first.size - np.unique(first).size
    assert twice / np.unique(first).size == pytest.approx(LINDE.responding.twice_share, rel=0.3)


def test_missing_and_anonymous_responses_come_in_the_stated_shares(large_draw: Draw) -> None:
    wave = large_draw.waves[1]
    assert (wave.customers == ANONYMOUS).mean() == pytest.approx(LINDE.responding.anonymous_share, abs=0.006)
    assert (wave.scores["recommend"] == MISSING).mean() == pytest.approx(0.02, abs=0.005)
    assert (wave.scores["service"] == MISSING).mean() == pytest.approx(0.10, abs=0.01)


def test_reasons_depend_on_the_class_as_stated(large_draw: Draw) -> None:
    wave = large_draw.waves[1]
    recommend = wave.scores["recommend"]
    for reason, (by_detractors, _, by_promoters) in LINDE.reason_shares.items():
        chosen = wave.reasons[reason]
        assert chosen[recommend >= 9].mean() == pytest.approx(by_promoters, abs=0.02)
        assert chosen[(recommend >= 0) & (recommend <= 6)].mean() == pytest.approx(by_detractors, abs=0.05)


def test_only_those_are_invited_who_first_bought_a_month_before(large_draw: Draw) -> None:
    for wave in large_draw.waves:
        known = wave.customers != ANONYMOUS
        first_days = large_draw.customers.first_purchase_days[wave.customers[known]]
        assert (wave.days[known] - first_days >= wave.wave.tenure_days).all()
