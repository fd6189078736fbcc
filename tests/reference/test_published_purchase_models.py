"""Published fits and predictions of the purchase models, from the raw CDNOW log and from published tables.

CDNOW, 1/10 sample, weeks, calibration to 1997-09-30: Fader, Hardie & Lee 2005, Marketing Science 24(2), 275-284
(BG/NBD and Pareto/NBD); Fader & Hardie 2005, note 009 (Pareto/NBD); Batislam, Denizel & Filiztekin 2007, IJRM 24(3),
201-209 (MBG/NBD); Fader & Hardie 2013, note 025 (Gamma-Gamma). sBG: Fader & Hardie 2007, Journal of Interactive
Marketing 21(1), 76-90; 2010, Marketing Science 29(1), 85-93. The figures are those of the metric catalogue, sections
4.4 and 4.6.
"""

from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from pipelines.metrics.purchase_models import bg_nbd, gamma_gamma, mbg_nbd, pareto_nbd
from pipelines.metrics.purchase_models import shifted_beta_geometric as sbg
from pipelines.metrics.purchase_models.fitting import fit
from pipelines.metrics.purchase_models.histories import Histories
from pipelines.metrics.purchase_models.shifted_beta_geometric import Renewals
from pipelines.metrics.purchase_models.spends import Spends, frequency_correlation

CALIBRATION_END = pd.Timestamp("1997-09-30")
MONDAY = pd.Timestamp("1996-12-30")

PARAMETER_TOLERANCE = 1e-3
LOG_LIKELIHOOD_TOLERANCE = 0.01
DIGITS = 1e-5


class Calibration(NamedTuple):
    """One row per customer and order day, and one per customer: first, last, x, spend of repeat days."""

    order_days: pd.DataFrame
    customers: pd.DataFrame


def read_sample(folder: Path) -> pd.DataFrame:
    names = ["master_id", "customer_id", "day", "cds", "amount"]
    return with_days(
        pd.read_csv(folder / "CDNOW_sample.txt", sep=r"\s+", header=None, names=names, dtype={"day": str})
    )


def read_master(folder: Path) -> pd.DataFrame:
    names = ["customer_id", "day", "cds", "amount"]
    return with_days(
        pd.read_csv(folder / "CDNOW_master.txt", sep=r"\s+", skiprows=1, names=names, dtype={"day": str})
    )


def with_days(log: pd.DataFrame) -> pd.DataFrame:
    return log.assign(day=pd.to_datetime(log["day"], format="%Y%m%d"))


def calibration(log: pd.DataFrame) -> Calibration:
    """The log cut first, and then collapsed by day."""
    order_days = (
        log.loc[log["day"] <= CALIBRATION_END].groupby(["customer_id", "day"], as_index=False)["amount"].sum()
    )
    customers = order_days.groupby("customer_id")["day"].agg(first="min", last="max", occasions="size")
    first = order_days["customer_id"].map(customers["first"])
    repeat_spend = order_days.loc[order_days["day"] > first].groupby("customer_id")["amount"].sum()
    return Calibration(
        order_days,
        customers.assign(
            x=customers["occasions"] - 1,
            recency=(customers["last"] - customers["first"]).dt.days,
            age=(CALIBRATION_END - customers["first"]).dt.days,
            repeat_spend=repeat_spend.reindex(customers.index).fillna(0),
        ),
    )


def distinct(customers: pd.DataFrame) -> Histories:
    counted = customers.groupby(["x", "recency", "age"], as_index=False).size()
    return Histories(*(counted[name].to_numpy() for name in ("x", "recency", "age", "size")))


@pytest.fixture(scope="module")
def log(real_data: Path) -> pd.DataFrame:
    return read_sample(real_data)


@pytest.fixture(scope="module")
def sample(log: pd.DataFrame) -> Calibration:
    return calibration(log)


@pytest.fixture(scope="module")
def histories(sample: Calibration) -> Histories:
    return distinct(sample.customers)


def test_the_sample_is_the_published_one(log: pd.DataFrame, sample: Calibration) -> None:
    assert (log["customer_id"].nunique(), len(log)) == (2357, 6919)
    assert log["amount"].sum() == pytest.approx(244_091.94, abs=0.005)
    assert len(sample.order_days) == 4814
    x = sample.customers["x"]
    assert (x.sum(), (x > 0).sum()) == (2457, 946)
    assert x.clip(upper=7).value_counts().sort_index().tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert len(log.loc[log["day"] > CALIBRATION_END, ["customer_id", "day"]].drop_duplicates()) == 1882
    ages = sample.customers["age"] / 7
    assert (ages.min(), ages.max()) == (27, pytest.approx(38.857, abs=5e-4))


FITS = [
    (bg_nbd, {"r": 0.24259, "alpha": 4.41360, "a": 0.79292, "b": 2.42591}, -9582.4292),
    (mbg_nbd, {"r": 0.52484, "alpha": 6.18308, "a": 0.89136, "b": 1.61400}, -9582.1357),
    (pareto_nbd, {"r": 0.55328, "alpha": 10.57768, "s": 0.60624, "beta": 11.66874}, -9594.9762),
]


@pytest.mark.parametrize(("model", "parameters", "log_likelihood"), FITS)
def test_a_fit_of_the_raw_log_is_the_published_one(
    histories: Histories, model: ModuleType, parameters: dict[str, float], log_likelihood: float
) -> None:
    found = fit(model, histories)
    assert found.is_converged
    assert found.customer_count == 2357
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=LOG_LIKELIHOOD_TOLERANCE)
    assert dict(found.parameters) == pytest.approx(parameters, rel=PARAMETER_TOLERANCE)


def test_the_errors_of_the_pareto_nbd_are_the_published_ones(histories: Histories) -> None:
    found = fit(pareto_nbd, histories).std_errors
    assert list(found.values()) == pytest.approx([0.0476, 0.8427, 0.1873, 6.2105], rel=1e-3)


def test_without_leaving_the_bg_nbd_is_the_nbd(histories: Histories) -> None:
    nobody_leaves = {"r": 0.38477, "alpha": 12.07202, "a": 1e-12, "b": 1.0}
    value, gradient = bg_nbd.log_likelihood_with_gradient(nobody_leaves, histories)
    assert value == pytest.approx(-9763.6576, abs=LOG_LIKELIHOOD_TOLERANCE)
    # Its optimum too.
    assert gradient[:2] * [0.38477, 12.07202] == pytest.approx([0, 0], abs=0.05)


def test_gamma_gamma_from_the_raw_log_is_the_published_one(sample: Calibration) -> None:
    customers = sample.customers
    spends = Spends.of(customers["x"], customers["repeat_spend"], np.ones(len(customers)))
    assert spends.customer_total == 946
    assert spends.mean == pytest.approx(35.077848, abs=5e-7)
    found = fit(gamma_gamma, spends)
    assert found.is_converged
    assert found.log_likelihood == pytest.approx(-4055.9177, abs=LOG_LIKELIHOOD_TOLERANCE)
    expected = {"p": 6.24957, "q": 3.74422, "gamma": 15.44352}
    assert dict(found.parameters) == pytest.approx(expected, rel=PARAMETER_TOLERANCE)
    correlation = frequency_correlation(spends)
    # Published as 0.11, and taken as independent.
    assert correlation.pearson == pytest.approx(0.1139, abs=5e-5)
    assert not correlation.is_strong


CSV_FITS = {
    # Of the published table whose times are rounded to two decimals (shipped with the package lifetimes).
    "bg_nbd": {"r": 0.24259290474830, "alpha": 4.4135315302978, "a": 0.7928860996220, "b": 2.4257531412728},
    "mbg_nbd": {"r": 0.52483787149122, "alpha": 6.1829903031640, "a": 0.8913568836111, "b": 1.6140014816571},
    "pareto_nbd": {
        "r": 0.55327560144810, "alpha": 10.577613487025, "s": 0.6062139799696, "beta": 11.667921774472,
    },
}  # fmt: skip
CUSTOMERS = {
    # x, t_x and T in weeks; P(alive), the horizon in weeks and E[Y] of it.
    "bg_nbd": [
        (2, 30.43, 38.86, 0.726609, 39, 1.22591),
        (26, 30.86, 31, 0.968920, 52, 25.75947),
        (0, 0, 39, 1.0, 52, 0.25095),
    ],
    "mbg_nbd": [
        (2, 30.43, 38.86, 0.706126, 39, 1.262671),
        (26, 30.86, 31, 0.965553, 52, 23.99996),
        (0, 0, 39, 0.389327, 52, 0.19691),
    ],
    "pareto_nbd": [
        (2, 30.43, 38.86, 0.869119, 39, 1.455113),
        (26, 30.86, 31, 0.997918, 52, 25.45655),
        (0, 0, 39, 0.294277, 52, 0.135477),
    ],
}
NEW_CUSTOMERS = {"bg_nbd": 1.444021, "mbg_nbd": 1.418890, "pareto_nbd": 1.473441}


@pytest.mark.parametrize("model", [bg_nbd, mbg_nbd, pareto_nbd])
def test_predictions_at_given_parameters_agree_to_five_digits(model: ModuleType) -> None:
    parameters = CSV_FITS[model.NAME]
    for x, recency, age, alive, weeks, expected in CUSTOMERS[model.NAME]:
        customer = Histories([x], [7 * recency], [7 * age], [1])  # type: ignore[arg-type]
        assert model.probability_alive(parameters, customer)[0] == pytest.approx(alive, rel=DIGITS)
        assert model.expected_purchases(parameters, customer, 7 * weeks)[0] == pytest.approx(
            expected, rel=2 * DIGITS
        )
    assert model.expected_purchases_of_new(parameters, 7 * 52) == pytest.approx(
        NEW_CUSTOMERS[model.NAME], rel=DIGITS
    )


def test_conditional_spend_at_given_parameters_agrees_to_five_digits() -> None:
    parameters = {"p": 6.2488, "q": 3.74459, "gamma": 15.44775}
    cases = [
        (1, 22.35, 26.2627), (2, 22.35, 24.6586), (2, 23.73, 25.7901), (7, 23.73, 24.4055), (1, 11.77, 18.9115),
        (7, 11.77, 13.1516),
    ]  # fmt: skip
    frequency, mean_spend, expected = (np.array(column, dtype=float) for column in zip(*cases, strict=True))
    assert gamma_gamma.expected_spend(parameters, frequency, mean_spend) == pytest.approx(
        expected, rel=DIGITS
    )
    assert gamma_gamma.population_mean(parameters) == pytest.approx(35.1710, rel=DIGITS)


def test_the_place_where_other_optimisers_stop_the_pareto_nbd_is_not_its_optimum(
    histories: Histories,
) -> None:
    def minus(logs: np.ndarray) -> float:
        stopped = {"r": np.exp(logs[0]), "alpha": np.exp(logs[1]), "s": 2.04, "beta": 64.8}
        return -float(pareto_nbd.log_likelihood(stopped, histories) @ histories.customer_count)

    stopped = -minimize(minus, np.log([0.55, 10.6]), method="Nelder-Mead").fun
    assert stopped == pytest.approx(-9597.65, abs=LOG_LIKELIHOOD_TOLERANCE)
    assert fit(pareto_nbd, histories).log_likelihood > stopped + 2.6


def by_weeks(log: pd.DataFrame) -> pd.DataFrame:
    """One row per customer: occasions collapsed by week from Monday to Sunday, up to that of the calibration's end."""
    last_week = (CALIBRATION_END - MONDAY).days // 7
    weeks = log.assign(week=(log["day"] - MONDAY).dt.days // 7).query("week <= @last_week")
    occasions = weeks.drop_duplicates(["customer_id", "week"]).groupby("customer_id")["week"]
    spans = occasions.agg(first="min", last="max", occasions="size")
    return spans.assign(
        x=spans["occasions"] - 1,
        recency=7 * (spans["last"] - spans["first"]),
        age=7 * (last_week - spans["first"]),
    )


def test_weeks_as_occasions_are_another_model_than_weeks_as_unit(log: pd.DataFrame) -> None:
    cut_first = by_weeks(log.loc[log["day"] <= CALIBRATION_END])
    assert cut_first["x"].sum() == 2216
    found = fit(bg_nbd, distinct(cut_first)).parameters
    assert list(found.values()) == pytest.approx([0.2834, 6.591, 0.7785, 2.553], rel=PARAMETER_TOLERANCE)


def test_a_log_collapsed_before_it_is_cut_lets_the_holdout_in(log: pd.DataFrame) -> None:
    leaking = by_weeks(log)
    assert leaking["x"].sum() > 2216
    found = fit(bg_nbd, distinct(leaking)).parameters
    assert list(found.values()) == pytest.approx([0.2909, 6.852, 0.6652, 2.320], rel=PARAMETER_TOLERANCE)


def test_days_as_unit_give_the_predictions_of_weeks(histories: Histories) -> None:
    columns = (histories.frequency, histories.recency, histories.age, histories.customer_count)
    days = Histories(*columns, unit_days=1)
    for model in (bg_nbd, mbg_nbd, pareto_nbd):
        by_week, by_day = fit(model, histories).parameters, fit(model, days).parameters
        assert model.expected_purchases(by_day, days, 364) == pytest.approx(
            model.expected_purchases(by_week, histories, 364), rel=1e-6
        )


@pytest.fixture(scope="module")
def master(real_data: Path) -> Calibration:
    return calibration(read_master(real_data))


def test_order_days_that_cost_nothing_are_occasions_without_spend(master: Calibration) -> None:
    assert len(master.customers) == 23_570
    assert (master.order_days["amount"] == 0).sum() == 73
    customers = master.customers
    spends = Spends.of(customers["x"], customers["repeat_spend"], np.ones(len(customers)))
    free_of_charge = int(((customers["x"] > 0) & (customers["repeat_spend"] == 0)).sum())
    assert free_of_charge > 0
    assert spends.customer_total + free_of_charge == (customers["x"] > 0).sum()
    assert fit(gamma_gamma, spends).is_converged


@pytest.mark.parametrize(("model", "parameters"), [each[:2] for each in FITS])
def test_the_whole_log_says_what_its_sample_does(
    master: Calibration, model: ModuleType, parameters: dict[str, float]
) -> None:
    found = fit(model, distinct(master.customers))
    assert found.is_converged
    # The sample is a tenth: its errors are about three times those of the whole.
    for name, value in parameters.items():
        low, high = found.interval(name, 0.95)
        centre, width = np.log(low * high) / 2, np.log(high / low) / 2
        assert abs(np.log(value) - centre) < 2 * np.sqrt(11) * width


SURVIVORS = {
    # Of a thousand, at the end of years 0 to 7.
    "Regular": [1000, 631, 468, 382, 326, 289, 262, 241],
    "High End": [1000, 869, 743, 653, 593, 551, 517, 491],
}
FITTED_SURVIVAL = {
    "Regular": [100, 62.7, 47.4, 38.8, 33.2, 29.2, 26.2, 23.9, 22.0, 20.4, 19.1, 18.0, 17.0],
    "High End": [100, 85.1, 74.7, 67.0, 61.0, 56.2, 52.2, 48.9, 46.0, 43.6, 41.4, 39.5, 37.8],
}


@pytest.mark.parametrize(
    ("cohort", "renewals", "alpha", "beta", "log_likelihood", "tolerance"),
    [
        ("Regular", 7, 0.704, 1.182, -1680.27, 5e-4),
        ("High End", 7, 0.668, 3.806, -1611.16, 5e-4),
        ("Regular", 4, 0.7637, 1.2958, -1401.56, 5e-5),
        ("High End", 4, 1.2810, 7.7904, -1225.13, 5e-5),
    ],
)
def test_contracts_are_fitted_as_published(
    cohort: str, renewals: int, alpha: float, beta: float, log_likelihood: float, tolerance: float
) -> None:
    found = fit(sbg, Renewals.of_survivors(SURVIVORS[cohort][: renewals + 1]))
    assert found.is_converged
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=LOG_LIKELIHOOD_TOLERANCE)
    assert list(found.parameters.values()) == pytest.approx([alpha, beta], abs=tolerance)


@pytest.mark.parametrize("cohort", SURVIVORS)
def test_survival_of_contracts_goes_on_as_published(cohort: str) -> None:
    found = fit(sbg, Renewals.of_survivors(SURVIVORS[cohort])).parameters
    assert 100 * sbg.survival(found, np.arange(13)) == pytest.approx(FITTED_SURVIVAL[cohort], abs=0.05001)


@pytest.mark.parametrize(
    ("cohort", "lifetime", "residual"),
    [
        ("Regular", 3.6949, [2.964, 4.103, 4.870, 5.442, 5.894]),
        ("High End", 5.9223, [5.414, 5.901, 6.294, 6.620, 6.897]),
    ],
)
def test_discounted_lifetimes_of_contracts_are_the_published_ones(
    cohort: str, lifetime: float, residual: list[float]
) -> None:
    found = fit(sbg, Renewals.of_survivors(SURVIVORS[cohort])).parameters
    assert sbg.discounted_lifetime(found, 0.1) == pytest.approx(lifetime, abs=5e-5)
    assert [sbg.discounted_residual_lifetime(found, 0.1, n) for n in range(1, 6)] == pytest.approx(
        residual, abs=5.01e-4
    )


def test_the_expected_lifetime_of_the_high_end_after_four_renewals_is_finite() -> None:
    found = fit(sbg, Renewals.of_survivors(SURVIVORS["High End"][:5])).parameters
    assert sbg.expected_lifetime(found) == pytest.approx(28.73, abs=0.005)
