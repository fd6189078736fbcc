"""The drawn customers."""

import numpy as np
import pytest

from pipelines.demo.company import LINDE
from pipelines.demo.customers import delay_density, first_purchase_density, registration_density
from pipelines.demo.home import Draw


def test_loyalty_is_standard_normal_and_tied_to_rate_and_dropout_as_stated(large_draw: Draw) -> None:
    customers = large_draw.customers
    loyalty = customers.loyalty
    # Standard errors at 100,000 customers: 0.003 of the mean, 0.002 of the standard deviation.
    assert loyalty.mean() == pytest.approx(0, abs=0.013)
    assert loyalty.std() == pytest.approx(1, abs=0.01)
    ranks = {
        name: np.argsort(np.argsort(column)) / column.size
        for name, column in (
            ("rate", customers.rates_per_week),
            ("dropout", customers.dropout_probabilities),
            ("loyalty", loyalty),
        )
    }
    # Spearman's correlation of a bivariate normal is 6/pi asin(rho/2).
    for name, weight in (("rate", LINDE.loyalty.rate_weight), ("dropout", -LINDE.loyalty.dropout_weight)):
        found = np.corrcoef(ranks[name], ranks["loyalty"])[0, 1]
        assert found == pytest.approx(6 / np.pi * np.arcsin(weight / 2), abs=0.013)
    assert np.corrcoef(ranks["rate"], ranks["dropout"])[0, 1] == pytest.approx(0, abs=0.013)


def test_densities_of_days_sum_to_one_and_first_purchases_lose_only_the_last_weeks() -> None:
    assert registration_density(LINDE.acquisition).sum() == pytest.approx(1, abs=1e-12)
    assert delay_density(LINDE.acquisition).sum() == pytest.approx(1, abs=1e-12)
    assert 0.995 < first_purchase_density(LINDE.acquisition).sum() < 1


def test_buyers_are_as_many_as_the_density_of_first_purchases_says(large_draw: Draw) -> None:
    expected = (1 - LINDE.acquisition.never_buys_share) * first_purchase_density(LINDE.acquisition).sum()
    # Four standard errors at 100,000 customers.
    assert large_draw.customers.has_purchased.mean() == pytest.approx(expected, abs=0.0042)
