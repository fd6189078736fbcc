"""Patterns of answers: which combinations of scores a survey's respondents gave, with how many gave each.

Here is reading patterns as numbers, exact sums over them, and drawing them again by chance. What is computed from the
sums must stay out; nothing is ever expanded to one row per respondent.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.metrics.intervals import Counts, Floats

DRAWN_AT_ONCE = 5_000_000
# Pattern counts that lie in memory together: 40 MB.

MOST_DRAWS, FEWEST_DRAWS = 1_000, 200
# Replicates of a bootstrap: the ends of a 95 % interval want about a thousand, standard errors 200 (Efron &
# Tibshirani 1993, chapters 6 and 13).

MOST_DRAWN = 2_000_000
# Pattern counts that one bootstrap draws: a fifth of a second. Beyond it there are fewer replicates, not below 200.


def lists_of(texts: "pd.Series[str]") -> list[list[float | None]]:
    """The distinct lists of a column, in the order in which they first occur."""
    return [json.loads(text.replace("NULL", "null")) for text in pd.unique(texts)]


def score_matrix(patterns: "pd.Series[str]", names: Sequence[str], mart: str) -> Floats:
    """One row per pattern, one column per name, nan where there is no answer.

    Raises ValueError where a pattern has not one score per name.
    """
    codes, texts = pd.factorize(patterns)
    lists = lists_of(pd.Series(texts))
    wrong = [text for text, scores in zip(texts, lists, strict=True) if len(scores) != len(names)]
    if wrong:
        raise ValueError(
            f"{len(wrong)} of {len(lists)} patterns of {mart} have not one score for each of {', '.join(names)}, "
            f"first {wrong[0]}"
        )
    return np.array(lists, dtype=float).reshape(len(lists), len(names))[codes]


def the_one_list(
    texts: "pd.Series[str]", names: Sequence[str], column: str, mart: str
) -> npt.NDArray[np.int64]:
    """The list that all rows of a survey share, with one element per name; refuse several or another length."""
    lists = lists_of(texts)
    if len(lists) != 1 or len(lists[0]) != len(names):
        raise ValueError(
            f"{mart} has the {column} {'; '.join(str(found) for found in lists[:3])} for {', '.join(names)}: one "
            "list with an element for each is needed"
        )
    return np.array(lists[0], dtype=np.int64)


def products(rows: Floats, weights: npt.NDArray[np.floating | np.integer]) -> Floats:
    """Sums of the products of all pairs of columns, one matrix per row of `weights`.

    Exact, and so independent of order, while the sums of whole numbers stay below 2^53.
    """
    weights = np.atleast_2d(weights).astype(float)
    return np.stack([weights @ (rows[:, [column]] * rows) for column in range(rows.shape[1])], axis=1)


def redrawn_products(matrices: Sequence[Floats], counts: Counts, random: np.random.Generator) -> list[Floats]:
    """For each matrix the `products` of a bootstrap: respondents drawn again from the patterns.

    Patterns are drawn in the order of the first matrix' values, so that the order of rows does not matter.
    Source: Hanley & MacGibbon 2006, Computer Methods and Programs in Biomedicine 83, 57-62.
    """
    order = np.lexsort(matrices[0].T[::-1])
    sorted_matrices = [rows[order] for rows in matrices]
    found = [[products(rows, drawn) for rows in sorted_matrices] for drawn in _redrawn(counts[order], random)]
    return [np.concatenate(parts) for parts in zip(*found, strict=True)]


def _redrawn(counts: Counts, random: np.random.Generator) -> Iterator[Counts]:
    pattern_count = len(counts)
    left = int(np.clip(MOST_DRAWN // pattern_count, FEWEST_DRAWS, MOST_DRAWS))
    at_once = max(1, DRAWN_AT_ONCE // pattern_count)
    while left > 0:
        # Each respondent comes in a Poisson(1) number of times; of a pattern's respondents that is their sum.
        yield random.poisson(counts, size=(min(left, at_once), pattern_count))
        left -= at_once


def random_of(*key: object) -> np.random.Generator:
    """The random numbers of one cell: the same in every run, whatever other cells there are."""
    digest = hashlib.sha256("|".join(str(part) for part in key).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def covariances(sums: Floats) -> tuple[Floats, Floats]:
    """Numbers of respondents and sample covariance matrices from the `products` of rows that begin with a 1.

    nan below two respondents.
    """
    n, totals = sums[..., 0, 0], sums[..., 0, 1:]
    numerator = n[..., None, None] * sums[..., 1:, 1:] - totals[..., :, None] * totals[..., None, :]
    enough = np.where(n > 1, n, np.nan)
    return n, numerator / (enough * (enough - 1))[..., None, None]


def correlations(covariance: Floats) -> Floats:
    """Correlation matrices; nan where a variance is 0."""
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    deviation = np.sqrt(np.where(variance > 0, variance, np.nan))
    found: Floats = covariance / (deviation[..., :, None] * deviation[..., None, :])
    return found


def with_ones(rows: Floats) -> Floats:
    """The rows with a column of ones before them."""
    return np.column_stack([np.ones(len(rows)), rows])
