"""Analytic gradients beside differences of the log-likelihood."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

STEP = 1e-5
# Of a parameter, relative: central differences then err by about 1e-9 of the sum, more where terms cancel.


def assert_gradient_is_that_of_the_sum(
    model: ModuleType, parameters: dict[str, float], data: Any, total: Callable[[dict[str, float]], float]
) -> None:
    value, gradient = model.log_likelihood_with_gradient(parameters, data)
    assert value == pytest.approx(total(parameters), rel=1e-13)
    assert tuple(parameters) == model.PARAMETERS
    for name, found in zip(parameters, gradient, strict=True):
        steps = [{**parameters, name: parameters[name] * (1 + sign * STEP)} for sign in (1, -1)]
        expected = (total(steps[0]) - total(steps[1])) / (2 * STEP)
        assert found * parameters[name] == pytest.approx(expected, rel=1e-6, abs=1e-6 * abs(value)), name


def weighted(model: ModuleType, data: Any) -> Callable[[dict[str, float]], float]:
    """The sum over customers of the log-likelihood per history."""
    return lambda parameters: float(np.sum(model.log_likelihood(parameters, data) * data.customer_count))
