"""Fitting any of the models by maximum likelihood, with an honest word on whether there is a maximum.

Here are starts, polishing, the check of the optimum and its errors. Formulas of a model must stay out.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, NamedTuple

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.optimize import minimize

from pipelines.metrics.intervals import Floats, normal_quantile
from pipelines.metrics.purchase_models.model import Data_contra, Model, Parameters

PART_CUSTOMERS = 8_000
# Starts are found on so many: enough for the optimum of all to be near, and a fraction of a second.

HESSIAN_STEP = 1e-5
# Of a log-parameter, differences of the analytic gradient: five digits of a standard error.

LARGEST_GAIN = 1e-6
# What the log-likelihood may still gain at a converged optimum; published ones have four decimals.

SAME_OPTIMUM = 1e-2
# Standard errors between two optima that are one.

AT_BOUND = 0.01
# Of a log-parameter: within one in a hundred of its bound it has not stopped by itself.

LEAST_AGREEMENT = 2
# Catalogue 3.13: identical optimum from two starts or more.

LARGEST_LOG_ERROR = 5.0
# A parameter known to a factor of e^5 is not known.

POLISHING_STEPS = 50
BROAD_STEPS, BROAD_GAIN, BROAD_SLOPE = 500, 1e-13, 1e-7
# Of L-BFGS-B, the last two per customer: it ends within a thousandth of a standard error.


@dataclass(frozen=True)
class Fit:
    """A model with its parameters and how far they can be trusted.

    parameters, std_errors: by name; errors by the delta method from those of the log-parameters, nan where the
    fit did not converge. covariance: of the log-parameters, in the order of the parameters. log_likelihood: summed
    over all customers, with times in `unit`. starts_agreed: starts that led to the optimum, on a part of the
    customers. reason: why it did not converge, empty where it did.
    """

    model: str
    unit: str
    parameters: Parameters
    std_errors: Parameters
    covariance: Floats
    log_likelihood: float
    customer_count: int
    is_converged: bool
    reason: str
    starts_agreed: int

    def interval(self, name: str, ci_level: float) -> tuple[float, float]:
        """Wald's interval of the log-parameter, carried back: above 0 always, longer upwards."""
        value = self.parameters[name]
        width = normal_quantile(ci_level) * self.std_errors[name] / value
        return float(value * np.exp(-width)), float(value * np.exp(width))


class Optimum(NamedTuple):
    """Log-parameters, and the Hessian of minus the log-likelihood in them."""

    place: Floats
    log_likelihood: float
    hessian: Floats
    gain: float
    """What one more Newton step promises, inf where the Hessian is not positive definite."""


class Search(Generic[Data_contra]):
    """Minus the log-likelihood per customer as a function of log-parameters."""

    def __init__(self, model: Model[Data_contra], data: Data_contra) -> None:
        self._model, self._data = model, data
        self.size, self.unit = data.customer_total, data.unit
        self._last: tuple[Floats, tuple[float, Floats]] | None = None
        self.bounds = np.log(np.array(model.bounds(data), dtype=float))

    def named(self, place: Floats) -> Parameters:
        values = (float(value) for value in np.exp(place))
        return MappingProxyType(dict(zip(self._model.PARAMETERS, values, strict=True)))

    def __call__(self, place: Floats) -> tuple[float, Floats]:
        if self._last is None or not np.array_equal(self._last[0], place):
            value, gradient = self._model.log_likelihood_with_gradient(self.named(place), self._data)
            self._last = place.copy(), (-value / self.size, -gradient * np.exp(place) / self.size)
        return self._last[1]

    def starts(self) -> list[Floats]:
        points = self._model.starting_points(self._data)
        return [np.clip(np.log(np.array(point)), *self.bounds.T) for point in points]

    def broadly(self, start: Floats) -> Floats:
        """The optimum within the bounds that this start leads to."""
        bounds = [(float(low), float(high)) for low, high in self.bounds]
        found = minimize(
            self,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": BROAD_STEPS, "ftol": BROAD_GAIN, "gtol": BROAD_SLOPE},
        )
        return np.asarray(found.x, dtype=float)

    def optimum(self, place: Floats) -> Optimum:
        value, gradient = self(place)
        steps = np.eye(len(place)) * HESSIAN_STEP
        rows = np.array([(self(place + step)[1] - gradient) / HESSIAN_STEP for step in steps])
        hessian = (rows + rows.T) / 2 * self.size
        step = _newton_step(hessian, gradient * self.size)
        return Optimum(place, -value * self.size, hessian, np.inf if step is None else step.gain)

    def polished(self, start: Floats, hessian: Floats) -> Floats:
        """Newton steps with a Hessian known from nearby, for as long as they gain."""
        place, (value, gradient) = start, self(start)
        for _ in range(POLISHING_STEPS):
            step = _newton_step(hessian * self.size, gradient * self.size)
            if step is None or step.gain < LARGEST_GAIN / 100:
                break
            following = place + step.move
            next_value, next_gradient = self(following)
            if not next_value < value:
                break
            place, value, gradient = following, next_value, next_gradient
        return place

    def at_bounds(self, place: Floats) -> list[str]:
        is_near = (np.abs(self.bounds - place[:, None]) < AT_BOUND).any(axis=1)
        is_outside = (place < self.bounds[:, 0]) | (place > self.bounds[:, 1])
        return [name for name, hit in zip(self._model.PARAMETERS, is_near | is_outside, strict=True) if hit]


class NewtonStep(NamedTuple):
    """Where to go, and what the log-likelihood gains by it."""

    move: Floats
    gain: float


def fit(model: Model[Data_contra], data: Data_contra) -> Fit:
    """The parameters of a model that make the data most likely.

    Meaning: what purchases so far say about rates of purchase, of leaving or of spending.
    Formula: log-parameters; every start on an even part of the customers by L-BFGS-B within bounds; the best one,
        and Newton's steps from it, on all of them. Hessian by differences of the analytic gradient.
        Standard errors: parameter times that of its logarithm (delta method).
    Input: a module of this package that states a model, and its data.
    Output: a fit. It is converged if no parameter is at its bound, two starts or more led to the same optimum, the
        Hessian is positive definite, the log-likelihood has nothing left to gain and every parameter is known to
        some order of magnitude. If not, `reason` says which of these failed, and the parameters are where the
        search ended.
    Left out: nothing; data that do not determine a model give a fit that did not converge, not an error.
    Known drawbacks: intervals take the log-likelihood as a parabola in the logarithms; with few repeat
        customers they are too short.
    Raises: ValueError for data that break their own rules (where they are made).
    Source: catalogue 3.13, fit hygiene.
    """
    if data.customer_total == 0:
        return _unfitted(model, data.unit, "no customers")
    part, whole = Search(model, data.part(PART_CUSTOMERS)), Search(model, data)
    found = [part.broadly(start) for start in part.starts()]
    best = part.optimum(min(found, key=lambda place: part(place)[0]))
    agreed = sum(_is_same(place, best) for place in found)
    if part.at_bounds(best.place) or not np.isfinite(best.gain):
        place = whole.broadly(best.place)
    else:
        place = whole.polished(best.place, best.hessian / part.size)
    optimum = whole.optimum(place)
    if LARGEST_GAIN < optimum.gain < np.inf and not whole.at_bounds(place):
        optimum = whole.optimum(whole.polished(whole.broadly(place), optimum.hessian / whole.size))
    return _judged(model, whole, optimum, agreed)


def _judged(model: Model[Data_contra], whole: Search[Data_contra], optimum: Optimum, agreed: int) -> Fit:
    log_errors = _log_errors(optimum)
    reason = _reason(whole, optimum, log_errors, agreed)
    parameters = whole.named(optimum.place)
    covariance: Floats = (
        np.linalg.inv(optimum.hessian).astype(float) if not reason else np.full_like(optimum.hessian, np.nan)
    )
    errors = log_errors if not reason else np.full_like(log_errors, np.nan)
    return Fit(
        model=model.NAME,
        unit=whole.unit,
        parameters=parameters,
        std_errors=MappingProxyType(
            {name: float(parameters[name] * error) for name, error in zip(parameters, errors, strict=True)}
        ),
        covariance=covariance,
        log_likelihood=optimum.log_likelihood,
        customer_count=whole.size,
        is_converged=not reason,
        reason=reason,
        starts_agreed=agreed,
    )


def _reason(whole: Search[Data_contra], optimum: Optimum, log_errors: Floats, agreed: int) -> str:
    """What speaks against the optimum, empty where nothing does."""
    names = list(whole.named(optimum.place))
    at_bounds = whole.at_bounds(optimum.place)
    if at_bounds:
        return f"no optimum: {', '.join(at_bounds)} ended at the bound"
    if not np.isfinite(optimum.gain):
        return "no optimum: the likelihood is flat where the search ended"
    if optimum.gain > LARGEST_GAIN:
        return f"the search ended early: the log-likelihood could gain {optimum.gain:.2g}"
    unknown = [name for name, error in zip(names, log_errors, strict=True) if error > LARGEST_LOG_ERROR]
    if unknown:
        return f"the data do not determine {', '.join(unknown)}"
    if agreed < LEAST_AGREEMENT:
        return f"only {agreed} of the starts led to this optimum"
    return ""


def _log_errors(optimum: Optimum) -> Floats:
    if not np.isfinite(optimum.gain):
        return np.full(len(optimum.place), np.nan)
    return np.sqrt(np.diag(np.linalg.inv(optimum.hessian)))


def _is_same(place: Floats, best: Optimum) -> bool:
    difference = place - best.place
    return bool(difference @ best.hessian @ difference <= SAME_OPTIMUM**2)


def _newton_step(hessian: Floats, gradient: Floats) -> NewtonStep | None:
    """None where the Hessian is not positive definite."""
    if not (np.isfinite(hessian).all() and np.isfinite(gradient).all()):
        return None
    try:
        move = cho_solve(cho_factor(hessian), -gradient)
    except LinAlgError:
        return None
    return NewtonStep(move, float(-gradient @ move / 2))


def _unfitted(model: Model[Data_contra], unit: str, reason: str) -> Fit:
    nothing = MappingProxyType(dict.fromkeys(model.PARAMETERS, float("nan")))
    size = len(model.PARAMETERS)
    return Fit(
        model=model.NAME,
        unit=unit,
        parameters=nothing,
        std_errors=nothing,
        covariance=np.full((size, size), np.nan),
        log_likelihood=float("nan"),
        customer_count=0,
        is_converged=False,
        reason=reason,
        starts_agreed=0,
    )
