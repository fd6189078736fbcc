"""The integral over the unknown day on which a customer left, for all pairs of a purchase count and a day at once.

Here is the table of these integrals and of those that its derivatives need. The likelihood must stay out.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipelines.metrics.intervals import Floats

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(4)
STEEPEST_PANEL = 0.5
# ln of how far the integrand falls within a panel: four nodes then err by 1e-12 of it.

VALUES_AT_ONCE = 4_000_000
# Of integrand, per block of purchase counts: 32 MB.


class Rates(NamedTuple):
    """Parameters of the Pareto/NBD, symbols as in the paper."""

    r: float
    alpha: float
    s: float
    beta: float


class Tails(NamedTuple):
    """Integrals from each edge to the last one over f, relative to f at that edge, per edge and x.

    f(y) = (alpha+y)^-(r+x) (beta+y)^-(s+1); `log_alpha` and the others carry the factor that they name.
    """

    plain: Floats
    log_alpha: Floats
    log_beta: Floats
    by_alpha: Floats
    by_beta: Floats


class Panels(NamedTuple):
    """Between neighbouring break points: what does not depend on x."""

    fall_alpha: Floats
    fall_beta: Floats
    factors: Floats
    whole_fall_alpha: Floats
    whole_fall_beta: Floats


def tails(rates: Rates, x: Floats, edges: Floats, largest_x: Floats) -> Tails:
    """The integrals for every x and every edge.

    Meaning: the customer is alive until y and then leaves; integrated from the last purchase to the as-of day it is
    the part of the likelihood that belongs to those who left.
    Formula: the published form is g(u) = 2F1(h, k; h+1; |alpha-beta|/(max+u)) / (max+u)^h with h = r+s+x, which is h
    times the integral of f from u to infinity. Between two edges f is smooth in ln(min(alpha, beta) + y), and
    four-node Gauss-Legendre panels short enough for it give 12 digits; tails follow from right to left, each
    relative to its own edge, so that nothing underflows. Derivatives by r, alpha, s and beta are the same
    integrals with one factor more.
    Input: x, distinct purchase counts; edges, distinct times in ascending order; largest_x, per gap between
    edges the largest x of histories whose last purchase is not after it (a larger one never asks for that gap).
    Output: arrays (edge, x).
    """
    breaks, places = _breaks(rates, edges, largest_x)
    panels = _panels(rates, breaks)
    block = max(1, VALUES_AT_ONCE // max(1, panels.fall_alpha.size))
    blocks = [
        _tails_of_some(rates, x[begin : begin + block], panels)[places] for begin in range(0, len(x), block)
    ]
    table = np.concatenate(blocks, axis=2)
    return Tails(*(np.ascontiguousarray(table[:, kind]) for kind in range(table.shape[1])))


def _breaks(rates: Rates, edges: Floats, largest_x: Floats) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Edges, and points between them wherever f falls too steeply; and the places of the edges among all."""
    nearest = min(rates.alpha, rates.beta)
    logs = np.log(nearest + edges)
    gaps = np.diff(logs)
    counts = np.ceil((rates.r + rates.s + largest_x + 1) * gaps / STEEPEST_PANEL).astype(np.intp)
    counts = np.maximum(counts, 1)
    places = np.concatenate([[0], np.cumsum(counts)])
    inner = np.arange(places[-1]) - np.repeat(places[:-1], counts)
    breaks = np.repeat(logs[:-1], counts) + inner * np.repeat(gaps / counts, counts)
    return np.append(breaks, logs[-1]), places


def _panels(rates: Rates, breaks: Floats) -> Panels:
    nearest = min(rates.alpha, rates.beta)
    half = np.diff(breaks)[:, None] / 2
    from_nearest = np.exp((breaks[:-1, None] + half) + half * NODES)
    from_alpha, from_beta = (from_nearest + (parameter - nearest) for parameter in (rates.alpha, rates.beta))
    edge = np.exp(breaks)
    log_alpha, log_beta = np.log(from_alpha), np.log(from_beta)
    edge_alpha, edge_beta = (np.log(edge + (parameter - nearest)) for parameter in (rates.alpha, rates.beta))
    weights = half * NODE_WEIGHTS * from_nearest
    factors = (np.ones_like(weights), log_alpha, log_beta, 1 / from_alpha, 1 / from_beta)
    return Panels(
        log_alpha - edge_alpha[:-1, None],
        log_beta - edge_beta[:-1, None],
        np.stack([weights * factor for factor in factors], axis=1),
        np.diff(edge_alpha),
        np.diff(edge_beta),
    )


def _tails_of_some(rates: Rates, x: Floats, panels: Panels) -> Floats:
    """Tails at every break point, as (break point, kind, x)."""
    power = rates.r + x
    f = np.exp(-panels.fall_alpha[:, :, None] * power - (rates.s + 1) * panels.fall_beta[:, :, None])
    within = panels.factors @ f
    whole_fall = np.multiply.outer(panels.whole_fall_alpha, power)
    fall = np.exp(-whole_fall - (rates.s + 1) * panels.whole_fall_beta[:, None])
    result = np.zeros((len(within) + 1, *within.shape[1:]))
    for panel in range(len(within) - 1, -1, -1):
        np.multiply(result[panel + 1], fall[panel], out=result[panel])
        result[panel] += within[panel]
    return result
