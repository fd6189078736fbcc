"""p-values for many cells: which procedure, per family, and nulls."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control

from pipelines.metrics.multiplicity import adjusted_p_values


def test_a_few_cells_are_adjusted_by_holm() -> None:
    p = pd.Series([0.01, 0.04, 0.03, 0.005])
    adjusted = adjusted_p_values(p, [pd.Series(["a"] * 4)])
    assert adjusted.tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_above_twenty_cells_the_false_discovery_rate_is_held() -> None:
    p = pd.Series(np.linspace(0.001, 0.9, 21))
    adjusted = adjusted_p_values(p, [pd.Series(["a"] * 21)])
    assert adjusted.tolist() == pytest.approx(false_discovery_control(p).tolist())


def test_families_do_not_know_of_each_other_and_nulls_stay_null_and_count_for_nothing() -> None:
    p = pd.Series([0.02, np.nan, 0.02, 0.5, np.nan])
    adjusted = adjusted_p_values(p, [pd.Series(["a", "a", "b", "b", "c"])])
    assert adjusted.tolist() == pytest.approx([0.02, np.nan, 0.04, 0.5, np.nan], nan_ok=True)


def test_an_adjusted_p_is_never_below_the_raw_one() -> None:
    random = np.random.default_rng(3)
    p = pd.Series(random.random(500))
    family = pd.Series(random.integers(0, 20, 500).astype(str))
    assert (adjusted_p_values(p, [family]) >= p).all()
