"""One process of the bench: all survey metrics from the sufficient statistics of so many answers in 1,000 cells."""

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from pipelines.metrics.surveys.drivers import drivers
from pipelines.metrics.surveys.effort import effort
from pipelines.metrics.surveys.likert import likert
from pipelines.metrics.surveys.nps import nps
from pipelines.metrics.surveys.reliability import reliability
from pipelines.metrics.surveys.satisfaction import satisfaction
from pipelines.metrics.surveys.secure_customer_index import secure_customer_index
from pipelines.settings import Definitions

AS_OF, CHOSEN = date(2025, 12, 31), Definitions()
MONTHS, VALUES = 50, 20
OVERLAP = 0.2
# Of the customers of a period, in the one before too.

QUESTIONS = {
    "recommend": ("recommend", 0, 10, "all", "all"),
    "satisfied": ("overall_satisfaction", 1, 5, "all", "all"),
    "effort": ("effort", 1, 7, "2.0", "all"),
    "all": ("secure_customer_index", -3, 4, "all", "all"),
    **{f"driver_{n}": ("driver", 1, 5, "all", "all") for n in range(5)},
    **{f"trust_{n}": ("likert", 1, 5, "all", "trust") for n in range(3)},
}


def cells() -> pd.DataFrame:
    starts = pd.date_range("2021-11-01", periods=MONTHS, freq="MS")
    grid = pd.MultiIndex.from_product(
        [starts, [f"v{n:02}" for n in range(VALUES)]], names=["period_start_date", "segment_value"]
    ).to_frame(index=False)
    return grid.assign(survey="kunden", period_grain="month", segment_name="segment")


def spread(frame: pd.DataFrame, counts: np.ndarray, **columns: np.ndarray) -> pd.DataFrame:
    """One row per cell and outcome that anybody has: counts is cells x outcomes."""
    cell, outcome = np.nonzero(counts)
    told = {name: values[outcome] for name, values in columns.items()}
    return frame.iloc[cell].reset_index(drop=True).assign(count=counts[cell, outcome], **told)


def marts_of(
    respondents: int, random: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    grid = cells()
    counts, pairs, units = [], [], []
    for item, (construct, low, high, version, scale) in QUESTIONS.items():
        scores = np.arange(low, high + 1)
        if construct == "secure_customer_index":
            scores = scores[scores != 0]
        shares = random.dirichlet(np.full(len(scores), 2.0), size=len(grid))
        drawn = np.stack([random.multinomial(respondents, each) for each in shares])
        figures = {"item": item, "construct": construct, "scale_low": low, "scale_high": high}
        figures |= {"low_is_good": False, "version": version, "scale_name": scale}
        told = spread(grid.assign(**figures), drawn, score=scores)
        counts.append(told.assign(answer_count=told["count"], weight_sum=told["count"].astype(float)))
        same = told.assign(lag="same", other_score=told["score"])
        joint = (shares[:, :, None] * np.roll(shares, VALUES, axis=0)[:, None, :]).reshape(len(grid), -1)
        both = np.stack([random.multinomial(int(respondents * OVERLAP), each) for each in joint])
        both[:VALUES] = 0
        grids = np.meshgrid(scores, scores, indexing="ij")
        before = spread(grid.assign(item=item), both, score=grids[0].ravel(), other_score=grids[1].ravel())
        pairs += [same, before.assign(lag="before")]
        for base in ("answered", "complete") if construct == "secure_customer_index" else ("answered",):
            counted = drawn if base == "answered" else drawn[:, scores > 0]
            overlap = both if base == "answered" else both[:, (grids[0].ravel() > 0) & (grids[1].ravel() > 0)]
            units.append(
                grid.assign(
                    item=item, base=base, unit_count=counted.sum(axis=1), overlap_count=overlap.sum(axis=1)
                )
            )
    paired = pd.concat(pairs, ignore_index=True)
    paired["weight_product_sum"] = paired["count"].astype(float)
    return pd.concat(counts, ignore_index=True), paired, pd.concat(units, ignore_index=True)


def patterns_of(grid: pd.DataFrame, items: list[str], size: int, random: np.random.Generator) -> pd.DataFrame:
    """Patterns of answers on 1 to 5: `size` respondents in every row of the grid."""
    every = np.stack(np.meshgrid(*[np.arange(1, 6)] * len(items), indexing="ij"), axis=-1).reshape(
        -1, len(items)
    )
    shares = np.exp(-0.5 * (every - every.mean(axis=1, keepdims=True)) ** 2).prod(axis=1)
    drawn = random.multinomial(size, shares / shares.sum(), size=len(grid))
    texts = np.array([str(list(map(int, row))) for row in every])
    ends = {"scale_lows": str([1] * len(items)), "scale_highs": str([5] * len(items))}
    told = spread(grid, drawn, pattern=texts)
    return told.assign(unit_count=told["count"], low_is_goods=str([False] * len(items)).lower(), **ends)


def main(answers: int) -> None:
    random = np.random.default_rng(20251231)
    respondents = answers // (MONTHS * VALUES * (len(QUESTIONS) - 1))
    scores = marts_of(respondents, random)
    trust = [name for name in QUESTIONS if name.startswith("trust")]
    scale = patterns_of(cells().assign(scale_name="trust", items=",".join(trust)), trust, respondents, random)
    attributes = [name for name in QUESTIONS if name.startswith("driver")]
    months = cells().drop_duplicates("period_start_date").assign(attributes=",".join(attributes))
    driven = patterns_of(months, ["satisfied", *attributes], respondents * VALUES, random)
    levels = np.stack(np.meshgrid(*[np.arange(5)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)[1:]
    drawn = random.multinomial(respondents, np.full(len(levels), 1 / len(levels)), size=MONTHS * VALUES)
    names = ("satisfaction_level", "repurchase_level", "recommend_level")
    index = spread(cells(), drawn, **dict(zip(names, levels.T, strict=True)))
    index = index.assign(unit_count=index["count"], weight_sum=index["count"].astype(float))
    steps: dict[str, Callable[[], pd.DataFrame]] = {
        "nps": lambda: nps(*scores, AS_OF, CHOSEN),
        "satisfaction": lambda: satisfaction(*scores, AS_OF, CHOSEN),
        "effort": lambda: effort(*scores, AS_OF, CHOSEN),
        "likert": lambda: likert(*scores, AS_OF, CHOSEN),
        "index": lambda: secure_customer_index(*scores, index, AS_OF, CHOSEN),
        "reliability": lambda: reliability(scale, AS_OF, CHOSEN),
        "drivers": lambda: drivers(driven, CHOSEN),
    }
    seconds, rows = {}, 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, step in steps.items():
        began = time.process_time()
        rows += len(step())
        seconds[name] = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    mart_rows = sum(len(frame) for frame in (*scores, scale, driven, index))
    print(
        json.dumps(
            {"seconds": seconds, "rows": rows, "mart_rows": mart_rows, "peak_kb": peak, "before_kb": before}
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
