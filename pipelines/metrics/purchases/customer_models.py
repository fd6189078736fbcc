"""Fitting the purchase models to a company's customers, and choosing the one that feeds `customers`.

Here are the fits as rows, what they are read back to, and the rule of choice. The models' formulas must stay out, and
so must what follows from a choice.
"""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import pandas as pd

from pipelines.metrics.inputs import require_columns, require_counts, require_unique
from pipelines.metrics.intervals import Counts, Floats
from pipelines.metrics.marts import HOLDOUT_PURCHASES, PURCHASE_HISTORIES, SPEND_HISTORIES
from pipelines.metrics.metric_row import BELOW_MIN_DISCLOSED_N, counts
from pipelines.metrics.purchase_models import (
    bg_nbd,
    gamma_gamma,
    mbg_nbd,
    pareto_nbd,
    shifted_beta_geometric,
)
from pipelines.metrics.purchase_models.fitting import Fit, fit
from pipelines.metrics.purchase_models.histories import Histories
from pipelines.metrics.purchase_models.model import Model, Parameters
from pipelines.metrics.purchase_models.spends import Spends, frequency_correlation
from pipelines.metrics.value_tables import CLV_MODELS
from pipelines.settings import Definitions

FULL, CALIBRATION = "full", "calibration"
FITS = (FULL, CALIBRATION)


class PurchaseModel(Model[Histories], Protocol):
    """A module that states a model of purchases."""

    def probability_alive(self, parameters: Parameters, histories: Histories, /) -> Floats: ...

    def expected_purchases(
        self, parameters: Parameters, histories: Histories, horizon: float, /
    ) -> Floats: ...


PURCHASE_MODELS: Mapping[str, PurchaseModel] = {model.NAME: model for model in (mbg_nbd, bg_nbd, pareto_nbd)}

CANDIDATES = (mbg_nbd.NAME, pareto_nbd.NAME)
# BG/NBD calls every customer with one purchase alive, so nobody who never came back would ever have churned.

LAST_BUCKET = 7
# Seven repeat purchases and more are one bucket, as in the papers' figures.

FITTED = {
    **{name: model.PARAMETERS for name, model in PURCHASE_MODELS.items()},
    gamma_gamma.NAME: gamma_gamma.PARAMETERS,
    shifted_beta_geometric.NAME: shifted_beta_geometric.PARAMETERS,
}
"""Parameters of each model that is fitted on every run."""

Fitted = Mapping[tuple[str, str], Parameters]
"""Parameters of converged fits, by model and fit."""


def clv_models(
    purchase_histories: pd.DataFrame,
    spend_histories: pd.DataFrame,
    holdout_purchases: pd.DataFrame,
    definitions: Definitions,
) -> pd.DataFrame:
    """Parameters of all models, fitted as of the run and without the holdout, and which of them is chosen.

    Meaning: how often customers buy, how soon they leave and what they spend, as parameters with their errors.
    Formula: maximum likelihood on distinct histories, times in weeks (`purchase_models.fitting`); intervals of
        log-parameters, carried back. The chosen purchase model is the one of MBG/NBD and Pareto/NBD that converged
        as of the run and, fitted without the holdout, missed it least (`holdout_error`): the sum over
        frequency buckets of |expected - actual| purchases over all actual ones. One without that figure comes
        last; of equals the first. Gamma-Gamma is chosen if it converged as of the run.
    Input: `marts.purchase_histories`, `marts.spend_histories`, `marts.holdout_purchases`, one row per history.
    Output: rows of `clv_models`, one per model, fit and parameter. A fit that did not converge has no values and
        says why in `reason`; so has one of fewer than `min_disclosed_n` customers (`below_min_disclosed_n`).
        `warning` says where spend goes with frequency, which Gamma-Gamma takes as independent.
    Left out: of Gamma-Gamma customers without a repeat purchase, and those whose repeat purchases cost nothing in all.
    Known drawbacks: customers are taken as alike in what the models leave out: seasons, promotions, growth. The error
        of a parameter is that of the likelihood alone.
    Raises: ValueError for a missing column, a count that is none, a repeated key.
    Source: catalogue 3.13, with the papers that the models' modules name.
    """
    for frame, mart in ((purchase_histories, PURCHASE_HISTORIES), (spend_histories, SPEND_HISTORIES)):
        require_columns(frame, mart.source, (*mart.key, "customer_count"))
        require_counts(frame, mart.source, ("frequency", "customer_count"))
        require_unique(frame, mart.source, mart.key)
    require_columns(holdout_purchases, HOLDOUT_PURCHASES.source, HOLDOUT_PURCHASES.columns)
    rows: list[pd.DataFrame] = []
    fitted: dict[tuple[str, str], Parameters] = {}
    for name in FITS:
        histories = histories_of(purchase_histories.loc[purchase_histories["fit"] == name])
        for model in PURCHASE_MODELS.values():
            found = _fit_disclosed(model, histories, definitions)
            fitted |= {(model.NAME, name): found.parameters} if found.is_converged else {}
            rows.append(fit_rows(found, name, definitions))
        rows.append(_spend_rows(spend_histories.loc[spend_histories["fit"] == name], name, definitions))
    models = pd.concat(rows, ignore_index=True)
    errors = {
        name: holdout_error(model, fitted[name, CALIBRATION], holdout_purchases, definitions.holdout_days)
        for name, model in PURCHASE_MODELS.items()
        if (name, CALIBRATION) in fitted
    }
    chosen = {chosen_model(fitted, errors), gamma_gamma.NAME}
    return models.assign(
        is_chosen=(models["fit"] == FULL) & models["is_converged"] & models["model"].isin(chosen),
        holdout_error=models["model"].map(errors).astype(float),
    )[list(CLV_MODELS.column_names)]


def holdout_error(
    model: PurchaseModel, parameters: Parameters, holdout_purchases: pd.DataFrame, holdout_days: int
) -> float:
    """Sum over frequency buckets of |expected - actual| purchases, over all actual ones; nan without any."""
    expected = model.expected_purchases(parameters, histories_of(holdout_purchases), holdout_days)
    customers = counts(holdout_purchases, "customer_count")
    missed = customers * (expected - counts(holdout_purchases, "holdout_occasion_count"))
    by_bucket = np.bincount(bucket_numbers(holdout_purchases), weights=missed)
    bought = float(customers @ counts(holdout_purchases, "holdout_occasion_count"))
    return float(np.abs(by_bucket).sum() / bought) if bought else float("nan")


def bucket_numbers(holdout_purchases: pd.DataFrame) -> Counts:
    """The frequency bucket of each row."""
    return np.minimum(counts(holdout_purchases, "frequency"), LAST_BUCKET)


def chosen_model(fitted: Fitted, errors: Mapping[str, float]) -> str | None:
    """The candidate with the smallest error among those that converged as of the run; None without any."""
    converged = [name for name in CANDIDATES if (name, FULL) in fitted]

    def rank(name: str) -> tuple[bool, float]:
        error = errors.get(name, np.nan)
        return bool(np.isnan(error)), error

    return min(converged, key=rank, default=None)


def fitted_parameters(models: pd.DataFrame) -> Fitted:
    """What the rows of `clv_models` say, for the fits that converged."""
    converged = models.loc[models["is_converged"]]
    return {
        (str(model), str(name)): dict(zip(part["parameter"], part["value"].astype(float), strict=True))
        for (model, name), part in converged.groupby(["model", "fit"])
    }


def chosen_of(models: pd.DataFrame) -> str | None:
    """The purchase model that the rows of `clv_models` mark as chosen."""
    names = models.loc[models["is_chosen"] & models["model"].isin(CANDIDATES), "model"]
    return None if names.empty else str(names.iloc[0])


def histories_of(frame: pd.DataFrame) -> Histories:
    """The distinct histories of a frame with frequency, recency_days, age_days and customer_count."""
    frequency, recency, age = (
        frame[name].to_numpy(dtype=np.float64) for name in ("frequency", "recency_days", "age_days")
    )
    return Histories(frequency, recency, age, counts(frame, "customer_count"))


def _fit_disclosed(model: PurchaseModel, histories: Histories, definitions: Definitions) -> Fit:
    """The fit, with the reason why it may not be told where customers are too few."""
    if 0 < histories.customer_total < definitions.min_disclosed_n:
        return untold_fit(model.NAME, histories.unit, histories.customer_total)
    return fit(model, histories)


def untold_fit(model: str, unit: str, customer_count: int) -> Fit:
    """What is said of a model that has too few customers to be told."""
    nothing = dict.fromkeys(FITTED[model], float("nan"))
    size = len(nothing)
    return Fit(
        model=model,
        unit=unit,
        parameters=nothing,
        std_errors=nothing,
        covariance=np.full((size, size), np.nan),
        log_likelihood=float("nan"),
        customer_count=customer_count,
        is_converged=False,
        reason=BELOW_MIN_DISCLOSED_N,
        starts_agreed=0,
    )


def _spend_rows(frame: pd.DataFrame, name: str, definitions: Definitions) -> pd.DataFrame:
    spends = Spends.of(frame["frequency"], frame["spend_sum"].astype(float), frame["customer_count"])
    if 0 < spends.customer_total < definitions.min_disclosed_n:
        return fit_rows(untold_fit(gamma_gamma.NAME, spends.unit, spends.customer_total), name, definitions)
    found = fit_rows(fit(gamma_gamma, spends), name, definitions)
    correlation = frequency_correlation(spends)
    if correlation.is_strong:
        return found.assign(
            warning=f"spend goes with frequency: r {correlation.pearson:.2f}, Spearman {correlation.spearman:.2f}"
        )
    return found


def fit_rows(found: Fit, name: str, definitions: Definitions) -> pd.DataFrame:
    """A fit as rows, one per parameter."""
    parameters = FITTED[found.model]
    told = found.is_converged
    intervals = [
        found.interval(parameter, definitions.ci_level) if told else (np.nan, np.nan)
        for parameter in parameters
    ]
    return pd.DataFrame(
        {
            "model": found.model,
            "fit": name,
            "parameter": parameters,
            "value": [found.parameters[parameter] if told else np.nan for parameter in parameters],
            "std_error": [found.std_errors[parameter] if told else np.nan for parameter in parameters],
            "ci_low": [low for low, _ in intervals],
            "ci_high": [high for _, high in intervals],
            "ci_level": definitions.ci_level,
            "unit": found.unit,
            "log_likelihood": found.log_likelihood,
            "customer_count": found.customer_count,
            "is_converged": told,
            "reason": None if told else found.reason,
            "warning": None,
        }
    )
