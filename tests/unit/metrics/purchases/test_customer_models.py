"""Fits, choice, backtest, scores and thresholds of churn, from the raw CDNOW log and by hand."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.marts import HISTORY_KEY, HOLDOUT_PURCHASES, PURCHASE_HISTORIES, SPEND_HISTORIES, Mart
from pipelines.metrics.purchase_models import mbg_nbd
from pipelines.metrics.purchases.backtest import clv_backtest
from pipelines.metrics.purchases.backtest_plot import backtest_picture
from pipelines.metrics.purchases.churn_flags import Cut, best_cut, churn
from pipelines.metrics.purchases.customer_models import chosen_model, clv_models, histories_of
from pipelines.metrics.purchases.purchase_scores import expected_orders, purchase_scores
from pipelines.settings import Definitions
from tests.reference.test_published_purchase_models import read_sample

AS_OF = pd.Timestamp("1998-06-30")
HOLDOUT_DAYS = 273
# From 1997-10-01 on, as published.
CHOSEN = Definitions(holdout_days=HOLDOUT_DAYS)
PUBLISHED = {
    ("pareto_nbd", "r"): 0.55328,
    ("pareto_nbd", "alpha"): 10.57768,
    ("pareto_nbd", "s"): 0.60624,
    ("pareto_nbd", "beta"): 11.66874,
    ("bg_nbd", "r"): 0.24259,
    ("bg_nbd", "alpha"): 4.41360,
    ("bg_nbd", "a"): 0.79292,
    ("bg_nbd", "b"): 2.42591,
    ("mbg_nbd", "r"): 0.52484,
    ("mbg_nbd", "alpha"): 6.18308,
    ("mbg_nbd", "a"): 0.89136,
    ("mbg_nbd", "b"): 1.61400,
    ("gamma_gamma", "p"): 6.24957,
    ("gamma_gamma", "q"): 3.74422,
    ("gamma_gamma", "gamma"): 15.44352,
}
LOG_LIKELIHOODS = {
    "pareto_nbd": -9594.9762,
    "bg_nbd": -9582.4292,
    "mbg_nbd": -9582.1357,
    "gamma_gamma": -4055.9177,
}
# Catalogue 4.4, the raw log to 1997-09-30.


class Marts(NamedTuple):
    """The marts that the models read."""

    histories: pd.DataFrame
    spends: pd.DataFrame
    holdout: pd.DataFrame


def customers_until(days: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """One row per customer of the log cut at a day, with what followed."""
    known = days.loc[days["day"] <= last]
    per_customer = known.groupby("customer_id")["day"].agg(first="min", last="max", occasions="size")
    repeats = known.loc[known["day"] > known["customer_id"].map(per_customer["first"])]
    recent = repeats.loc[repeats["day"] > last - pd.Timedelta(days=HOLDOUT_DAYS)]
    later = days.loc[days["day"] > last]
    sums = {
        "spend_sum": repeats.groupby("customer_id")["amount"].sum().round(2),
        "window_occasion_count": recent.groupby("customer_id").size(),
        "holdout_occasion_count": later.groupby("customer_id").size(),
    }
    return per_customer.assign(
        frequency=per_customer["occasions"] - 1,
        recency_days=(per_customer["last"] - per_customer["first"]).dt.days,
        age_days=(last - per_customer["first"]).dt.days,
        **{name: values.reindex(per_customer.index).fillna(0) for name, values in sums.items()},
    ).astype({"window_occasion_count": int, "holdout_occasion_count": int})


def counted(customers: pd.DataFrame, key: tuple[str, ...], name: str) -> pd.DataFrame:
    sizes = customers.assign(fit=name).groupby(list(key), as_index=False).size()
    return sizes.rename(columns={"size": "customer_count"})


@pytest.fixture(scope="module")
def marts(real_data: Path) -> Marts:
    days = read_sample(real_data).groupby(["customer_id", "day"], as_index=False)["amount"].sum()
    full = customers_until(days, AS_OF)
    calibration = customers_until(days, AS_OF - pd.Timedelta(days=HOLDOUT_DAYS))
    fits = (("full", full), ("calibration", calibration))
    return Marts(
        pd.concat([counted(part, PURCHASE_HISTORIES.key, name) for name, part in fits], ignore_index=True),
        pd.concat([counted(part, SPEND_HISTORIES.key, name) for name, part in fits], ignore_index=True),
        counted(calibration, HOLDOUT_PURCHASES.key, "calibration"),
    )


@pytest.fixture(scope="module")
def models(marts: Marts) -> pd.DataFrame:
    return clv_models(*marts, CHOSEN)


def test_the_calibration_of_cdnow_is_fitted_as_published(models: pd.DataFrame) -> None:
    calibration = models.loc[models["fit"] == "calibration"].set_index(["model", "parameter"])
    assert calibration["value"].to_dict() == pytest.approx(PUBLISHED, rel=1e-3)
    by_model = calibration.groupby("model")["log_likelihood"].first()
    assert by_model.to_dict() == pytest.approx(LOG_LIKELIHOODS, abs=0.01)
    assert calibration["is_converged"].all()
    assert set(calibration.loc[calibration.index.get_level_values(0) != "gamma_gamma", "customer_count"]) == {
        2357
    }
    assert calibration.loc[("gamma_gamma", "p"), "customer_count"] == 946


def test_of_cdnow_pareto_nbd_is_chosen_although_bg_nbd_missed_the_holdout_less(models: pd.DataFrame) -> None:
    assert set(models.loc[models["is_chosen"], "model"]) == {"pareto_nbd", "gamma_gamma"}
    errors = models.groupby("model")["holdout_error"].first()
    assert errors["bg_nbd"] < errors["pareto_nbd"] < errors["mbg_nbd"]


def test_the_backtest_of_cdnow_counts_its_1882_order_days(models: pd.DataFrame, marts: Marts) -> None:
    rows = clv_backtest(models, marts.holdout, CHOSEN).set_index(["model", "frequency_bucket"])
    assert rows.loc["bg_nbd", "customer_count"].tolist() == [2357, 1411, 439, 214, 100, 62, 38, 29, 64]
    assert rows.loc[("bg_nbd", "all"), "actual_purchases"] == 1882
    for model in ("mbg_nbd", "pareto_nbd", "bg_nbd"):
        told = rows.loc[model]
        assert told.loc["all", "expected_purchases"] == pytest.approx(told["expected_purchases"][1:].sum())
        assert abs(told.loc["all", "bias"]) < abs(rows.loc[("naive_same_rate", "all"), "bias"])
    assert (rows.loc["bg_nbd", "probability_alive"])["0"] == 1
    assert backtest_picture(rows.reset_index()).startswith(
        "![purchases per customer in the holdout](data:image/svg"
    )


def test_the_backtests_figures_are_worked_by_hand() -> None:
    """Ten customers of age 20 and one repeat, 5 in the holdout of 10 days by 5 of them: rate 1/20, so 0.5 each."""
    holdout = pd.DataFrame(
        {
            "frequency": 1,
            "recency_days": 10,
            "age_days": 20,
            "window_occasion_count": [0, 1],
            "customer_count": 5,
        }
    ).assign(holdout_occasion_count=[1, 0])
    nothing = clv_models(*nobody(), holdout, Definitions())
    rows = clv_backtest(nothing, holdout, Definitions(holdout_days=10)).set_index(
        ["model", "frequency_bucket"]
    )
    naive = rows.loc[("naive_same_rate", "1")]
    assert (naive["expected_purchases"], naive["actual_purchases"], naive["bias"]) == (5, 5, 0)
    assert (naive["mean_absolute_error"], naive["bought_share"]) == (0.5, 0.5)
    # Who bought in the window before did not in the holdout, and the other way round.
    assert rows.loc[("naive_last_window", "all"), "mean_absolute_error"] == 1
    assert rows.loc[("mbg_nbd", "all"), "suppression_reason"] == "not_converged"


def nobody() -> tuple[pd.DataFrame, pd.DataFrame]:
    return no_rows(PURCHASE_HISTORIES), no_rows(SPEND_HISTORIES)


def no_rows(mart: Mart) -> pd.DataFrame:
    """An empty mart with its types."""
    types = {name: str if name == "fit" else float if name == "spend_sum" else int for name in mart.columns}
    return pd.DataFrame(columns=list(mart.columns)).astype(types)


def test_without_customers_nothing_converges_and_nothing_is_chosen() -> None:
    holdout = no_rows(HOLDOUT_PURCHASES)
    models = clv_models(*nobody(), holdout, Definitions())
    assert not models["is_converged"].any()
    assert set(models["reason"]) == {"no customers"}
    assert not models["is_chosen"].any()
    assert set(clv_backtest(models, holdout, Definitions())["suppression_reason"]) == {"no_observations"}


def test_of_few_customers_no_parameter_is_told() -> None:
    histories = pd.DataFrame(
        {"fit": ["full"], "frequency": 1, "recency_days": 7, "age_days": 30, "customer_count": 9}
    )
    spends = pd.DataFrame({"fit": ["full"], "frequency": 1, "spend_sum": 10, "customer_count": 9})
    holdout = no_rows(HOLDOUT_PURCHASES)
    full = clv_models(histories, spends, holdout, Definitions()).query("fit == 'full'")
    assert set(full["reason"]) == {"below_min_disclosed_n"}
    assert full["value"].isna().all()


@pytest.mark.parametrize(
    ("fitted", "errors", "chosen"),
    [
        (
            ("mbg_nbd", "pareto_nbd", "bg_nbd"),
            {"mbg_nbd": 0.2, "pareto_nbd": 0.1, "bg_nbd": 0.0},
            "pareto_nbd",
        ),
        (("mbg_nbd", "pareto_nbd"), {"mbg_nbd": 0.2}, "mbg_nbd"),
        (("mbg_nbd", "pareto_nbd"), {}, "mbg_nbd"),
        (("pareto_nbd",), {"mbg_nbd": 0.1}, "pareto_nbd"),
        (("bg_nbd",), {"bg_nbd": 0.1}, None),
    ],
)
def test_the_candidate_that_missed_the_holdout_least_is_chosen(
    fitted: tuple[str, ...], errors: dict[str, float], chosen: str | None
) -> None:
    assert chosen_model({(name, "full"): {} for name in fitted}, errors) == chosen


def test_a_cut_tells_those_who_came_back_from_the_others() -> None:
    """Idle 1, 2, 3, 4 days: 9, 5, 1 and 0 of ten came back. Above 2 days 20 are flagged, one of them wrongly.

    J: above 1 day 24/25 - 6/15 = 0.56, above 2 days 19/25 - 1/15 = 0.69, above 3 days 10/25 = 0.4.
    """
    found = best_cut(np.array([1.0, 2.0, 3.0, 4.0]), np.full(4, 10), np.array([9, 5, 1, 0]))
    assert found == Cut(2.0, 20, 1)


@pytest.mark.parametrize("buyers", [[0, 0], [10, 10], [5, 5], [4, 6]])
def test_without_a_difference_there_is_no_cut(buyers: list[int]) -> None:
    assert best_cut(np.array([1.0, 2.0]), np.full(2, 10), np.array(buyers)) is None


def test_scores_and_thresholds_of_cdnow_hold_together(models: pd.DataFrame, marts: Marts) -> None:
    scores = purchase_scores(models, marts.histories, marts.holdout, CHOSEN)
    assert scores["customer_count"].sum() == 2357
    assert not scores.duplicated(list(HISTORY_KEY)).any()
    assert (scores["discounted_orders_365"] < scores["expected_orders_365"]).all()
    rows = churn(models, scores, marts.holdout, date(1997, 1, 1), AS_OF.date(), CHOSEN)
    found = rows.set_index(["metric", "item"])["value"]
    days = found["churn_inactivity_days", "inactivity"]
    idle = scores["age_days"] - scores["recency_days"]
    assert (scores["is_churned_by_inactivity"] == (idle > days)).all()
    flagged = scores.loc[scores["is_churned_by_inactivity"].astype(bool), "customer_count"].sum()
    assert found["churned_customer_share", "inactivity"] == pytest.approx(flagged / 2357, abs=1e-12)
    before = marts.holdout.loc[marts.holdout["age_days"] - marts.holdout["recency_days"] > days]
    came_back = before.loc[before["holdout_occasion_count"] > 0, "customer_count"].sum()
    expected = came_back / before["customer_count"].sum()
    assert found["false_churn_rate", "inactivity"] == pytest.approx(expected, abs=1e-12)


def test_a_year_is_discounted_from_the_middle_of_its_quarters() -> None:
    """With d = 0 nothing is taken off; with 10 % what falls evenly keeps about 1.1^-0.5 of it."""
    parameters = {"r": 500.0, "alpha": 500.0, "a": 1e-3, "b": 900.0}
    regular = histories_of(
        pd.DataFrame({"frequency": [100], "recency_days": 700, "age_days": 700, "customer_count": 1})
    )
    plain, undiscounted = expected_orders(mbg_nbd, parameters, regular, 0.0)
    assert undiscounted == pytest.approx(plain, rel=1e-12)
    _, discounted = expected_orders(mbg_nbd, parameters, regular, 0.1)
    assert discounted / plain == pytest.approx(
        sum(1.1 ** -((k - 0.5) / 4) for k in (1, 2, 3, 4)) / 4, rel=1e-4
    )
