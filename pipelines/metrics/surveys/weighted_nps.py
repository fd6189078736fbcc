"""The net promoter score weighted to what the orders say about all customers, beside the unweighted one.

Here is what is computed from answers by weighting cell and from the population's margins. How weights and their
errors are found must stay out (`raking.py`, `domains.py`), and so must the unweighted figures (`nps.py`).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from pipelines.metrics.inputs import refuse, require_columns, require_counts, require_unique
from pipelines.metrics.intervals import Interval, adjusted_wald_interval, unit_quantile, wilson_interval
from pipelines.metrics.marts import POPULATION_MARGINS, WEIGHTING_CELL_COUNTS, WEIGHTING_COMBINATIONS
from pipelines.metrics.metric_row import ALL, Estimate, Metric, counts, metric_rows
from pipelines.metrics.surveys.domains import domain_figures
from pipelines.metrics.surveys.raking import Margin, NoSuchRespondents, collapsed, dummies, rake
from pipelines.settings import Definitions

RAKED = "raked"
VALUE_DECILE, SEGMENT = "value_decile", "segment "
# A margin's name; no segment's name holds a blank, so that a segment may be called value_decile.

MARGIN_NOT_ANSWERED = "margin_not_answered"
TOO_FEW_FOR_MARGINS = "too_few_for_margins"

CLASSES = ("promoter", "passive", "detractor")
SCORES = {
    "nps_points": (1, 0, -1),
    "promoter_share": (1, 0, 0),
    "passive_share": (0, 1, 0),
    "detractor_share": (0, 0, 1),
}
# What an answer of each class counts in each figure.

CELLS = WEIGHTING_CELL_COUNTS.source
COMBINATIONS = WEIGHTING_COMBINATIONS.source
MARGINS = POPULATION_MARGINS.source

PERIOD = ["period_grain", "period_start_date"]
SAMPLE = ["survey", "item", *PERIOD]
# What is weighted at once.
CELL = ["combination_number", VALUE_DECILE]
# Respondents whom the weights do not tell apart.


def weighted_nps(
    cell_counts: pd.DataFrame,
    combinations: pd.DataFrame,
    margins: pd.DataFrame,
    as_of_date: date,
    definitions: Definitions,
) -> pd.DataFrame:
    """Net promoter score and its shares, raked to the customers known to orders.

    Meaning: what the NPS would be if those who did not answer were like the respondents of the same segment
        values and the same decile of net revenue.
    Formula: weights w by raking to the customers of every segment value and value decile, capped at weight_cap x
        median (`raking.rake`). `nps_points` = 100 sum w x / sum w, x = 1, 0, -1 for promoters, passives,
        detractors; the shares likewise; of a segment value over its own respondents. Error, n_effective and
        n_kish: `domains.domain_figures`. Intervals: adjusted Wald and Wilson at the weighted shares with
        n_effective answers, below 50 respondents with t. `raking_margin_error`: the largest share of the customers
        by which a weighted margin differs from the population's.
    Input: `marts.weighting_cell_counts`: survey, item, period_grain, period_start_date, combination_number,
        value_decile (1 to 10), nps_class, answer_count (> 0); one row per survey, item, period, cell and class.
        `marts.weighting_combinations`: combination_number, segment_name, segment_value; one row per combination
        and segment, `all` among them. `marts.population_margins`: period_grain, period_start_date, segment_name,
        segment_value, value_decile (0 for a segment value), customer_count (> 0); one row per period and category.
    Output: tidy metric rows of weighting `raked`: four per survey, question, period and segment value with an
        answer, and a margin error per survey, question and period; n counts customers whose answer is weighted.
    Left out: anonymous answers, and customers without an order until the period's end: no margin knows them; they
        are in n of the unweighted figure. Of a customer all answers but one, whatever the policy.
    Known drawbacks: right only as far as respondents are like the others of their segment values and decile; what
        depends on satisfaction itself stays. Segment and decile are those of the period's end, in unweighted
        figures those of the day of the response. No change: the marts do not say who answered in both periods.
    Raises: ValueError for a count or margin that is negative or zero, an unknown class, a cell that no margin
        counts, a repeated key.
    Source: Deville & Saerndal 1992, JASA 87(418), 376-382; Kish 1965, 11.7; Rocks 2016, The American Statistician
        70(4), 365-372; catalogue 3.1.
    """
    answers, segments = _checked_answers(cell_counts), _segments(combinations)
    known = {period: _categories(part) for period, part in _checked_margins(margins).groupby(PERIOD)}
    parts = [
        pd.DataFrame(
            dict(zip(SAMPLE, key, strict=True))
            | _figures(sample, segments, known.get(key[2:], {}), definitions.weight_cap)
        )
        for key, sample in answers.groupby(SAMPLE, sort=True)
    ]
    figures = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*SAMPLE, *_columns()])
    return _rows(figures, as_of_date, definitions)


def _figures(
    sample: pd.DataFrame, segments: pd.DataFrame, known: Mapping[str, "pd.Series[int]"], weight_cap: float
) -> dict[str, object]:
    """The figures of one survey, question and period, one element per segment value."""
    cells, places = np.unique(sample[CELL].to_numpy(dtype=np.int64), axis=0, return_inverse=True)
    answer_counts = np.zeros((len(cells), len(CLASSES)))
    answer_counts[places, pd.Index(CLASSES).get_indexer(pd.Index(sample["nps_class"]))] = sample[
        "answer_count"
    ]
    in_cell = answer_counts.sum(axis=1).astype(np.int64)
    of_cells = {name: segments[name].loc[cells[:, 0]] for name in segments}
    domains = [(name, value) for name, values in of_cells.items() for value in sorted(values.unique())]
    is_in = np.column_stack([of_cells[name].to_numpy() == value for name, value in domains])
    names, values = zip(*domains, strict=True)
    figures: dict[str, object] = dict.fromkeys(_columns(), np.nan)
    figures |= {"segment_name": names, "segment_value": values, "n": in_cell @ is_in}
    margins = [
        *(_margin(f"{SEGMENT}{name}", pd.Index(of_cells[name]), known) for name in of_cells if name != ALL),
        _margin(VALUE_DECILE, pd.Index(cells[:, 1]), known),
    ]
    reasons: str | None = None
    try:
        margins = [collapsed(margin, in_cell) for margin in margins]
    except NoSuchRespondents:
        reasons = MARGIN_NOT_ANSWERED
        return figures | {"reason": reasons}
    raking = rake(in_cell, margins, weight_cap)
    scores = np.array(list(SCORES.values()), dtype=float)
    found = domain_figures(answer_counts, raking.weights, dummies(margins), is_in, scores)
    for place, name in enumerate(SCORES):
        figures[f"{name}_value"] = found.means[:, place]
        figures[f"{name}_std_error"] = found.std_errors[:, place]
        figures[f"{name}_n_effective"] = found.n_effective[:, place]
    if not np.isfinite(found.std_errors).all():
        reasons = TOO_FEW_FOR_MARGINS
    return figures | {"n_kish": found.n_kish, "margin_error": raking.margin_error, "reason": reasons}


def _columns() -> list[str]:
    """The columns of `_figures`."""
    by_score = [f"{name}_{figure}" for name in SCORES for figure in ("value", "std_error", "n_effective")]
    return ["segment_name", "segment_value", "n", *by_score, "n_kish", "margin_error", "reason"]


def _categories(population: pd.DataFrame) -> dict[str, "pd.Series[int]"]:
    """Of one period the customers of each category, by margin: every segment, and the deciles."""
    is_decile = population[VALUE_DECILE] > 0
    by_segment = population.loc[~is_decile].sort_values("segment_value").groupby("segment_name")
    of_deciles = population.loc[is_decile].sort_values(VALUE_DECILE)
    return {
        f"{SEGMENT}{name}": part.set_index("segment_value")["customer_count"] for name, part in by_segment
    } | {VALUE_DECILE: of_deciles.set_index(VALUE_DECILE)["customer_count"]}


def _margin(name: str, of_cells: "pd.Index[Any]", known: Mapping[str, "pd.Series[int]"]) -> Margin:
    """One of the population's margins, with each cell's place in it."""
    customers = known.get(name, pd.Series(dtype=np.int64))
    places = customers.index.get_indexer(of_cells)
    unknown = sorted({str(category) for category in of_cells[places < 0]})
    if unknown:
        raise ValueError(
            f"{MARGINS} counts no customer with {name} {', '.join(unknown)} in a period in which "
            f"{CELLS} has answers of such customers: both must be made from the same orders"
        )
    return Margin(
        name=name,
        labels=tuple(customers.index.astype(str)),
        places=places,
        population=customers.to_numpy(dtype=np.float64),
        is_ordered=name == VALUE_DECILE,
    )


def _rows(figures: pd.DataFrame, as_of_date: date, definitions: Definitions) -> pd.DataFrame:
    n, reasons = counts(figures, "n"), figures["reason"].to_numpy(dtype=object)
    quantile = unit_quantile(n, definitions.ci_level)
    rows = []
    for name in SCORES:
        value = figures[f"{name}_value"].to_numpy(dtype=np.float64)
        effective = figures[f"{name}_n_effective"].to_numpy(dtype=np.float64)
        if name == "nps_points":
            promoters, detractors = (
                effective * figures[f"{group}_share_value"].to_numpy(dtype=np.float64)
                for group in ("promoter", "detractor")
            )
            interval = adjusted_wald_interval(
                promoters, detractors, effective, definitions.ci_level, quantile
            )
        else:
            interval = wilson_interval(effective * value, effective, definitions.ci_level, quantile)
        factor = 100.0 if name == "nps_points" else 1.0
        metric = _metric(name, "points" if factor > 1 else "share", definitions)
        estimate = Estimate(
            value=factor * value,
            std_error=factor * figures[f"{name}_std_error"].to_numpy(dtype=np.float64),
            interval=Interval(factor * interval.low, factor * interval.high),
            n=n,
            n_effective=effective,
            undefined_reason=reasons,
        )
        rows.append(metric_rows(figures, metric, estimate, as_of_date, definitions))
        rows[-1]["n_kish"] = figures["n_kish"].to_numpy(dtype=np.float64)
    return pd.concat([*rows, _margin_error_rows(figures, as_of_date, definitions)], ignore_index=True)


def _margin_error_rows(figures: pd.DataFrame, as_of_date: date, definitions: Definitions) -> pd.DataFrame:
    """What is known of the sample itself has no error: the interval is the value."""
    overall = figures.loc[figures["segment_name"] == ALL]
    error = overall["margin_error"].to_numpy(dtype=np.float64)
    n = counts(overall, "n")
    estimate = Estimate(
        value=error,
        std_error=np.zeros(len(error)),
        interval=Interval(error, error),
        n=n,
        n_effective=n.astype(float),
        undefined_reason=overall["reason"].where(np.isnan(error), None).to_numpy(dtype=object),
    )
    metric = _metric("raking_margin_error", "share", definitions)
    return metric_rows(overall, metric, estimate, as_of_date, definitions)


def _metric(name: str, unit: str, definitions: Definitions) -> Metric:
    """Where every answer of a customer counts, the latest is weighted."""
    policy = definitions.multiple_responses_policy
    counted = policy if policy == "first_in_period" else "latest_in_period"
    method = {"points": "adjusted_wald"}.get(unit, "wilson" if name in SCORES else "by_definition")
    definition_id = f"responses={counted};weight_cap={definitions.weight_cap:g}"
    return Metric(name, unit, definition_id, method, RAKED)


def _checked_answers(cell_counts: pd.DataFrame) -> pd.DataFrame:
    require_columns(cell_counts, CELLS, WEIGHTING_CELL_COUNTS.columns)
    require_counts(cell_counts, CELLS, ("answer_count",))
    refuse(cell_counts, cell_counts["answer_count"] == 0, CELLS, "have no answer")
    is_known = cell_counts["nps_class"].isin(CLASSES)
    refuse(cell_counts, ~is_known, CELLS, f"have a class other than {', '.join(CLASSES)}")
    require_unique(cell_counts, CELLS, WEIGHTING_CELL_COUNTS.key)
    return cell_counts


def _segments(combinations: pd.DataFrame) -> pd.DataFrame:
    """The segment values of each combination: one row per combination, one column per segment."""
    require_columns(combinations, COMBINATIONS, WEIGHTING_COMBINATIONS.columns)
    require_unique(combinations, COMBINATIONS, WEIGHTING_COMBINATIONS.key)
    wide = combinations.set_index(["combination_number", "segment_name"])["segment_value"].unstack()  # noqa: PD010
    refuse(wide, wide.isna().any(axis=1), COMBINATIONS, "lack the value of a segment")
    return wide


def _checked_margins(margins: pd.DataFrame) -> pd.DataFrame:
    require_columns(margins, MARGINS, POPULATION_MARGINS.columns)
    require_counts(margins, MARGINS, ("customer_count",))
    refuse(margins, margins["customer_count"] == 0, MARGINS, "have no customer")
    require_unique(margins, MARGINS, POPULATION_MARGINS.key)
    return margins
