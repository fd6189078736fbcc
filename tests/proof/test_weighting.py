"""Whether weighting to the customers known to orders undoes nonresponse that depends on what margins show.

Respondents are drawn from a population of known truth, in which both the score and whether a customer answers depend
on country and value decile, and go through the metric itself as the marts would hold them, one survey per draw. The
reduced form draws 400 times at one size, the whole form 10,000 times at each of three.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from pipelines.metrics.surveys.weighted_nps import CLASSES, SCORES, weighted_nps
from pipelines.settings import Definitions

AS_OF = date(2025, 6, 30)
FEW, MANY = 400, 10_000
LOWEST, HIGHEST = 0.93, 0.97
# The bar: 93 to 97 %. Of 400 draws the share itself strays by up to 3 points, the spread by 10 %.
SLACK_OF_FEW = 0.03

PERIOD = {"period_grain": "quarter", "period_start_date": pd.Timestamp("2025-04-01")}
COUNTRIES, CUSTOMERS = ("AT", "CH", "DE"), np.array([2_000, 1_000, 7_000])
IN_CELL = np.repeat(CUSTOMERS[:, None] / 10, 10, axis=1)

COUNTRY, DECILE = np.indices((3, 10))
PROMOTERS = 0.30 + 0.025 * DECILE + np.array([0.10, -0.05, 0.0])[COUNTRY]
DETRACTORS = (1 - PROMOTERS) * (0.55 - 0.02 * DECILE)
SHARES = np.stack([PROMOTERS, 1 - PROMOTERS - DETRACTORS, DETRACTORS], axis=-1)
RESPONDS = np.exp(0.12 * DECILE + np.array([0.5, 0.0, -0.3])[COUNTRY])
# The best decile answers three times as often as the least valuable one, Austrians more than twice as often as Germans.

TRUTH = 100 * float((IN_CELL * (PROMOTERS - DETRACTORS)).sum() / IN_CELL.sum())


class Draws(NamedTuple):
    """Raked and unweighted points of every draw, and whether their intervals hold the truth."""

    raked: npt.NDArray[np.float64]
    unweighted: npt.NDArray[np.float64]
    covered: npt.NDArray[np.bool_]
    errors: npt.NDArray[np.float64]


def margins() -> pd.DataFrame:
    rows: list[tuple[str, str, int, float]] = [("all", "all", 0, CUSTOMERS.sum())]
    rows += [("country", name, 0, count) for name, count in zip(COUNTRIES, CUSTOMERS, strict=True)]
    rows += [("all", "all", place + 1, count) for place, count in enumerate(IN_CELL.sum(axis=0))]
    names = ["segment_name", "segment_value", "value_decile", "customer_count"]
    return pd.DataFrame(rows, columns=names).assign(**PERIOD)


def combinations() -> pd.DataFrame:
    rows = [(place, "all", "all") for place in range(3)] + [
        (p, "country", c) for p, c in enumerate(COUNTRIES)
    ]
    return pd.DataFrame(rows, columns=["combination_number", "segment_name", "segment_value"])


def drawn(draw_count: int, respondents: int, seed: int) -> Draws:
    share = IN_CELL[..., None] * RESPONDS[..., None] * SHARES
    counts = np.random.default_rng(seed).multinomial(
        respondents, share.ravel() / share.sum(), size=draw_count
    )
    draws, cells = np.nonzero(counts)
    country, decile, place = np.unravel_index(cells, share.shape)
    answers = pd.DataFrame(
        {
            "survey": [f"{draw:05}" for draw in draws],
            "item": "recommend",
            "combination_number": country,
            "value_decile": decile + 1,
            "nps_class": np.array(CLASSES, dtype=object)[place],
            "answer_count": counts[draws, cells],
        }
    ).assign(**PERIOD)
    rows = weighted_nps(answers, combinations(), margins(), AS_OF, Definitions())
    found = rows.loc[(rows["metric"] == "nps_points") & (rows["segment_name"] == "all")].sort_values("survey")
    assert len(found) == draw_count
    codes = np.tile(SCORES["nps_points"], share.size // len(CLASSES))
    return Draws(
        raked=found["value"].to_numpy(),
        unweighted=100 * (counts @ codes) / respondents,
        covered=((found["ci_low"] <= TRUTH) & (found["ci_high"] >= TRUTH)).to_numpy(),
        errors=found["std_error"].to_numpy(),
    )


def judge(draws: Draws, slack: float = 0.0) -> None:
    # Four standard errors of the mean of all draws, and what a capped weight may leave.
    wanted = 4 * draws.raked.std() / np.sqrt(len(draws.raked)) + 0.1
    assert abs(draws.raked.mean() - TRUTH) < wanted
    assert draws.unweighted.mean() - TRUTH > 4
    assert draws.errors.mean() / draws.raked.std() == pytest.approx(1, abs=0.05 + 3 * slack)
    assert LOWEST - slack <= draws.covered.mean() <= HIGHEST + slack


def test_raked_figures_hit_the_truth_that_unweighted_ones_miss() -> None:
    judge(drawn(FEW, respondents=400, seed=20250630), SLACK_OF_FEW)


@pytest.mark.proof
@pytest.mark.parametrize("respondents", [150, 400, 2_000])
def test_raked_figures_hit_the_truth_over_sizes(respondents: int) -> None:
    judge(drawn(MANY, respondents, seed=7))
