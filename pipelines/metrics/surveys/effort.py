"""Customer effort: the two published scores, which never meet in one series.

Here is what is computed from questions of the construct `effort`, by their version. Other wordings and scales must
stay out: they are likert items.
"""

from datetime import date

import numpy as np
import pandas as pd

from pipelines.metrics.inputs import refuse
from pipelines.metrics.intervals import Floats
from pipelines.metrics.metric_row import UNWEIGHTED, Metric, metric_table
from pipelines.metrics.surveys.answers import SCORE_COUNTS, Answers, Index, answers_of
from pipelines.metrics.surveys.score_figures import interval_method, mean_figure, share_figure, the_score
from pipelines.settings import Definitions

CES_SCALES = {"1.0": (1, 5, True), "2.0": (1, 7, False)}
# Ends of the scale and whether low is good. 1.0: Dixon, Freeman & Toman 2010; 2.0: Dixon, Toman & DeLisi 2013.

LOWEST_EASY_SCORE = 5
# CES 2.0 counts 5, 6 and 7 of 7: somewhat agree to strongly agree that it was easy.


def effort(
    score_counts: pd.DataFrame,
    score_pairs: pd.DataFrame,
    unit_counts: pd.DataFrame,
    as_of_date: date,
    definitions: Definitions,
) -> pd.DataFrame:
    """Customer Effort Score per survey, question, period and segment, each version under names of its own.

    Meaning: how much effort customers had (1.0, low is good), or how easy it was made for them (2.0, high is good).
    Formula: `ces_1_mean` = mean of the scores 1 to 5 as they were given. `ces_2_mean` = mean of the scores 1 to 7,
        `ces_2_top3_share` = share of 5, 6 and 7. `ces_1_rescaled_mean` and `ces_2_rescaled_mean` = mean of
        100 (x - min) / (max - min), for 1.0 of 100 (max - x) / (max - min), so that 100 is always no effort. Means
        have the adjusted Wald interval, the share Wilson's; changes as of satisfaction.
    Input: `marts.survey_score_counts`, `marts.survey_score_pairs`, `marts.survey_unit_counts` as for `nps`, construct
        effort; version 1.0 on the scale 1 to 5 with low_is_good, 2.0 on 1 to 7 without.
    Output: tidy metric rows, two or three per cell; item is the question, definition_id names version and polarity.
    Left out: questions of other constructs.
    Known drawbacks: the rescaled means of the two versions are still answers to different questions: they do not
        compare. A mean takes the steps between the answers as equal.
    Raises: ValueError for an unknown version, another scale or polarity than the version's, two versions of one
        question, a score outside its scale, a repeated key.
    Source: Dixon, Freeman & Toman 2010, Harvard Business Review 88(7/8); Dixon, Toman & DeLisi 2013, The Effortless
        Experience; catalogue 3.4.
    """
    _require_versions(score_counts.loc[score_counts["construct"] == "effort"])
    parts = [
        _version_rows(
            version,
            _of_version(score_counts, score_pairs, unit_counts, version),
            as_of_date,
            definitions,
        )
        for version in CES_SCALES
    ]
    return pd.concat(parts, ignore_index=True)


def _of_version(
    score_counts: pd.DataFrame, score_pairs: pd.DataFrame, unit_counts: pd.DataFrame, version: str
) -> Answers:
    """The answers of one version, as they were given."""
    rows = score_counts.loc[(score_counts["construct"] == "effort") & (score_counts["version"] == version)]
    return answers_of(rows, score_pairs, unit_counts, {"effort"}, turned=False)


def _version_rows(version: str, answers: Answers, as_of_date: date, definitions: Definitions) -> pd.DataFrame:
    lowest, highest, low_is_good = CES_SCALES[version]
    name, length = f"ces_{version[0]}", len(answers.cells)

    def rescaled(_cell: Index, score: Floats) -> Floats:
        return 100 * ((highest - score) if low_is_good else (score - lowest)) / (highest - lowest)

    def is_easy(_cell: Index, score: Floats) -> Floats:
        return (score >= LOWEST_EASY_SCORE).astype(float)

    def metric(suffix: str, unit: str, method: str, good: str) -> Metric:
        definition_id = f"version={version};{good}_is_good;responses={definitions.multiple_responses_policy}"
        return Metric(f"{name}_{suffix}", unit, definition_id, method, UNWEIGHTED)

    adjusted, good = interval_method(definitions), "low" if low_is_good else "high"
    low, high = np.full(length, float(lowest)), np.full(length, float(highest))
    zero, hundred = np.zeros(length), np.full(length, 100.0)
    figures = [
        (metric("mean", "mean", adjusted, good), mean_figure(answers, the_score, low, high, definitions)),
        (
            metric("rescaled_mean", "mean", adjusted, "high"),
            mean_figure(answers, rescaled, zero, hundred, definitions),
        ),
    ]
    if version == "2.0":
        share = share_figure(answers, is_easy, definitions)
        figures.append((metric("top3_share", "share", "wilson", "high"), share))
    return metric_table(answers.cells, figures, as_of_date, definitions)


def _require_versions(rows: pd.DataFrame) -> None:
    """Refuse what is no customer effort score of a known version."""
    known = ", ".join(
        f"{version} from {low} to {high} with low_is_good: {str(is_low).lower()}"
        for version, (low, high, is_low) in CES_SCALES.items()
    )
    found = list(zip(rows["scale_low"], rows["scale_high"], rows["low_is_good"].astype(bool), strict=True))
    is_known = [
        CES_SCALES.get(version) == question for version, question in zip(rows["version"], found, strict=True)
    ]
    wrong = ~pd.Series(is_known, index=rows.index, dtype=bool)
    refuse(
        rows,
        wrong,
        SCORE_COUNTS,
        f"are of construct effort without the scale of their version (known: {known}; any other question about "
        "effort is construct likert)",
    )
    versions = rows.groupby(["survey", "item"])["version"].transform("nunique")
    refuse(rows, versions > 1, SCORE_COUNTS, "are of a question with two versions of effort")
