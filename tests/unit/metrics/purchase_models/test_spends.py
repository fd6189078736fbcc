"""Spend histories, who is left out of them, and whether spend goes with frequency."""

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.purchase_models.spends import Spends, frequency_correlation


def test_who_never_came_back_or_paid_nothing_is_left_out_and_counted() -> None:
    spends = Spends.of([0, 1, 2, 3], [0, 30, 0, -5], [10, 4, 2, 1])
    assert (spends.frequency.tolist(), spends.mean_spend.tolist()) == ([1], [30])
    assert (spends.customer_total, spends.left_out_count) == (4, 13)


@pytest.mark.parametrize(
    ("frequency", "mean_spend", "customer_count", "said"),
    [
        ([0], [10], [1], "frequency is a whole number, 1 or more"),
        ([1], [0], [1], "mean_spend is a number above 0"),
        ([1], [float("inf")], [1], "mean_spend is a number above 0"),
        ([1], [10], [0], "customer_count is a whole number"),
        ([1, 2], [10], [1], "one element per history"),
    ],
)
def test_a_broken_rule_is_named(
    frequency: list[float], mean_spend: list[float], customer_count: list[int], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Spends(frequency, mean_spend, customer_count)  # type: ignore[arg-type]


def test_both_correlations_count_every_customer() -> None:
    random = np.random.default_rng(8)
    frequency, mean_spend = random.integers(1, 6, 40), np.round(random.gamma(2, 10, 40))
    counts = random.integers(1, 4, 40)
    rows = pd.DataFrame({"frequency": frequency, "spend": mean_spend}).loc[np.repeat(np.arange(40), counts)]
    found = frequency_correlation(Spends(frequency, mean_spend, counts))
    assert found.pearson == pytest.approx(rows.corr().iloc[0, 1], abs=1e-12)
    assert found.spearman == pytest.approx(rows.corr("spearman").iloc[0, 1], abs=1e-12)


def test_spend_that_goes_with_frequency_is_told() -> None:
    strong = frequency_correlation(Spends([1, 2, 3, 4], [10, 20, 30, 90], [1, 1, 1, 1]))  # type: ignore[arg-type]
    assert strong.spearman == pytest.approx(1)
    assert strong.is_strong
    weak = frequency_correlation(Spends([1, 1, 2, 2], [10, 20, 10, 20], [1, 1, 1, 1]))  # type: ignore[arg-type]
    assert (weak.pearson, weak.is_strong) == (0, False)


def test_where_nothing_varies_there_is_no_correlation() -> None:
    found = frequency_correlation(Spends([1, 1], [10, 20], [1, 1]))  # type: ignore[arg-type]
    assert np.isnan([found.pearson, found.spearman]).all()
    assert not found.is_strong
