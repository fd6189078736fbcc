"""Waves of answers drawn or enumerated from known truth, one cell per outcome.

Here are the truths and the answers made of counts; what is measured stands in `test_survey_coverage.py`.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from pipelines.metrics.surveys.answers import Answers, Pairs, Scores

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SIZES = (10, 30, 100, 1000)
KEPT = 0.5
# Of the customers of both waves so many answer the same again; the others answer anew.

NET_TRUTHS = [
    *((p / 10, (10 - p - d) / 10, d / 10) for p, d in product(range(1, 9), repeat=2) if p + d <= 9),
    (0.90, 0.05, 0.05), (0.05, 0.90, 0.05), (0.05, 0.05, 0.90),
    (0.94, 0.05, 0.01), (0.02, 0.96, 0.02), (0.01, 0.04, 0.95),
    (0.60, 0.38, 0.02), (0.02, 0.38, 0.60), (0.49, 0.02, 0.49),
]  # fmt: skip
# Shares of promoters, passives, detractors: a lattice of tenths, and nine at the rim.

NET_TRUTHS_DRAWN = [NET_TRUTHS[place] for place in (0, 4, 9, 16, 24, 30, 36, 39, 44)]

SHARE_TRUTHS = [(p, 1 - p) for p in (0.01, 0.02, 0.05, *np.arange(0.1, 0.95, 0.1).round(1), 0.95, 0.98, 0.99)]
SHARE_TRUTHS_DRAWN = [(p, 1 - p) for p in (0.02, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9)]
# Of every lattice of truths those that are drawn, where outcomes are too many to count.

SCALE_TRUTHS = [
    (0.04, 0.08, 0.18, 0.40, 0.30), (0.25, 0.25, 0.20, 0.20, 0.10), (0.40, 0.05, 0.10, 0.05, 0.40),
    (0.05, 0.05, 0.05, 0.05, 0.80), (0.02, 0.01, 0.02, 0.15, 0.80), (0.01, 0.00, 0.00, 0.01, 0.98),
    (0.05, 0.20, 0.50, 0.20, 0.05), (0.20, 0.20, 0.20, 0.20, 0.20), (0.80, 0.05, 0.05, 0.05, 0.05),
]  # fmt: skip
# Shares of the scores 1 to 5: good, poor, torn, loved, loved by nearly all, by all but two in a hundred, middling,
# even, hated.

NET_SCORES, SHARE_SCORES, SCALE_SCORES = (9, 8, 3), (5, 1), (1, 2, 3, 4, 5)


def outcomes(size: int, class_count: int) -> Counts:
    """Every way in which so many answers fall into two or three classes, one row per way."""
    grids = np.indices((size + 1,) * (class_count - 1)).reshape(class_count - 1, -1).T
    kept = grids[grids.sum(axis=1) <= size]
    return np.column_stack([kept, size - kept.sum(axis=1)])


def probabilities(counts: Counts, truth: Sequence[float]) -> Floats:
    """Of each outcome under the truth."""
    found: Floats = stats.multinomial.pmf(counts, n=int(counts[0].sum()), p=np.array(truth) / sum(truth))
    return found


def joint(truth: Sequence[float]) -> Floats:
    """Shares of the answers in both waves of who is in both: half stay, half answer anew."""
    shares = np.array(truth)
    return KEPT * np.diag(shares) + (1 - KEPT) * np.outer(shares, shares)


def drawn_waves(
    random: np.random.Generator, truth: Sequence[float], size: int, overlap_share: float, draw_count: int
) -> tuple[Counts, Counts, Counts]:
    """Counts of the earlier wave, of the later one, and the joint table of who is in both, one row per draw."""
    common = round(overlap_share * size)
    both = random.multinomial(common, joint(truth).ravel(), size=draw_count)
    both = both.reshape(draw_count, len(truth), len(truth))
    alone = random.multinomial(size - common, truth, size=(2, draw_count))
    return both.sum(axis=2) + alone[0], both.sum(axis=1) + alone[1], both


def answers_of_waves(
    scores: Sequence[int],
    ends: tuple[int, int],
    now: Counts,
    before: Counts | None = None,
    both: Counts | None = None,
) -> Answers:
    """These waves as the figures take them, one answer per customer; `both` is indexed by the answers before and now.

    The cells are the outcomes of the later wave, and after them those of the earlier one.
    """
    length, classes = now.shape
    waves = now if before is None else np.vstack([now, before])
    common = np.zeros((length, classes, classes), dtype=np.int64) if both is None else both
    cell = np.repeat(np.arange(len(waves)), classes)
    score, count = np.tile(np.array(scores, dtype=float), len(waves)), waves.ravel().astype(float)
    later = np.repeat(np.arange(length), classes**2)
    overlap = np.zeros(len(waves), dtype=np.int64)
    overlap[:length] = common.sum(axis=(1, 2))
    earlier_of = np.full(len(waves), -1)
    earlier_of[:length] = -1 if before is None else length + np.arange(length)
    return Answers(
        cells=pd.DataFrame({"scale_low": ends[0], "scale_high": ends[1]}, index=range(len(waves))),
        before=earlier_of,
        scores=Scores(cell, score, count, count),
        same=Pairs(cell, score, cell, score, count),
        earlier=Pairs(
            later,
            np.tile(np.tile(scores, classes), length).astype(float),
            earlier_of[later],
            np.tile(np.repeat(scores, classes), length).astype(float),
            common.ravel().astype(float),
        ),
        unit_counts={"answered": waves.sum(axis=1)},
        overlap_counts={"answered": overlap},
    )
