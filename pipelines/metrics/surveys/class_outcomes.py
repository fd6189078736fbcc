"""What NPS classes and classes of the Secure Customer Index bought after they had answered.

Here is what is computed from exact sums over customers of each class. Which response of a customer is looked ahead
from, and which purchases lie in its horizon, must stay out: the models say that.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.metrics.class_tables import CLASS_OUTCOMES, CLASSES_BY_METRIC
from pipelines.metrics.differences import newcombe_interval, wald_difference
from pipelines.metrics.inputs import refuse, require_columns, require_counts, require_part, require_unique
from pipelines.metrics.intervals import (
    Counts,
    Floats,
    Interval,
    influence_interval,
    proportion,
    wilson_interval,
)
from pipelines.metrics.marts import CLASS_OUTCOME_COUNTS
from pipelines.metrics.metric_row import counts, suppression_reasons
from pipelines.settings import Definitions

NO_CLASS_BELOW = "no_class_below"

GROUP = ["metric", "survey", "horizon_days"]

MEANS = {"occasions_per_customer": "occasion", "net_amount_per_customer": "net_amount"}


def class_outcomes(outcome_counts: pd.DataFrame, currency: str, definitions: Definitions) -> pd.DataFrame:
    """Later purchases of each class, against the class below and of the best class against the worst.

    Meaning: whether those who say that they are loyal buy more afterwards, and which classification tells it better.
    Formula: `repurchase_share` = customers with a purchase occasion in the horizon / customers, Wilson's interval.
        `occasions_per_customer` and `net_amount_per_customer` are means over all customers of the class, buyers or
        not; SE = sqrt((Q - S^2 / n) / (n - 1) / n), S the sum and Q the sum of squares; t(n - 1) below 50 customers,
        else normal. Differences to the next worse class: of shares with Newcombe's interval for independent samples,
        of means with SE = sqrt(SE_1^2 + SE_2^2) and t(n - 1) of the smaller class below 50. Validity is the same
        difference between the best and the worst class, in the best one's row.
    Input: `marts.class_outcome_counts`: metric (nps, sci), survey, class, horizon_days, customer_count,
        repurchased_count (0 to customer_count), occasion_sum, occasion_square_sum, net_amount_sum,
        net_amount_square_sum; one row per metric, survey, class and horizon. `currency`, the company's.
    Output: the table `class_outcomes`, all classes of every metric, survey and horizon. Null with its reason below
        min_disclosed_n customers; a difference is null where one of the two classes is, and for the worst
        (`no_class_below`).
    Left out: unknown customers; customers who had not bought by the day of the response; purchases of that day;
        responses whose horizon is not over. Amounts in a currency without a rate count 0, the occasion counts.
    Known drawbacks: an association, not an effect: whoever bought much before is more often a promoter, and would have
        bought more anyway. Of each customer the latest response counts, so frequent respondents enter with a recent
        one and long horizons rest on older answers. Net amounts are skewed: with few customers the symmetric interval
        is too short at its upper end. The differences are not adjusted for their number.
    Raises: ValueError for an unknown class, more repurchased than customers, sums that no customers can have, a count
        that is none, a repeated key.
    Source: catalogue 3.2 and the lag rule of 3.21; Newcombe 1998, Statistics in Medicine 17, 873-890, method 10.
    """
    _require_counts(outcome_counts)
    cells = _cells(outcome_counts)
    n = counts(cells, "customer_count")
    reasons = suppression_reasons(n, definitions)
    said = pd.isna(reasons)
    figures = _figures(cells, definitions.ci_level)
    here = np.arange(len(cells))
    below, why_no_difference = _class_below(cells, reasons)
    best, worst = _ends(cells)
    differences = _differences("difference", figures, n, here, below, definitions.ci_level)
    validity = _differences("validity", figures, n, best, worst, definitions.ci_level)
    return cells.assign(
        repurchased_count=cells["repurchased_count"].astype("Int64").where(said),
        currency=currency,
        suppression_reason=reasons,
        class_below=cells["class"].shift(-1).where(here != worst, None),
        difference_reason=why_no_difference,
        ci_level=definitions.ci_level,
        is_publishable=said & (n >= definitions.min_publishable_n),
        **_where(said, figures),
        **_where(pd.isna(why_no_difference), differences),
        **_where((best == here) & said & said[worst], validity),
    )[list(CLASS_OUTCOMES.column_names)]


def _where(said: npt.NDArray[np.bool_], figures: dict[str, Floats]) -> dict[str, Floats]:
    return {name: np.where(said, figure, np.nan) for name, figure in figures.items()}


def _cells(outcome_counts: pd.DataFrame) -> pd.DataFrame:
    """All classes of every metric, survey and horizon, from the best to the worst; a class of nobody has 0."""
    classes = pd.DataFrame(
        [
            (metric, name, place)
            for metric, names in CLASSES_BY_METRIC.items()
            for place, name in enumerate(names)
        ],
        columns=["metric", "class", "place"],
    )
    return (
        outcome_counts[GROUP]
        .drop_duplicates()
        .merge(classes, on="metric", validate="m:m")
        .merge(outcome_counts, on=list(CLASS_OUTCOME_COUNTS.key), how="left", validate="1:1")
        .fillna(dict.fromkeys(CLASS_OUTCOME_COUNTS.figures, 0))
        .sort_values([*GROUP, "place"], ignore_index=True)
    )


def _figures(cells: pd.DataFrame, ci_level: float) -> dict[str, Floats]:
    """Share and means with error and interval; nan where there are too few customers for one."""
    n = counts(cells, "customer_count")
    repurchased = counts(cells, "repurchased_count")
    low, high = wilson_interval(repurchased, n, ci_level)
    figures = {
        "repurchase_share": proportion(repurchased, n),
        "repurchase_share_ci_low": low,
        "repurchase_share_ci_high": high,
    }
    for name, outcome in MEANS.items():
        total = cells[f"{outcome}_sum"].to_numpy(dtype=np.float64)
        squares = cells[f"{outcome}_square_sum"].to_numpy(dtype=np.float64)
        customers = np.where(n > 0, n, np.nan)
        freedom = np.where(n > 1, n - 1, np.nan)
        variance = np.maximum(0.0, squares - total**2 / customers) / freedom
        mean, std_error = total / customers, np.sqrt(variance / customers)
        low, high = influence_interval(mean, std_error, n, ci_level)
        figures |= {
            name: mean,
            f"{name}_std_error": std_error,
            f"{name}_ci_low": low,
            f"{name}_ci_high": high,
        }
    return figures


def _differences(
    kind: str,
    figures: dict[str, Floats],
    n: Counts,
    of: npt.NDArray[np.intp],
    to: npt.NDArray[np.intp],
    ci_level: float,
) -> dict[str, Floats]:
    """Figures of the rows `of` less those of the rows `to`, with their intervals, named after their kind."""
    share = figures["repurchase_share"]
    low, high = figures["repurchase_share_ci_low"], figures["repurchase_share_ci_high"]
    ends = {
        "repurchase_share": newcombe_interval(
            share[to], Interval(low[to], high[to]), share[of], Interval(low[of], high[of]), 0.0
        )
    }
    for name in MEANS:
        std_error = figures[f"{name}_std_error"]
        ends[name] = wald_difference(
            figures[name][of] - figures[name][to],
            std_error[of] ** 2 + std_error[to] ** 2,
            np.minimum(n[of], n[to]),
            ci_level,
        ).interval
    return {
        column: values
        for name, interval in ends.items()
        for column, values in (
            (f"{name}_{kind}", figures[name][of] - figures[name][to]),
            (f"{name}_{kind}_ci_low", interval.low),
            (f"{name}_{kind}_ci_high", interval.high),
        )
    }


def _class_below(
    cells: pd.DataFrame, reasons_of_figures: npt.NDArray[np.object_]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.object_]]:
    """The row of the next worse class, and why there is no difference to it; None where there is one."""
    _, worst = _ends(cells)
    here = np.arange(len(cells))
    below = np.minimum(here + 1, worst)
    reasons = np.where(pd.isna(reasons_of_figures), reasons_of_figures[below], reasons_of_figures)
    reasons[here == worst] = NO_CLASS_BELOW
    return below, reasons


def _ends(cells: pd.DataFrame) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The rows of the best and of the worst class of each row's metric, survey and horizon."""
    rows = pd.Series(np.arange(len(cells))).groupby([cells[name] for name in GROUP])
    return rows.transform("min").to_numpy(), rows.transform("max").to_numpy()


def _require_counts(outcome_counts: pd.DataFrame) -> None:
    source = CLASS_OUTCOME_COUNTS.source
    require_columns(outcome_counts, source, CLASS_OUTCOME_COUNTS.columns)
    require_unique(outcome_counts, source, CLASS_OUTCOME_COUNTS.key)
    whole = ("customer_count", "repurchased_count", "occasion_sum", "occasion_square_sum")
    require_counts(outcome_counts, source, whole)
    require_part(outcome_counts, source, "repurchased_count", "customer_count")
    require_part(outcome_counts, source, "repurchased_count", "occasion_sum")
    require_part(outcome_counts, source, "occasion_sum", "occasion_square_sum")
    for metric, classes in CLASSES_BY_METRIC.items():
        unknown = (outcome_counts["metric"] == metric) & ~outcome_counts["class"].isin(classes)
        refuse(outcome_counts, unknown, source, f"have a class of {metric} other than {', '.join(classes)}")
    other = ~outcome_counts["metric"].isin(CLASSES_BY_METRIC)
    refuse(outcome_counts, other, source, f"have a metric other than {', '.join(CLASSES_BY_METRIC)}")
