"""BG/NBD: customers may leave after each repeat purchase.

Here is the model as published. It calls everyone alive who bought once, so the decision who has left must stay out:
MBG/NBD and Pareto/NBD serve for that.
"""

import numpy as np

from pipelines.metrics.intervals import Floats
from pipelines.metrics.purchase_models.beta_geometric import BetaGeometric, gamma_beta_starts
from pipelines.metrics.purchase_models.histories import DAYS_PER_WEEK, Histories, one_new_customer
from pipelines.metrics.purchase_models.model import SCALE_BOUNDS, SHAPE_BOUNDS, Parameters

NAME = "bg_nbd"
PARAMETERS: tuple[str, ...] = ("r", "alpha", "a", "b")
# Purchase rates are gamma (r, alpha) per unit of time, dropout probabilities beta (a, b).

CHANCES_AT_FIRST = 0


def log_likelihood(parameters: Parameters, histories: Histories) -> Floats:
    """Log-likelihood of one customer of each history.

    Meaning: how likely histories of such customers are; their timing is left out, as in the paper.
    Formula: ln B(a,b+x)/B(a,b) + ln G(r+x)/G(r) + r ln alpha
        + ln[(alpha+T)^-(r+x) + 1{x>0} a/(b+x-1) (alpha+t_x)^-(r+x)], the last sum by logarithms.
    Input: r, alpha, a, b > 0, alpha in the histories' unit.
    Output: one element per history.
    Left out: ln of what depends on the times alone.
    Known drawbacks: nobody leaves before a repeat purchase.
    Source: Fader, Hardie & Lee 2005, Marketing Science 24(2), 275-284, equation 6; catalogue 3.13.
    """
    return _model(parameters, histories).log_likelihood()


def log_likelihood_with_gradient(parameters: Parameters, histories: Histories) -> tuple[float, Floats]:
    """Sum over all customers, and its derivatives by r, alpha, a and b."""
    return _model(parameters, histories).log_likelihood_with_gradient()


def probability_alive(parameters: Parameters, histories: Histories) -> Floats:
    """Probability that a customer of each history has not left.

    Formula: 1 / (1 + 1{x>0} a/(b+x-1) ((alpha+T)/(alpha+t_x))^(r+x)): 1 for everyone who bought once.
    Input, output: as of the log-likelihood; 0 to 1.
    Source: Fader, Hardie & Lee 2008, a note on P(alive) of the BG/NBD; catalogue 3.13.
    """
    return _model(parameters, histories).probability_alive()


def expected_purchases(parameters: Parameters, histories: Histories, horizon: float) -> Floats:
    """Purchases that a customer of each history is expected to make within `horizon` days from now.

    Formula: (a+b+x-1)/(a-1) [1 - ((alpha+T)/(alpha+T+t))^(r+x) 2F1(r+x, b+x; a+b+x-1; t/(alpha+T+t))]
        P(alive), as an integral without its singularities.
    Input, output: as of the log-likelihood; 0 or more.
    Raises: ValueError for a horizon below 0.
    Source: Fader, Hardie & Lee 2005, equation 10; catalogue 3.13.
    """
    return _model(parameters, histories).expected_purchases(horizon)


def expected_purchases_of_new(
    parameters: Parameters, horizon: float, unit_days: float = DAYS_PER_WEEK
) -> float:
    """Purchases within `horizon` days after the first, of a customer who has just made it.

    Formula: (a+b-1)/(a-1) [1 - (alpha/(alpha+t))^r 2F1(r, b; a+b-1; t/(alpha+t))], as an integral.
    Raises: ValueError for a horizon below 0.
    Source: Fader, Hardie & Lee 2005, equation 9; catalogue 3.13.
    """
    return float(expected_purchases(parameters, one_new_customer(unit_days), horizon)[0])


def starting_points(histories: Histories) -> tuple[tuple[float, ...], ...]:
    """Few and many who leave, with unlike and like purchase rates, at the observed mean rate."""
    return gamma_beta_starts(histories.purchase_rate)


def bounds(histories: Histories) -> tuple[tuple[float, float], ...]:
    scale = tuple(np.array(SCALE_BOUNDS) * histories.mean_age)
    return (SHAPE_BOUNDS, (scale[0], scale[1]), SHAPE_BOUNDS, SHAPE_BOUNDS)


def _model(parameters: Parameters, histories: Histories) -> BetaGeometric:
    r, alpha, a, b = (parameters[name] for name in PARAMETERS)
    return BetaGeometric(r, alpha, a, b, CHANCES_AT_FIRST, histories)
