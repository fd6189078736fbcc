"""How often the published 95 % intervals of survey figures hold the truth, and how often a change is seen where there
is none.

Exactly, over every outcome, where these are few enough; else by 10,000 draws a case or more. Counts go through the
functions that make the published figures. The whole form writes `docs/coverage.md`.
"""

from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from pipelines.metrics.differences import wald_difference
from pipelines.metrics.intervals import (
    NET_PSEUDO_ANSWERS,
    SHARE_PSEUDO_ANSWERS,
    Interval,
    PseudoAnswers,
    adjusted_wald_mean,
)
from pipelines.metrics.metric_row import Estimate
from pipelines.metrics.surveys.answers import Answers
from pipelines.metrics.surveys.nps import nps_code
from pipelines.metrics.surveys.score_figures import mean_figure, net_figure, share_figure, the_score
from pipelines.settings import Definitions
from tests.proof import coverage_cases as cases
from tests.proof.coverage_cases import Floats

PAGE = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"
DRAWS, FEW_DRAWS = {"net promoter score": 10_000, "share": 20_000, "mean": 10_000}, 2_000
DEFINITIONS, CI_LEVEL, ALPHA = Definitions(), 0.95, 0.05
EDGE = 1e-9
# A truth on the edge of an interval is within it, whatever the last digit says.


class Kind(NamedTuple):
    """One kind of figure: its scores, the ends of their scale, what the scores count for, its truths."""

    scores: tuple[int, ...]
    ends: tuple[int, int]
    codes: tuple[float, ...]
    truths: Sequence[Sequence[float]]
    truths_drawn: Sequence[Sequence[float]]

    def value(self, truth: Sequence[float]) -> float:
        return float(np.dot(self.codes, truth))


KINDS = {
    "net promoter score": Kind(
        cases.NET_SCORES, (0, 10), (1, 0, -1), cases.NET_TRUTHS, cases.NET_TRUTHS_DRAWN
    ),
    "share": Kind(cases.SHARE_SCORES, (1, 5), (1, 0), cases.SHARE_TRUTHS, cases.SHARE_TRUTHS_DRAWN),
    "mean": Kind(cases.SCALE_SCORES, (1, 5), (1, 2, 3, 4, 5), cases.SCALE_TRUTHS, cases.SCALE_TRUTHS),
}


def figure(name: str, answers: Answers) -> Estimate:
    """The figure as its metric makes it."""
    match name:
        case "net promoter score":
            return net_figure(answers, nps_code, DEFINITIONS)
        case "share":
            return share_figure(answers, lambda _cell, score: (score > 3).astype(float), DEFINITIONS)
    low, high = answers.figure("scale_low"), answers.figure("scale_high")
    return mean_figure(answers, the_score, low, high, DEFINITIONS)


PSEUDO_ANSWERS = {"net promoter score": NET_PSEUDO_ANSWERS, "share": SHARE_PSEUDO_ANSWERS}


class Measured(NamedTuple):
    """One case: which truth, how large, how the waves overlap, and what share was found."""

    kind: str
    truth: tuple[float, ...]
    size: int
    overlap: float
    found: float

    @property
    def rarest(self) -> float:
        return min(self.truth)


def _random(*key: object) -> np.random.Generator:
    return np.random.default_rng([ord(sign) for sign in repr(key)])


def coverages(name: str, size: int, draw_count: int) -> list[Measured]:
    """Of every truth, the share of the outcomes whose interval holds it: exact for two or three classes."""
    kind = KINDS[name]
    found = []
    if name != "mean":
        counts = cases.outcomes(size, len(kind.scores))
        low, high = _intervals(name, counts)
        for truth in kind.truths:
            holds = (low - EDGE <= kind.value(truth)) & (kind.value(truth) <= high + EDGE)
            share = float(cases.probabilities(counts, truth) @ holds)
            found.append(Measured(name, tuple(truth), size, 0, share))
        return found
    for truth in kind.truths:
        counts = _random(name, size, truth).multinomial(size, truth, size=draw_count)
        low, high = _intervals(name, counts)
        holds = (low - EDGE <= kind.value(truth)) & (kind.value(truth) <= high + EDGE)
        found.append(Measured(name, tuple(truth), size, 0, float(holds.mean())))
    return found


def _intervals(name: str, counts: cases.Counts) -> Interval:
    kind = KINDS[name]
    return figure(name, cases.answers_of_waves(kind.scores, kind.ends, counts)).interval


def exact_sizes(name: str, size: int) -> list[Measured]:
    """Of every truth that holds in two independent waves, the share of all pairs of outcomes called a change."""
    kind = KINDS[name]
    counts = cases.outcomes(size, len(kind.scores))
    codes = np.array(kind.codes) / max(kind.codes)
    rejects = _rejections(counts @ codes / size, counts @ codes**2 / size, size, PSEUDO_ANSWERS[name])
    chances = [cases.probabilities(counts, truth) for truth in kind.truths]
    return [
        Measured(name, tuple(truth), size, 0, float(chance @ rejects @ chance))
        for truth, chance in zip(kind.truths, chances, strict=True)
    ]


def drawn_changes(
    name: str, size: int, overlap: float, draw_count: int
) -> tuple[list[Measured], list[Measured]]:
    """Of every truth that holds in both waves, the share of draws called a change, and that of intervals with 0."""
    kind = KINDS[name]
    called, covered = [], []
    for truth in kind.truths_drawn:
        waves = cases.drawn_waves(_random(name, size, overlap, truth), truth, size, overlap, draw_count)
        before, now, both = waves
        change = figure(name, cases.answers_of_waves(kind.scores, kind.ends, now, before, both)).change
        assert change is not None
        p_value, (low, high) = change.p_value[:draw_count], (end[:draw_count] for end in change.interval)
        # Waves without any spread have neither p nor interval, and claim nothing.
        holds = ~((low > EDGE) | (high < -EDGE))
        called.append(Measured(name, tuple(truth), size, overlap, float((p_value < ALPHA).mean())))
        covered.append(Measured(name, tuple(truth), size, overlap, float(holds.mean())))
    return called, covered


def _rejections(mean: Floats, mean_square: Floats, size: int, pseudo: PseudoAnswers) -> Floats:
    """1 for every pair of outcomes of two independent waves that is called a change."""
    wave = adjusted_wald_mean(mean, mean_square - mean**2, np.full(len(mean), float(size)), pseudo)
    difference = wave.centre[:, None] - wave.centre[None, :]
    variance = wave.std_error[:, None] ** 2 + wave.std_error[None, :] ** 2
    test = wald_difference(difference, variance, np.full(difference.shape, size), CI_LEVEL)
    return (test.p_value < ALPHA).astype(float)


def assert_coverage(measured: Sequence[Measured]) -> None:
    size = measured[0].size
    mean = float(np.mean([each.found for each in measured]))
    assert size < 30 or 0.94 <= mean <= 0.97, (measured[0].kind, size, mean)
    wrong = [
        each for each in measured if size >= 1000 and each.rarest >= 0.05 and not 0.935 <= each.found <= 0.975
    ]
    assert wrong == []


def assert_size(measured: Sequence[Measured]) -> None:
    assert [each for each in measured if each.found > 0.06] == []
    frequent = [each for each in measured if each.size >= 1000 and each.rarest >= 0.10]
    assert [each for each in frequent if each.found < 0.04] == []


@pytest.mark.parametrize("name", ["net promoter score", "share"])
@pytest.mark.parametrize("size", [10, 30])
def test_exact_coverage_of_small_samples_is_near_ninety_five_in_a_hundred(name: str, size: int) -> None:
    measured = coverages(name, size, FEW_DRAWS)
    assert_coverage(measured)
    assert 0.94 <= np.mean([each.found for each in measured]) <= 0.97


def test_means_of_nearly_equal_answers_keep_their_coverage() -> None:
    measured = coverages("mean", 30, FEW_DRAWS)
    assert_coverage(measured)
    # 2,000 draws: three standard errors are 0.015.
    assert min(each.found for each in measured) > 0.925


@pytest.mark.parametrize("name", ["net promoter score", "share"])
def test_exactly_at_most_six_in_a_hundred_small_samples_are_called_a_change(name: str) -> None:
    assert_size(exact_sizes(name, 10))


@pytest.mark.proof
def test_coverage_and_size_hold_over_truths_and_sizes() -> None:
    covered = {(name, size): coverages(name, size, DRAWS[name]) for name in KINDS for size in cases.SIZES}
    tested, changed = {}, {}
    for name, size, overlap in product(KINDS, cases.SIZES, (0, 0.6, 1)):
        key = name, size, overlap
        tested[key], changed[key] = drawn_changes(name, size, overlap, DRAWS[name])
        if overlap == 0 and (name == "share" or (name == "net promoter score" and size <= 30)):
            tested[key] = exact_sizes(name, size)
    page = "\n\n".join(
        [
            INTRODUCTION,
            "## Intervals\n\n" + _table(covered, {"mean": np.mean, "lowest": min, "highest": max}, min),
            "## Tests of no change\n\n" + _table(tested, {"mean": np.mean, "highest": max}, max),
            "## Intervals of changes\n\n" + _table(changed, {"mean": np.mean, "lowest": min}, min),
            REMARKS,
        ]
    )
    print(page)
    PAGE.write_text(page + "\n", encoding="utf-8")
    for measured in covered.values():
        assert_coverage(measured)
    for measured in tested.values():
        assert_size(measured)


def _table(
    measured: dict[tuple[str, ...], list[Measured]],
    figures: dict[str, Callable[[list[float]], float]],
    worst_of: Callable[..., Measured],
) -> str:
    """One row per kind, size and overlap, in percent, with the truth that is furthest off."""
    has_overlap = len(next(iter(measured))) == 3
    names = ["figure", "n", *(["overlap"] if has_overlap else []), "truths", *figures, "worst case"]
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for key, found in measured.items():
        worst = worst_of(found, key=lambda each: each.found)
        shares = [100 * each.found for each in found]
        cells = [str(key[0]), str(key[1]), *([f"{key[2]:.0%}"] if has_overlap else []), str(len(found))]
        cells += [f"{figure(shares):.1f}" for figure in figures.values()]
        cells.append(", ".join(f"{share:.0%}" for share in worst.truth))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


INTRODUCTION = """# Do the intervals and tests hold what they say?

Made by `make proof` (`tests/proof/test_survey_coverage.py`); all figures in per cent. An interval of 95 % shall hold
the truth in 95 of 100 samples, a test at 5 % shall see a change in 5 of 100 pairs of waves between which nothing
changed. Each line is over a spread of truths: of the net promoter score all shares of promoters, passives and
detractors in tenths and nine extreme ones; of a share from 1 % to 99 %; of a mean nine distributions over five scores,
from even to 98 % in one score.

Net promoter scores and shares are computed exactly, over every possible outcome: intervals at every n, tests of
independent waves as far as the pairs of outcomes can be counted (shares at every n, scores up to n = 30). Everything
else is 10,000 draws a case, of shares 20,000, over the smaller number of truths that the tables state, with a standard
error of 0.2 points. Counts go through the functions that make the published figures. Overlap is the share of customers
who are in both waves; half of them answer the same again, the others anew. The worst case names the shares of the
classes: promoters, passives, detractors; yes, no; the scores 1 to 5."""

REMARKS = """## The worst cases, and why

- **Intervals at n = 10.** Ten answers have few outcomes, so coverage jumps from truth to truth: the lowest lies where
  nearly nobody is passive, or where a share has just left the reach of "none of ten". Such figures are never marked as
  publishable.
- **One class with nearly everybody.** Coverage is above 95 there: the three answers that are added to a score or a mean
  weigh more than the little that is left to vary. The plain t interval of a mean falls to 18 % at n = 10 and 45 % at
  n = 30 in the case of 98 % equal answers, which is why means have the adjusted interval.
- **Tests of small or extreme waves** see fewer false changes than 5 in 100: answers are added there too, Student's t
  counts the smaller wave, and outcomes are few.
- **Intervals of changes of shares** are Newcombe's. Where waves overlap and shares are extreme they are wide: half an
  answer is taken off the correlation. Their test is another one, since turned into a test they would see 10 changes in
  100 at n = 10 where all customers are in both waves."""
