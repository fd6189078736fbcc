"""Cronbach's alpha and its kin from covariance matrices of a scale's items: formulas on arrays, one matrix per cell.

Here are the formulas alone. Cells, publication and reading of answers must stay out.
"""

import numpy as np

from pipelines.metrics.intervals import Counts, Floats
from pipelines.metrics.surveys.patterns import correlations


def cronbach_alpha(covariance: Floats) -> Floats:
    """k / (k - 1) (1 - sum of the items' variances / variance of the total); nan below two items or a total without.

    With covariances of pairs of items, each pair with its own respondents, it is the pairwise variant,
    k c / (v + (k - 1) c) of mean covariance c and mean variance v. It may be negative.
    Source: Cronbach 1951, Psychometrika 16, 297-334; catalogue 3.5.
    """
    k = covariance.shape[-1]
    items, total = np.trace(covariance, axis1=-2, axis2=-1), covariance.sum(axis=(-2, -1))
    return _alpha(items, total, k)


def standardised_alpha(covariance: Floats) -> Floats:
    """k r / (1 + (k - 1) r), r the mean correlation of two items; for two items Spearman-Brown's 2 r / (1 + r)."""
    k = covariance.shape[-1]
    if k < 2:
        return np.full(covariance.shape[:-2], np.nan)
    return spearman_brown((correlations(covariance).sum(axis=(-2, -1)) - k) / (k * (k - 1)), k)


def spearman_brown(correlation: Floats, k: int = 2) -> Floats:
    """The reliability of a sum of k parts of this mean correlation; nan where the sum does not vary."""
    denominator = 1 + (k - 1) * correlation
    # Rounding leaves a trace of 0.
    return k * correlation / np.where(denominator > 1e-12, denominator, np.nan)


def alpha_if_deleted(covariance: Floats) -> Floats:
    """Alpha of the other items, one column per item; nan below three items."""
    k = covariance.shape[-1]
    own, with_total = np.diagonal(covariance, axis1=-2, axis2=-1), covariance.sum(axis=-1)
    items = own.sum(axis=-1, keepdims=True) - own
    total = with_total.sum(axis=-1, keepdims=True) - 2 * with_total + own
    return _alpha(items, total, k - 1)


def item_total_correlation(covariance: Floats) -> Floats:
    """Correlation of each item with the sum of the others; nan where one of both does not vary."""
    own, with_total = np.diagonal(covariance, axis1=-2, axis2=-1), covariance.sum(axis=-1)
    rest = with_total.sum(axis=-1, keepdims=True) - 2 * with_total + own
    square = own * rest
    found: Floats = (with_total - own) / np.sqrt(np.where((own > 0) & (rest > 0), square, np.nan))
    return found


def alpha_std_error(rows: Floats, counts: Counts, cells: Counts, covariance: Floats) -> Floats:
    """Standard error of alpha by the influence of every respondent, without any assumption of normality.

    `rows` are the complete patterns, `cells` their place in `covariance`. With A the sum of the items' variances, T
    the variance of the total and d a respondent's deviations it is
    k / (k - 1) (A ((sum d)^2 - T) / T^2 - (sum d^2 - A) / T).
    Source: Maydeu-Olivares, Coffman & Hartmann 2007, Psychological Methods 12(2), 157-176.
    """
    cell_count, k = len(covariance), covariance.shape[-1]
    items, total = np.trace(covariance, axis1=-2, axis2=-1), covariance.sum(axis=(-2, -1))
    n = np.bincount(cells, counts, cell_count)
    means = np.stack([np.bincount(cells, counts * column, cell_count) for column in rows.T], axis=1)
    deviation = rows - (means / np.where(n > 0, n, 1)[:, None])[cells]
    usable = np.where((total > 0) & (n > 1), total, np.nan)[cells]
    of_total = items[cells] * (deviation.sum(axis=1) ** 2 - usable) / usable**2
    of_items = ((deviation**2).sum(axis=1) - items[cells]) / usable
    influence = (of_total - of_items) * k / max(k - 1, 1)
    return np.sqrt(np.bincount(cells, counts * influence**2, cell_count)) / np.where(n > 0, n, np.nan)


def _alpha(items: Floats, total: Floats, k: int) -> Floats:
    if k < 2:
        return np.full(items.shape, np.nan)
    found: Floats = k / (k - 1) * (1 - items / np.where(total > 0, total, np.nan))
    return found
