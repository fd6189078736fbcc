"""Published changes between waves, and errors where customers have several answers.

The figures are those of the metric catalogue, sections 4.1 and 4.2. Intervals of differences: Newcombe, R. G. (1998),
"Interval estimation for the difference between independent proportions: comparison of eleven methods", Statistics in
Medicine 17, 873-890, method 10; "Improved confidence intervals for the difference between binomial proportions based
on paired data", 17, 2635-2650, method 10. Adjusted Wald: Rocks, B. (2016), The American Statistician 70(4), 365-372.
"""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import confint_proportions_2indep

from pipelines.metrics.differences import mcnemar_p_value, newcombe_interval, paired_correlation
from pipelines.metrics.intervals import Interval, wilson_interval
from pipelines.metrics.surveys.nps import nps
from pipelines.metrics.surveys.satisfaction import satisfaction
from pipelines.settings import Definitions
from tests.unit.metrics.surveys.answer_marts import FEBRUARY, JANUARY, answers, marts_of, single_answers

AS_OF = date(2025, 6, 30)


def points(answered: pd.DataFrame, policy: str, start: pd.Timestamp) -> "pd.Series[float]":
    definitions = Definitions(min_disclosed_n=1, multiple_responses_policy=policy)
    rows = nps(*marts_of(answered, policy), AS_OF, definitions)
    return rows.loc[(rows["metric"] == "nps_points") & (rows["period_start_date"] == start)].iloc[0]


CLUSTERS = answers({JANUARY: {"A": [9, 9], "B": [8, 3], "C": [10], "D": [0]}})
# Codes A: +1, +1; B: 0, -1; C: +1; D: -1.


def test_clustered_answers_have_the_cluster_robust_error() -> None:
    row = points(CLUSTERS, "all", JANUARY)
    assert row["value"] == pytest.approx(100 / 6, abs=1e-9)
    assert row["std_error"] == pytest.approx(49.483, abs=5e-4)
    assert row["n_effective"] == pytest.approx(3.2899, abs=5e-5)
    assert row["n"] == 4


def test_the_naive_error_of_the_clustered_answers_is_smaller() -> None:
    alone = CLUSTERS.assign(unit=[str(place) for place in range(6)])
    assert points(alone, "all", JANUARY)["std_error"] == pytest.approx(36.641, abs=5e-4)


def test_customer_means_have_the_error_of_a_mean_and_no_classes() -> None:
    row = points(CLUSTERS, "mean_of_codes", JANUARY)
    assert row["value"] == pytest.approx(12.5, abs=1e-9)
    assert row["std_error"] == pytest.approx(51.539, abs=5e-4)
    rows = nps(
        *marts_of(CLUSTERS, "mean_of_codes"),
        AS_OF,
        Definitions(min_disclosed_n=1, multiple_responses_policy="mean_of_codes"),
    )
    shares = rows.loc[rows["unit"] == "share"]
    assert shares["value"].isna().all()
    assert set(shares["suppression_reason"]) == {"mean_of_codes_has_no_classes"}


def test_overlapping_waves_have_the_error_of_the_general_formula() -> None:
    """Wave 1: A +1, B 0, C -1, D +1; wave 2: A +1, B +1, D 0, E -1: difference 0, SE 0.632764."""
    waves = answers(
        {
            JANUARY: {"A": [9], "B": [7], "C": [0], "D": [10]},
            FEBRUARY: {"A": [9], "B": [9], "D": [8], "E": [6]},
        }
    )
    row = points(waves, "mean_of_codes", FEBRUARY)
    # t(3) = 3.182446 at 95 %: the smaller wave has four customers.
    error = (row["change_ci_high"] - row["change_ci_low"]) / 2 / 3.182446 / 100
    assert row["change_value"] == pytest.approx(0, abs=1e-9)
    assert error == pytest.approx(0.632764, abs=5e-7)
    assert row["n_overlap"] == 3


def test_the_overlapping_waves_taken_as_independent_have_a_smaller_error() -> None:
    """Published without C/(C - 1): sqrt(v1/4 + v2/4) = 0.586302, the errors of both waves as published."""
    wave = points(answers({JANUARY: {"A": [9], "B": [7], "C": [0], "D": [10]}}), "latest_in_period", JANUARY)
    assert np.sqrt(2) * wave["std_error"] / 100 == pytest.approx(0.586302, abs=5e-7)


def test_twenty_points_more_at_a_hundred_answers_are_no_significant_change() -> None:
    waves = answers(
        {
            JANUARY: single_answers({9: 40, 7: 30, 0: 30}, "january"),
            FEBRUARY: single_answers({9: 50, 7: 30, 0: 20}, "february"),
        }
    )
    row = points(waves, "latest_in_period", FEBRUARY)
    centre = (row["change_ci_low"] + row["change_ci_high"]) / 2
    error = (row["change_ci_high"] - row["change_ci_low"]) / 2 / 1.959964
    assert row["change_value"] == pytest.approx(20, abs=1e-9)
    assert centre == pytest.approx(19.417, abs=5e-4)
    assert error == pytest.approx(11.209, abs=5e-4)
    assert centre / error == pytest.approx(1.7323, abs=5e-5)
    assert row["change_p_value"] == pytest.approx(0.0832, abs=5e-5)
    assert row["change_ci_low"] == pytest.approx(-2.55, abs=5e-3)
    assert row["change_ci_high"] == pytest.approx(41.39, abs=5e-3)
    assert row["n_overlap"] == 0


def test_the_same_change_without_adjustment_has_the_published_error() -> None:
    january = points(answers({JANUARY: single_answers({9: 40, 7: 30, 0: 30})}), "latest_in_period", JANUARY)
    february = points(answers({JANUARY: single_answers({9: 50, 7: 30, 0: 20})}), "latest_in_period", JANUARY)
    error = np.hypot(january["std_error"], february["std_error"])
    assert error == pytest.approx(11.402, abs=5e-4)
    assert 20 / error == pytest.approx(1.7541, abs=5e-5)


def test_newcombes_difference_of_56_of_70_and_48_of_80_is_met_end_to_end() -> None:
    waves = answers(
        {
            JANUARY: single_answers({5: 48, 1: 32}, "january"),
            FEBRUARY: single_answers({5: 56, 1: 14}, "february"),
        },
        item="satisfaction",
        construct="overall_satisfaction",
        scale_low=1,
        scale_high=5,
    )
    rows = satisfaction(*marts_of(waves), AS_OF, Definitions())
    row = rows.loc[(rows["metric"] == "csat_share") & (rows["period_start_date"] == FEBRUARY)].iloc[0]
    assert row["change_value"] == pytest.approx(0.2, abs=1e-9)
    assert row["change_ci_low"] == pytest.approx(0.0524, abs=5e-5)
    assert row["change_ci_high"] == pytest.approx(0.3339, abs=5e-5)


def test_method_ten_is_that_of_statsmodels() -> None:
    counts = np.array([(3, 20, 9, 31), (0, 12, 5, 12), (40, 41, 40, 90)]).T
    found = newcombe_interval(
        counts[0] / counts[1],
        wilson_interval(counts[0], counts[1], 0.95),
        counts[2] / counts[3],
        wilson_interval(counts[2], counts[3], 0.95),
        0.0,
    )
    for place, (x_1, n_1, x_2, n_2) in enumerate(counts.T):
        low, high = confint_proportions_2indep(x_2, n_2, x_1, n_1, method="newcomb")
        assert found.low[place] == pytest.approx(low, abs=1e-9)
        assert found.high[place] == pytest.approx(high, abs=1e-9)


def paired_interval(both: int, lost: int, gained: int, neither: int) -> Interval:
    """Newcombe's paired interval of now - before by way of the sums that the marts hold."""
    n = np.array([both + lost + gained + neither])
    before, now = np.array([both + lost]), np.array([both + gained])
    products = (both * neither - lost * gained) / n
    errors = [np.sqrt(count / n * (1 - count / n) / n) for count in (before, now)]
    correlation = paired_correlation(products.astype(float), n.astype(float), n.astype(float), *errors)
    return newcombe_interval(
        before / n, wilson_interval(before, n, 0.95), now / n, wilson_interval(now, n, 0.95), correlation
    )


@pytest.mark.parametrize(
    ("both", "lost", "gained", "neither"), [(36, 12, 2, 0), (20, 1, 7, 9), (3, 4, 2, 40)]
)
def test_the_paired_interval_is_method_ten_written_out(
    both: int, lost: int, gained: int, neither: int
) -> None:
    n = both + lost + gained + neither
    product = both * neither - lost * gained
    reduced = max(product - n / 2, 0) if product > 0 else product
    margins = (both + lost) * (gained + neither) * (both + gained) * (lost + neither)
    phi = reduced / np.sqrt(margins) if margins else 0.0
    p_1, p_2 = (both + lost) / n, (both + gained) / n
    (l_1, u_1), (l_2, u_2) = (
        tuple(float(end[0]) for end in wilson_interval(np.array([count]), np.array([n]), 0.95))
        for count in (both + lost, both + gained)
    )
    below = (p_2 - l_2) ** 2 - 2 * phi * (p_2 - l_2) * (u_1 - p_1) + (u_1 - p_1) ** 2
    above = (u_2 - p_2) ** 2 - 2 * phi * (u_2 - p_2) * (p_1 - l_1) + (p_1 - l_1) ** 2
    found = paired_interval(both, lost, gained, neither)
    assert found.low[0] == pytest.approx(p_2 - p_1 - np.sqrt(below), abs=1e-12)
    assert found.high[0] == pytest.approx(p_2 - p_1 + np.sqrt(above), abs=1e-12)


@pytest.mark.parametrize(("lost", "gained"), [(3, 9), (12, 12), (0, 1), (4, 21), (30, 12), (60, 61)])
def test_mcnemar_is_that_of_statsmodels_exact_below_25_discordant_pairs(lost: int, gained: int) -> None:
    is_exact = lost + gained < 25
    expected = mcnemar([[5, lost], [gained, 5]], exact=is_exact, correction=False).pvalue
    found = mcnemar_p_value(np.array([lost]), np.array([gained]))[0]
    assert found == pytest.approx(min(expected, 1), abs=1e-12)
