"""Published net promoter scores with their errors and intervals.

The figures are those of the metric catalogue, section 4.1. The variance and the adjusted Wald interval follow
Rocks, B. (2016), "Interval estimation for the Net Promoter Score", The American Statistician 70(4), 365-372;
the small fractions are the examples of the R package NPS.
"""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.intervals import adjusted_wald, normal_quantile
from pipelines.metrics.surveys.nps import nps
from pipelines.settings import Definitions
from tests.unit.metrics.surveys.answer_marts import independent

COUNTS = ("promoters", "passives", "detractors")


def score_row(score_counts: dict[int, int]) -> "pd.Series[float]":
    frame = pd.DataFrame({"score": list(score_counts), "answer_count": list(score_counts.values())}).assign(
        survey="survey",
        item="recommend",
        construct="recommend",
        scale_low=0,
        scale_high=10,
        low_is_good=False,
        period_grain="all",
        period_start_date=pd.Timestamp("2020-01-01"),
        segment_name="all",
        segment_value="all",
    )
    rows = nps(*independent(frame), date(2025, 6, 30), Definitions(min_disclosed_n=1)).set_index("metric")
    return rows.loc["nps_points"]


def row_of_classes(promoters: int, passives: int, detractors: int) -> "pd.Series[float]":
    return score_row({9: promoters, 8: passives, 3: detractors})


@pytest.mark.parametrize(
    (*COUNTS, "points", "variance", "std_error", "low", "high"),
    [
        (30, 25, 45, -15.000, 0.7275, 8.529, -31.72, 1.72),
        (30, 30, 45, -14.286, 0.69388, 8.129, -30.22, 1.65),
        (40, 30, 30, 10.000, 0.6900, 8.307, -6.28, 26.28),
        (10, 0, 0, 100.0, 0.0, 0.0, 100.0, 100.0),
        (0, 100, 0, 0.0, 0.0, 0.0, 0.0, 0.0),
    ],
)
def test_score_and_error_are_those_of_the_published_table(
    promoters: int,
    passives: int,
    detractors: int,
    points: float,
    variance: float,
    std_error: float,
    low: float,
    high: float,
) -> None:
    row = row_of_classes(promoters, passives, detractors)
    n = promoters + passives + detractors
    # Published: three decimals of points and errors, five of the variance, two of the limits.
    assert row["value"] == pytest.approx(points, abs=5e-4)
    assert row["std_error"] == pytest.approx(std_error, abs=5e-4)
    assert n * (row["std_error"] / 100) ** 2 == pytest.approx(variance, abs=5e-6)
    assert row["value"] - 1.96 * row["std_error"] == pytest.approx(low, abs=6e-3)
    assert row["value"] + 1.96 * row["std_error"] == pytest.approx(high, abs=6e-3)


@pytest.mark.parametrize(
    (*COUNTS, "centre", "low", "high"),
    [
        (30, 25, 45, -14.563, -30.967, 1.841),
        (30, 30, 45, -13.889, -29.544, 1.766),
        (40, 30, 30, 9.709, -6.272, 25.689),
        (10, 0, 0, 76.923, 47.504, 106.343),
        (0, 100, 0, 0.0, -2.331, 2.331),
    ],
)
def test_the_adjusted_wald_interval_is_that_of_the_published_table(
    promoters: int, passives: int, detractors: int, centre: float, low: float, high: float
) -> None:
    n = promoters + passives + detractors
    adjusted = adjusted_wald(np.array([promoters]), np.array([detractors]), np.array([n]))
    margin = 100 * normal_quantile(0.95) * adjusted.std_error[0]
    row = row_of_classes(promoters, passives, detractors)
    # Three published decimals; the published interval is clipped to the scale only in the row.
    assert 100 * adjusted.centre[0] == pytest.approx(centre, abs=5.1e-4)
    assert 100 * adjusted.centre[0] - margin == pytest.approx(low, abs=5.1e-4)
    assert 100 * adjusted.centre[0] + margin == pytest.approx(high, abs=5.1e-4)
    assert row["ci_low"] == pytest.approx(low, abs=5.1e-4)
    assert row["ci_high"] == pytest.approx(min(high, 100), abs=5.1e-4)


@pytest.mark.parametrize(
    ("detractors", "passives", "promoters", "share", "variance", "std_error"),
    [
        (1, 2, 3, 1 / 3, 5 / 9, 0.304),
        (1, 0, 1, 0, 1, 0.707),
        (0, 1, 1, 1 / 2, 0.25, 0.354),
        (1, 1, 1, 0, 2 / 3, 0.471),
    ],
)
def test_the_examples_of_the_r_package_nps_are_met(
    detractors: int, passives: int, promoters: int, share: float, variance: float, std_error: float
) -> None:
    row = row_of_classes(promoters, passives, detractors)
    assert row["value"] == pytest.approx(100 * share, abs=1e-9)
    assert row["std_error"] == pytest.approx(100 * std_error, abs=0.05)
    assert row["n"] * (row["std_error"] / 100) ** 2 == pytest.approx(variance, abs=1e-12)


def test_the_scores_0_7_7_9_9_9_give_a_third() -> None:
    assert score_row({0: 1, 7: 2, 9: 3})["value"] == pytest.approx(100 / 3, abs=1e-9)


def test_thirty_twenty_five_and_forty_five_per_cent_are_minus_fifteen_points() -> None:
    assert row_of_classes(30, 25, 45)["value"] == pytest.approx(-15, abs=1e-12)


def test_the_carpentries_instructor_training_of_2018_has_a_score_of_48() -> None:
    """The Carpentries, instructor training survey 2018: 501 promoters, 317 passives, 71 detractors of 889."""
    row = row_of_classes(501, 317, 71)
    assert row["n"] == 889
    assert row["value"] == pytest.approx(48.369, abs=5e-4)


def test_a_hundred_answers_still_mean_sixteen_points_either_way() -> None:
    """Catalogue 3.1: with v = 0.7, n = 100 gives +-16.4 points, and n = 269 gives +-10."""
    assert 1.96 * row_of_classes(40, 29, 31)["std_error"] == pytest.approx(16.4, abs=0.15)
