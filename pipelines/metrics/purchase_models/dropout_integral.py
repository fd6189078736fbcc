"""Expected purchases of customers who may leave after each, integrated over their unknown dropout probability.

Here is the integral alone, by a rule for smooth functions. Who is alive, and parameters by name, must stay out.
"""

import numpy as np
from scipy.special import digamma, log_expit, polygamma

from pipelines.metrics.intervals import Floats
from pipelines.metrics.purchase_models.coded import Codes

WIDEST_STEP = 0.25
STEPS_PER_SPREAD = 2.0
# The rule's error falls with exp(-2 pi^2 spread / step) in the tails of the transform: below 1e-13 for both.

NEGLIGIBLE = 32.0
# exp(-32) is 1e-14: what is left out beside what is summed.

ROWS_AT_ONCE = 4096


def purchases_while_alive(
    a: float, m: Floats, h: Floats, growth: Floats, codes: tuple[Codes, Codes]
) -> Floats:
    """Mean of (1 - (1 + p s)^-h) / p over p ~ Beta(a, m), for pairs of an (m, h) and a growth s.

    Meaning: purchases that a customer makes who is alive now, with purchase rate gamma (h, A), who leaves after each
    with probability p, in a time t = s A.
    Formula: the published form is (a+m-1)/(a-1) [1 - (1+s)^-h 2F1(h, m; a+m-1; s/(1+s))], the same integral; it is
    undefined at a = 1 and, with m = b and x = 0, at a + b = 1, and loses digits around. The integrand here is
    positive and smooth everywhere. With p = 1/(1+e^-u) it is analytic in a strip round the real axis, so equal
    steps in u give all digits. Beyond the outermost steps it falls geometrically, and that sum is closed.
    Input: a > 0; m > 0 and h > 0, one element per distinct number of occasions; growth >= 0, one per distinct age;
    codes: for each pair its place in m and h, and its place in growth.
    Output: one element per pair.
    """
    steps, step = _steps(a, m, h, float(growth.max(initial=0)))
    p = np.exp(log_expit(steps))
    exposure = np.log1p(np.multiply.outer(growth, p))
    result = np.empty(len(codes[0]))
    order = np.argsort(codes[0], kind="stable")
    ends = np.searchsorted(codes[0][order], np.arange(len(m) + 1))
    for place in range(len(m)):
        weights = _weights(a, float(m[place]), steps, step) / p
        rows = order[ends[place] : ends[place + 1]]
        for begin in range(0, len(rows), ROWS_AT_ONCE):
            some = rows[begin : begin + ROWS_AT_ONCE]
            result[some] = -np.expm1(-h[place] * exposure[codes[1][some]]) @ weights
    return result


def _steps(a: float, m: Floats, h: Floats, largest_growth: float) -> tuple[Floats, float]:
    """Equal steps of the logit that hold all but the geometric tails of every density."""
    centre = digamma(a) - digamma(m)
    spread = np.sqrt(polygamma(1, a) + polygamma(1, m))
    reach = 10 * spread
    step = min(WIDEST_STEP, float(spread.min()) / STEPS_PER_SPREAD)
    linear = -np.log1p(largest_growth * (h.max() + 1)) - NEGLIGIBLE
    lowest = max(float((centre - reach).min()) - NEGLIGIBLE / a, linear)
    highest = min(float((centre + reach + NEGLIGIBLE / m).max()), NEGLIGIBLE)
    return lowest + step * np.arange(int(np.ceil((highest - lowest) / step)) + 1), step


def _weights(a: float, m: float, steps: Floats, step: float) -> Floats:
    """Shares of the density of the logit per step, the geometric tails added to the outermost two."""
    log_density = a * log_expit(steps) + m * log_expit(-steps)
    weights = np.exp(log_density - log_density.max())
    weights[0] *= 1 + 1 / np.expm1(a * step)
    weights[-1] *= 1 + 1 / np.expm1(m * step)
    return np.asarray(weights / weights.sum())
