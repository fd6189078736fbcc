"""How far the items of a scale measure one thing.

Here patterns of answers become tidy rows: which respondents count, per cell sums, what must not be said. Formulas of
covariance matrices stand in `scale_reliability.py`; single items must stay out.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipelines.metrics.inputs import require_columns, require_counts, require_unique
from pipelines.metrics.intervals import (
    Counts,
    Floats,
    Interval,
    feldt_interval,
    fisher_interval,
    percentile_interval,
)
from pipelines.metrics.marts import CELL_KEY, SCALE_PATTERNS
from pipelines.metrics.metric_row import (
    ALL,
    METRIC_COLUMNS,
    NO_VARIANCE,
    UNWEIGHTED,
    Estimate,
    Metric,
    metric_rows,
)
from pipelines.metrics.surveys import scale_reliability as formulas
from pipelines.metrics.surveys.patterns import (
    covariances,
    random_of,
    redrawn_products,
    score_matrix,
    with_ones,
)
from pipelines.metrics.surveys.straight_lining import straight_lining
from pipelines.settings import Definitions

TOO_FEW_ITEMS = "too_few_items"


class Scale(NamedTuple):
    """One scale of one survey: its distinct patterns, and the cells that they belong to."""

    name: str
    items: list[str]
    scores: Floats
    counts: Counts
    cells: Counts
    # Place of each pattern's cell in `keys`.
    keys: pd.DataFrame


def reliability(scale_patterns: pd.DataFrame, as_of_date: date, definitions: Definitions) -> pd.DataFrame:
    """Cronbach's alpha with its variants, and straight-lining, per survey, scale, period and segment.

    Meaning: whether the items of a scale go together, so that their sum is worth something.
    Formula: `cronbach_alpha` = k/(k-1) (1 - sum s_i^2 / s_T^2) of complete answers, with Feldt's interval;
        `cronbach_alpha_bootstrap` the same with percentiles of a bootstrap by respondent; `cronbach_alpha_pairwise`
        from the covariances of pairs, n the fewest respondents of any pair; `cronbach_alpha_standardised`
        = k r / (1 + (k - 1) r); `spearman_brown` = 2 r / (1 + r) of scales of two items, with Fisher's interval of r;
        per item `cronbach_alpha_if_deleted` and `item_total_correlation` with the sum of the other items (Fisher's
        interval).
    Input: `marts.scale_patterns`: survey, scale_name, period, segment, pattern (one score per item; high is good,
        null where missing), items, unit_count (>= 1); one row per survey, scale, period, segment value and pattern.
    Output: tidy metric rows; item is the scale's name, or the question for figures of one item.
    Left out: respondents with a missing item, except from the pairwise alpha. The bootstrap of segments: it would cost
        a thousand draws in each of many cells, and Feldt's interval errs by the items' distribution, which shows in
        the whole as well as in the parts.
    Known drawbacks: Feldt's interval takes items as normal and tau-equivalent. Alpha rises with the number of items
        and does not show that they measure one thing only. A negative alpha is legal: look for an item whose
        polarity is declared wrongly.
    Raises: ValueError for a missing column, a repeated key, a pattern of another length than its items.
    Source: Cronbach 1951; Feldt 1965; Spearman 1910; Brown 1910; catalogue 3.5.
    """
    mart = SCALE_PATTERNS.source
    require_columns(scale_patterns, mart, SCALE_PATTERNS.columns)
    require_counts(scale_patterns, mart, ("unit_count",))
    require_unique(scale_patterns, mart, SCALE_PATTERNS.key)
    rows = [
        metric_rows(cells, metric, estimate, as_of_date, definitions)
        for _, patterns in scale_patterns.groupby(["survey", "scale_name"], sort=True)
        for cells, metric, estimate in _figures(_scale(patterns), definitions)
    ]
    rows += straight_lining(scale_patterns, as_of_date, definitions)
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=METRIC_COLUMNS)


Figure = tuple[pd.DataFrame, Metric, Estimate]


def _scale(patterns: pd.DataFrame) -> Scale:
    mart = SCALE_PATTERNS.source
    survey, name, item_list = patterns[["survey", "scale_name", "items"]].iloc[0]
    items = str(item_list).split(",")
    by_cell = patterns.groupby(list(CELL_KEY), sort=True)
    keys = by_cell.size().index.to_frame(index=False).assign(survey=survey, item=name)
    return Scale(
        str(name),
        items,
        score_matrix(patterns["pattern"], items, mart),
        patterns["unit_count"].to_numpy(dtype=np.int64),
        np.asarray(by_cell.ngroup(), dtype=np.int64),
        keys,
    )


def _figures(scale: Scale, definitions: Definitions) -> list[Figure]:
    """All figures of one scale: cells, metric and estimate of each."""
    level, k = definitions.ci_level, len(scale.items)
    is_complete = ~np.isnan(scale.scores).any(axis=1)
    scores, counts, cells = scale.scores[is_complete], scale.counts[is_complete], scale.cells[is_complete]
    n, covariance = covariances(_sums(with_ones(scores), counts, cells, len(scale.keys)))
    alpha = formulas.cronbach_alpha(covariance)
    standardised = formulas.standardised_alpha(covariance)
    std_error = formulas.alpha_std_error(scores, counts, cells, covariance)
    pair_n, pairwise = _pairwise(scale)
    of_pairs = formulas.cronbach_alpha(pairwise)
    whole = _Maker(scale.keys, definitions, k >= 2)
    figures = [
        whole.figure("cronbach_alpha", alpha, n, feldt_interval(alpha, n, k, level), "feldt", std_error),
        whole.figure(
            "cronbach_alpha_pairwise",
            of_pairs,
            pair_n,
            feldt_interval(of_pairs, pair_n, k, level),
            "feldt",
            missing="pairwise",
        ),
        whole.figure(
            "cronbach_alpha_standardised", standardised, n, feldt_interval(standardised, n, k, level), "feldt"
        ),
        _bootstrapped(scale, scores, counts, cells, alpha, definitions),
    ]
    if k == 2:
        correlation = formulas.item_total_correlation(covariance)[:, 0]
        ends = (formulas.spearman_brown(end) for end in fisher_interval(correlation, n, level))
        figures.append(whole.figure("spearman_brown", standardised, n, Interval(*ends), "fisher"))
    return [*figures, *_items(scale, n, covariance, definitions)]


class _Maker(NamedTuple):
    """What the figures of some cells have in common."""

    cells: pd.DataFrame
    definitions: Definitions
    has_enough_items: bool

    def figure(
        self,
        name: str,
        value: Floats,
        n: Floats,
        interval: Interval,
        ci_method: str,
        std_error: Floats | None = None,
        missing: str = "listwise",
    ) -> Figure:
        """One metric; where it is not defined the reason says why."""
        reasons = np.full(len(value), None, dtype=object)
        reasons[np.isnan(value)] = NO_VARIANCE if self.has_enough_items else TOO_FEW_ITEMS
        definition_id = f"responses={self.definitions.multiple_responses_policy};missing={missing}"
        nothing = np.full(len(value), np.nan)
        estimate = Estimate(
            value, nothing if std_error is None else std_error, interval, n.astype(np.int64), n, reasons
        )
        return self.cells, Metric(name, "coefficient", definition_id, ci_method, UNWEIGHTED), estimate


def _items(scale: Scale, n: Floats, covariance: Floats, definitions: Definitions) -> list[Figure]:
    """The figures of single items."""
    level, k = definitions.ci_level, len(scale.items)
    deleted = formulas.alpha_if_deleted(covariance)
    with_rest = formulas.item_total_correlation(covariance)
    figures = []
    for place, item in enumerate(scale.items):
        cells = scale.keys.assign(item=item)
        without, correlation = deleted[:, place], with_rest[:, place]
        feldt, fisher = feldt_interval(without, n, k - 1, level), fisher_interval(correlation, n, level)
        of_scale = _Maker(cells, definitions, k >= 3)
        figures.append(of_scale.figure("cronbach_alpha_if_deleted", without, n, feldt, "feldt"))
        of_item = _Maker(cells, definitions, k >= 2)
        figures.append(of_item.figure("item_total_correlation", correlation, n, fisher, "fisher"))
    return figures


def _bootstrapped(
    scale: Scale, scores: Floats, counts: Counts, cells: Counts, alpha: Floats, definitions: Definitions
) -> Figure:
    """Alpha for all customers with an interval that assumes nothing of the items."""
    is_whole = (scale.keys["segment_name"] == ALL).to_numpy()
    n = np.bincount(cells, counts, len(scale.keys)).astype(float)
    low, high, std_error = (np.full(len(scale.keys), np.nan) for _ in range(3))
    for cell in np.flatnonzero(is_whole & (n >= definitions.min_disclosed_n) & np.isfinite(alpha)):
        inside = cells == cell
        # Of the scale alone: periods with the same answers have the same interval.
        random = random_of("reliability", scale.keys["survey"].iloc[0], scale.name)
        (sums,) = redrawn_products([with_ones(scores[inside])], counts[inside], random)
        replicates = formulas.cronbach_alpha(covariances(sums)[1])
        low[cell], high[cell] = percentile_interval(replicates, definitions.ci_level)
        std_error[cell] = np.nanstd(replicates, ddof=1)
    whole = _Maker(scale.keys.loc[is_whole], definitions, len(scale.items) >= 2)
    interval = Interval(low[is_whole], high[is_whole])
    return whole.figure(
        "cronbach_alpha_bootstrap", alpha[is_whole], n[is_whole], interval, "bootstrap", std_error[is_whole]
    )


def _sums(rows: Floats, counts: Counts, cells: Counts, cell_count: int) -> Floats:
    """Sums of the products of all pairs of columns in every cell: exact, since scores and counts are whole."""
    width = rows.shape[1]
    found = np.empty((cell_count, width, width))
    for first in range(width):
        for second in range(first, width):
            of_pair = np.bincount(cells, counts * rows[:, first] * rows[:, second], cell_count)
            found[:, first, second] = found[:, second, first] = of_pair
    return found


def _pairwise(scale: Scale) -> tuple[Floats, Floats]:
    """Fewest respondents of a pair of items in every cell, and the covariances of all pairs."""
    cell_count, k = len(scale.keys), len(scale.items)
    covariance = np.empty((cell_count, k, k))
    fewest = np.full(cell_count, np.inf)
    for first in range(k):
        for second in range(first, k):
            pair = scale.scores[:, [first, second]]
            known = ~np.isnan(pair).any(axis=1)
            sums = _sums(with_ones(pair[known]), scale.counts[known], scale.cells[known], cell_count)
            n, of_pair = covariances(sums)
            covariance[:, first, second] = covariance[:, second, first] = of_pair[:, 0, 1]
            fewest = np.minimum(fewest, n)
    return fewest, covariance
