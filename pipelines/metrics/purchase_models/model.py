"""What a model and its data give, so that one fitting serves all of them.

Here are the two protocols and the bounds that models share. Formulas and the fitting must stay out.
"""

from collections.abc import Mapping
from typing import Protocol, Self, TypeVar

from pipelines.metrics.intervals import Floats

Parameters = Mapping[str, float]
# By name; a model's module says which in PARAMETERS, in their order.

SHAPE_BOUNDS = (1e-3, 1e3)
# Below, nearly all customers have the value 0 of what is gamma or beta distributed; above, customers do not differ.
# Either way the data cannot tell the parameter from its limit.

SCALE_BOUNDS = (1e-4, 1e3)
# Of parameters with a unit, in multiples of what the data have of that unit on average.


class Evidence(Protocol):
    """Data of a model: distinct observations, each with its number of customers."""

    @property
    def customer_total(self) -> int: ...

    @property
    def unit(self) -> str:
        """Of what has one among the parameters, and of the log-likelihood: such as `7 days`."""
        ...

    def part(self, customers: int) -> Self:
        """About so many of the customers, evenly drawn from all, always the same ones."""
        ...


Data_contra = TypeVar("Data_contra", bound=Evidence, contravariant=True)


class Model(Protocol[Data_contra]):
    """A module that states a model."""

    NAME: str
    PARAMETERS: tuple[str, ...]

    def log_likelihood_with_gradient(
        self, parameters: Parameters, data: Data_contra, /
    ) -> tuple[float, Floats]:
        """Sum over all customers, and its derivatives in the order of PARAMETERS."""
        ...

    def starting_points(self, data: Data_contra, /) -> tuple[tuple[float, ...], ...]: ...

    def bounds(self, data: Data_contra, /) -> tuple[tuple[float, float], ...]: ...
