"""Weighted means of scores in parts of a sample, with errors that know how the weights were made.

Here are the sums over weighting cells. Finding weights, metrics, frames and thresholds of publication must stay out.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipelines.metrics.intervals import Counts, Floats

LEAST_FREEDOM = 0.01
# Of an answer that is nearly alone in a category the fit leaves no residual to correct.

INDEPENDENT = 1e-10
# A singular value below this part of the largest one is the rounding of 0.

ALIKE = 1e-12
# A variance of scores between -1 and 1 below this is the rounding of 0.


class DomainFigures(NamedTuple):
    """One row per domain; one column per score where there are two dimensions."""

    means: Floats
    std_errors: Floats
    n: Counts
    n_effective: Floats
    n_kish: Floats


def domain_figures(
    answer_counts: Floats, weights: Floats, design: Floats, domains: npt.NDArray[np.bool_], scores: Floats
) -> DomainFigures:
    """Weighted means of scores in every domain, with the standard errors of raked weights.

    Meaning: the mean over the part of the population that a domain is; a domain is a set of cells.
    Formula: m = sum_domain w x / sum_domain w. Var = sum w^2 e^2 / (1 - h) / (sum_domain w)^2 over all n answers, e the
        residual of the weighted least squares of z on `design`, z = x - m within the domain and 0 outside, h the
        answer's leverage: what the fit takes of its own residual. n_effective = v / Var with v the weighted variance
        of x in the domain; n_kish = (sum w)^2 / sum w^2. Where v or Var is 0, n_effective is n_kish.
    Input: `answer_counts` (cell, class) >= 0; `weights` (cell) of one answer, > 0; `design` (cell, column) the
        margins' dummies; `domains` (cell, domain), none empty; `scores` (score, class).
    Output: see DomainFigures; standard errors are nan where n does not exceed the rank of `design`.
    Left out: nothing.
    Known drawbacks: the weights' cap is taken as if it had not been; a domain with few answers in many margins has
        an error that is itself uncertain.
    Raises: nothing.
    Source: Deville & Saerndal 1992, JASA 87(418), 376-382; domains: Saerndal, Swensson & Wretman 1992, 10.3;
        leverage: MacKinnon & White 1985, J. Econometrics 29, 305-325 (HC2).
    """
    in_cell = answer_counts.sum(axis=1)
    totals = domains.T @ (weights * in_cell)
    shares = np.clip(domains.T @ (weights[:, None] * answer_counts) / totals[:, None], 0, 1)
    means, squares = shares @ scores.T, shares @ (scores**2).T
    freedom, squared_sums = _residual_sums(answer_counts, weights, design, domains, scores, means)
    variances = np.maximum(0.0, squares - means**2)
    variances[variances < ALIKE] = 0.0
    errors = np.where(variances > 0, squared_sums / totals[:, None] ** 2, 0.0)
    errors[:] = errors if freedom > 0 else np.nan
    n_kish = totals**2 / (domains.T @ (weights**2 * in_cell))
    spread = (variances > 0) & ~(errors < ALIKE * variances)
    n_effective = np.where(spread, variances / np.where(spread, errors, 1), n_kish[:, None])
    n = np.rint(domains.T @ in_cell).astype(np.int64)
    return DomainFigures(means, np.sqrt(errors), n, n_effective, n_kish)


def _residual_sums(
    answer_counts: Floats,
    weights: Floats,
    design: Floats,
    domains: npt.NDArray[np.bool_],
    scores: Floats,
    means: Floats,
) -> tuple[int, Floats]:
    """n - p, and sum w^2 e^2 by domain and score."""
    in_cell = answer_counts.sum(axis=1)
    score_means = answer_counts @ scores.T / in_cell[:, None]
    # Of a whole cell: the mean of z. Cell, domain, score; the regression on cell means is that on answers.
    centred = domains[:, :, None] * (score_means[:, None, :] - means[None, :, :])
    root = np.sqrt(weights * in_cell)[:, None]
    basis, sizes, _ = np.linalg.svd(design * root, full_matrices=False)
    basis = basis[:, sizes > sizes[0] * INDEPENDENT]
    flat = centred.reshape(len(centred), -1)
    fitted = (basis @ (basis.T @ (flat * root)) / root).reshape(centred.shape)
    leverage = (basis**2).sum(axis=1) / in_cell
    corrected = weights**2 / np.maximum(1 - leverage, LEAST_FREEDOM)
    squared_sums = np.zeros(means.shape)
    for place in range(scores.shape[1]):
        residual = domains[:, :, None] * (scores[:, place] - means)[None, :, :] - fitted
        squared_sums += np.einsum("c,cds->ds", corrected * answer_counts[:, place], residual**2)
    return round(in_cell.sum()) - basis.shape[1], squared_sums
