"""Published figures of reliability, relative importance and penalty-reward contrasts (catalogue 4.3, 4.8, 4.9).

`swiss`: Mosteller & Tukey 1977, Data Analysis and Regression, 549-551, as R ships it; the shares are those of R's
package relaimpo on it (Grömping 2006, Journal of Statistical Software 17(1)).
"""

from datetime import date
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.surveys.patterns import correlations, covariances, products, with_ones
from pipelines.metrics.surveys.penalty_reward import dummies, penalty_reward
from pipelines.metrics.surveys.relative_importance import relative_importance, subset_r_squared
from pipelines.metrics.surveys.reliability import reliability
from pipelines.settings import Definitions
from tests.unit.metrics.surveys.answer_patterns import scale_patterns

SWISS = Path(__file__).resolve().parents[1] / "data" / "swiss" / "swiss.csv"
PREDICTORS = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"]


@pytest.fixture(scope="module")
def swiss() -> np.ndarray:
    rows = pd.read_csv(SWISS)[["Fertility", *PREDICTORS]].to_numpy()
    _, covariance = covariances(products(with_ones(rows), np.ones(len(rows))))
    return correlations(covariance)


def test_alpha_of_five_respondents_and_three_items_is_201_over_220() -> None:
    answers = scale_patterns([(5, 4, 5), (4, 4, 4), (3, 2, 3), (5, 5, 4), (2, 3, 2)])
    rows = reliability(answers, date(2025, 1, 1), Definitions(min_disclosed_n=1)).set_index("metric")
    alpha = rows.loc["cronbach_alpha"]
    assert alpha["value"] == pytest.approx(201 / 220, abs=1e-12)
    assert (alpha["ci_low"], alpha["ci_high"]) == pytest.approx((0.5636, 0.9904), abs=5e-5)


def test_the_five_predictors_of_swiss_explain_fertility_as_published(swiss: np.ndarray) -> None:
    found = relative_importance(swiss)
    assert found.r_squared[0] == pytest.approx(0.7067350, abs=5e-8)
    assert found.lmg[0] == pytest.approx([0.05709, 0.17117, 0.26013, 0.10557, 0.11277], abs=5e-6)
    assert found.lmg[0] / found.r_squared[0] == pytest.approx(
        [0.0808, 0.2422, 0.3681, 0.1494, 0.1596], abs=5e-5
    )
    assert found.johnson[0] == pytest.approx([0.04842, 0.15471, 0.27196, 0.11468, 0.11697], abs=5e-6)


def test_alone_the_predictors_of_swiss_explain_as_published(swiss: np.ndarray) -> None:
    r_squared = subset_r_squared(swiss)[0]
    alone = [r_squared[tuple(int(j == k) for k in range(5))] for j in range(5)]
    assert alone == pytest.approx([0.1247, 0.4172, 0.4406, 0.2150, 0.1735], abs=5e-5)


def test_penalties_and_rewards_of_a_full_factorial_come_out_exactly() -> None:
    effects = [(-1.0, 0.1), (-0.6, 0.6), (-0.1, 0.9)]
    scores = np.array(list(product((1, 3, 5), repeat=3)), dtype=float)
    satisfaction = 3 + sum(
        np.select([scores[:, j] == 1, scores[:, j] == 5], effects[j]) for j in range(len(effects))
    )
    # Ten respondents of each of the 27 rows: 90 low and 90 high answers, where 30 are needed.
    counts, lows, highs = np.full(27, 10), np.full(3, 1), np.full(3, 5)
    found = penalty_reward(dummies(scores, lows, highs, counts), satisfaction, counts, 0.95)
    assert found.penalty.value == pytest.approx([-1, -0.6, -0.1], abs=1e-12)
    assert found.reward.value == pytest.approx([0.1, 0.6, 0.9], abs=1e-12)
    assert found.reward.value - found.penalty.value == pytest.approx([1.1, 1.2, 1.0], abs=1e-12)
    assert found.asymmetry == pytest.approx([-0.8182, 0, 0.8], abs=5e-5)
    assert found.classes.tolist() == ["basic", "performance", "excitement"]
