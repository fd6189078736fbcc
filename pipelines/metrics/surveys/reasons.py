"""Why customers are promoters, passives or detractors, and which reasons passives share with detractors.

Here is what is computed from the reasons that respondents name. What the reasons are called, and which response of a
customer counts, must stay out: contracts and models say that.
"""

import numpy as np
import pandas as pd

from pipelines.metrics.class_tables import NPS_CLASSES, REASONS
from pipelines.metrics.differences import ratio_interval
from pipelines.metrics.inputs import refuse, require_columns, require_counts, require_part, require_unique
from pipelines.metrics.intervals import proportion, wilson_interval
from pipelines.metrics.marts import REASON_COUNTS
from pipelines.metrics.metric_row import counts, suppression_reasons
from pipelines.settings import Definitions

NOBODY_NAMED_IT = "nobody_named_it"
EVERYBODY_NAMED_IT = "everybody_named_it"

PERIOD = ("survey", "period_grain", "period_start_date")


def reasons(reason_counts: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Shares of each reason among promoters, passives and detractors, their lifts, and the shared reasons' rank.

    Meaning: what makes promoters, what makes detractors, and what passives, who may become either, complain of with
        the detractors: who is about to leave, and why.
    Formula: share = respondents of the class who named the reason / respondents of the class who named any; Wilson's
        interval. lift = share among passives (detractors) / share among promoters; interval exp(ln lift -+ z sqrt(1/a
        - 1/n_a + 1/b - 1/n_b)), a and b those who named it. A reason is shared if passives and detractors both name
        it more often than promoters do: shared_excess = min(passive share, detractor share) - promoter share is above
        0. `shared_rank` orders the shared reasons of a period by it, 1 the largest; of equal ones the larger passive
        share comes first, then the id. `is_clearly_shared`: both lifts' intervals lie above 1.
    Input: `marts.reason_counts`: survey, period_grain, period_start_date, nps_class (promoter, passive, detractor),
        reason, respondent_count (0 to base_count), base_count; one row per survey, period, class and reason.
    Output: the table `reasons`, one row per survey, period and reason. A share is null with its reason below
        min_disclosed_n respondents of the class; a lift is null where either share is, where nobody of one of the two
        classes named the reason (`nobody_named_it`), or everybody of both did (`everybody_named_it`).
    Left out: respondents without a counted recommendation, and who named no reason.
    Known drawbacks: a reason says what comes to mind and not what caused the score. A choice that everybody names has
        a lift near 1 however important it is. The rank goes by the shares as they are: of two near each other chance
        decides, so read it with the lifts' intervals. Several lifts of one period are not adjusted for their number.
    Raises: ValueError for another class, more respondents than the base, a count that is none, a repeated key.
    Source: interval of a share Newcombe 1998, method 3; of a ratio Katz et al. 1978, Biometrics 34, 469-474.
    """
    _require_counts(reason_counts)
    cells = _cells(reason_counts)
    shares = [_share(cells, nps_class, definitions) for nps_class in NPS_CLASSES]
    rows = pd.concat([cells[list(REASONS.key)], *shares], axis=1)
    lifts = [_lift(cells, rows, nps_class, definitions) for nps_class in ("passive", "detractor")]
    rows = pd.concat([rows, *lifts], axis=1)
    n = np.minimum.reduce([counts(cells, f"{nps_class}_n") for nps_class in NPS_CLASSES])
    excess = np.fmin(rows["passive_share"], rows["detractor_share"]) - rows["promoter_share"]
    is_said = rows[[f"{nps_class}_share" for nps_class in NPS_CLASSES]].notna().all(axis=1)
    rows = rows.assign(
        shared_excess=excess.where(is_said),
        is_clearly_shared=(rows["passive_lift_ci_low"] > 1) & (rows["detractor_lift_ci_low"] > 1),
        ci_level=definitions.ci_level,
        is_publishable=is_said & (n >= definitions.min_publishable_n),
    )
    return rows.assign(shared_rank=_rank(rows))[list(REASONS.column_names)]


def _cells(reason_counts: pd.DataFrame) -> pd.DataFrame:
    """n and count of each class side by side; a class without respondents in a period has 0 of both."""
    key = list(REASONS.key)
    cells = reason_counts[key].drop_duplicates().sort_values(key, ignore_index=True)
    for nps_class in NPS_CLASSES:
        of_class = reason_counts.loc[reason_counts["nps_class"] == nps_class, [*key, *REASON_COUNTS.figures]]
        names = {"base_count": f"{nps_class}_n", "respondent_count": f"{nps_class}_count"}
        cells = cells.merge(of_class.rename(columns=names), on=key, how="left", validate="1:1")
    return cells.fillna(0)


def _share(cells: pd.DataFrame, nps_class: str, definitions: Definitions) -> pd.DataFrame:
    n, named = counts(cells, f"{nps_class}_n"), counts(cells, f"{nps_class}_count")
    reasons = suppression_reasons(n, definitions)
    said = pd.isna(reasons)
    low, high = wilson_interval(named, n, definitions.ci_level)
    columns = {
        f"{nps_class}_n": n,
        f"{nps_class}_count": pd.Series(named, dtype="Int64").where(said),
        f"{nps_class}_share": np.where(said, proportion(named, n), np.nan),
        f"{nps_class}_ci_low": np.where(said, low, np.nan),
        f"{nps_class}_ci_high": np.where(said, high, np.nan),
        f"{nps_class}_suppression_reason": reasons,
    }
    return pd.DataFrame(columns, index=cells.index)


def _lift(cells: pd.DataFrame, rows: pd.DataFrame, nps_class: str, definitions: Definitions) -> pd.DataFrame:
    named, n = counts(cells, f"{nps_class}_count"), counts(cells, f"{nps_class}_n")
    base_named, base_n = counts(cells, "promoter_count"), counts(cells, "promoter_n")
    reasons = np.full(len(cells), None, dtype=object)
    reasons[(named == n) & (base_named == base_n)] = EVERYBODY_NAMED_IT
    reasons[(named == 0) | (base_named == 0)] = NOBODY_NAMED_IT
    for of_share in ("promoter", nps_class):
        why = rows[f"{of_share}_suppression_reason"]
        reasons = np.where(why.isna(), reasons, why)
    said = pd.isna(reasons)
    ratio, (low, high) = ratio_interval(named, n, base_named, base_n, definitions.ci_level)
    columns = {
        f"{nps_class}_lift": np.where(said, ratio, np.nan),
        f"{nps_class}_lift_ci_low": np.where(said, low, np.nan),
        f"{nps_class}_lift_ci_high": np.where(said, high, np.nan),
        f"{nps_class}_lift_reason": reasons,
    }
    return pd.DataFrame(columns, index=cells.index)


def _rank(rows: pd.DataFrame) -> "pd.Series[int]":
    shared = rows.loc[rows["shared_excess"] > 0].sort_values(
        [*PERIOD, "shared_excess", "passive_share", "reason"],
        ascending=[True, True, True, False, False, True],
    )
    rank = shared.groupby(list(PERIOD)).cumcount() + 1
    return rank.reindex(rows.index).astype("Int64")


def _require_counts(reason_counts: pd.DataFrame) -> None:
    require_columns(reason_counts, REASON_COUNTS.source, REASON_COUNTS.columns)
    require_unique(reason_counts, REASON_COUNTS.source, REASON_COUNTS.key)
    require_counts(reason_counts, REASON_COUNTS.source, REASON_COUNTS.figures)
    require_part(reason_counts, REASON_COUNTS.source, "respondent_count", "base_count")
    unknown = ~reason_counts["nps_class"].isin(NPS_CLASSES)
    refuse(
        reason_counts, unknown, REASON_COUNTS.source, f"have an nps_class other than {', '.join(NPS_CLASSES)}"
    )
