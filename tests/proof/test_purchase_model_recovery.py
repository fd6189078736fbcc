"""Whether fits find the parameters that customers were drawn with, as often as their intervals say.

Each draw is fitted as the pipeline does it. The whole form draws from 400 seeds per model, the reduced one from a few.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from pipelines.metrics.purchase_models import (
    bg_nbd,
    gamma_gamma,
    mbg_nbd,
    pareto_nbd,
    shifted_beta_geometric,
)
from pipelines.metrics.purchase_models.fitting import Fit, fit
from tests.simulated_customers import draw_histories, draw_renewals, draw_spends

SEEDS = 400
FEW_SEEDS = {"bg_nbd": 8, "mbg_nbd": 8, "pareto_nbd": 5, "gamma_gamma": 20, "shifted_beta_geometric": 40}
# As many as take about a second of each model.

LOWEST, HIGHEST = 0.92, 0.98
# With 400 draws of an exact interval of 95 %, 2.7 standard errors to either side.

CI_LEVEL = 0.95

TRUTHS = {
    "bg_nbd": {"r": 0.8, "alpha": 6.0, "a": 0.9, "b": 2.5},
    "mbg_nbd": {"r": 0.8, "alpha": 6.0, "a": 0.9, "b": 2.5},
    "pareto_nbd": {"r": 0.8, "alpha": 6.0, "s": 0.7, "beta": 10.0},
    "gamma_gamma": {"p": 6.0, "q": 4.0, "gamma": 15.0},
    "shifted_beta_geometric": {"alpha": 0.7, "beta": 1.5},
}
CUSTOMERS = {
    "bg_nbd": 3_000,
    "mbg_nbd": 3_000,
    "pareto_nbd": 3_000,
    "gamma_gamma": 1_000,
    "shifted_beta_geometric": 1_000,
}


class Recovery(NamedTuple):
    """Share of the draws whose fit converged, and of these the share whose interval holds the truth, by name."""

    converged: float
    held: dict[str, float]


def drawn_and_fitted(name: str, seed: int) -> Fit:
    truth, customers = TRUTHS[name], CUSTOMERS[name]
    fits: dict[str, Callable[[], Fit]] = {
        "bg_nbd": lambda: fit(bg_nbd, draw_histories(name, truth, customers, seed)),
        "mbg_nbd": lambda: fit(mbg_nbd, draw_histories(name, truth, customers, seed)),
        "pareto_nbd": lambda: fit(pareto_nbd, draw_histories(name, truth, customers, seed)),
        "gamma_gamma": lambda: fit(gamma_gamma, draw_spends(truth, customers, seed)),
        "shifted_beta_geometric": lambda: fit(shifted_beta_geometric, draw_renewals(truth, customers, seed)),
    }
    return fits[name]()


def recovery(name: str, seeds: range) -> Recovery:
    found = [drawn_and_fitted(name, seed) for seed in seeds]
    good = [each for each in found if each.is_converged]
    held = {
        parameter: sum(
            low <= truth <= high for low, high in (each.interval(parameter, CI_LEVEL) for each in good)
        )
        / len(good)
        for parameter, truth in TRUTHS[name].items()
    }
    return Recovery(len(good) / len(found), held)


@pytest.mark.parametrize("name", TRUTHS)
def test_most_intervals_of_a_few_draws_hold_the_truth(name: str) -> None:
    found = recovery(name, range(FEW_SEEDS[name]))
    assert found.converged == 1
    shares = list(found.held.values())
    # Errors of the parameters of one model go together, so a bad draw misses several of them.
    assert sum(shares) / len(shares) >= 0.75, found


@pytest.mark.proof
@pytest.mark.parametrize("name", TRUTHS)
def test_intervals_hold_the_true_parameters_about_ninety_five_times_in_a_hundred(name: str) -> None:
    found = recovery(name, range(1_000, 1_000 + SEEDS))
    print(f"{name}, {CUSTOMERS[name]} customers, {SEEDS} seeds: converged {found.converged:.4f}")
    for parameter, share in found.held.items():
        print(f"  {parameter} = {TRUTHS[name][parameter]:g}: {100 * share:.2f} %")
    assert found.converged == 1
    assert all(LOWEST <= share <= HIGHEST for share in found.held.values()), found
