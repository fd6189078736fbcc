"""The demo's drivers come out as they were drawn, and the one without effect is called none.

Each seed draws the company anew at the size of the demo; every wave goes through the metric itself, as the mart would
hold it: the latest response of each customer that has an overall satisfaction. The reduced form takes few seeds.
"""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from pipelines.demo.company import LINDE
from pipelines.demo.home import DEFAULT_CUSTOMERS, draw
from pipelines.demo.survey import ANONYMOUS, MISSING, Responses
from pipelines.metrics.surveys.patterns import score_matrix
from pipelines.metrics.surveys.penalty_reward import dummies, penalty_reward
from pipelines.settings import Definitions
from tests.unit.metrics.surveys.answer_patterns import driver_patterns

FEW, MANY = 6, 100
RIGHT, WRONGLY_CALLED = 0.90, 0.05
# The bars: the right class in at least 90 %, an inert attribute called a driver in at most 5 %.

ATTRIBUTES = sorted(driver.name for driver in LINDE.drivers)
CLASS_OF = {driver.name: driver.factor.replace("inert", "indifferent") for driver in LINDE.drivers}
DRIVER_CLASSES = {"basic", "performance", "excitement"}


def counted_rows(wave: Responses) -> list[tuple[int | None, ...]]:
    """Overall satisfaction and the attributes of each customer's latest response."""
    scores = np.column_stack([wave.scores[item] for item in ("satisfaction", *ATTRIBUTES)])
    # Responses stand in order of time; one without a customer stands for itself.
    units = np.where(wave.customers == ANONYMOUS, -1 - np.arange(len(wave.days)), wave.customers)
    answered = scores[:, 0] != MISSING
    frame = pd.DataFrame(scores[answered]).assign(unit=units[answered])
    latest = frame.drop_duplicates("unit", keep="last").drop(columns="unit")
    return [tuple(None if score == MISSING else int(score) for score in row) for row in latest.to_numpy()]


def classes_of(wave: Responses) -> dict[str, str]:
    """The class of every attribute, from patterns with their counts."""
    patterns = driver_patterns(counted_rows(wave), attributes=",".join(ATTRIBUTES))
    scores = score_matrix(patterns["pattern"], ["satisfaction", *ATTRIBUTES], "marts.driver_patterns")
    complete = ~np.isnan(scores).any(axis=1)
    scores, counts = scores[complete], patterns["unit_count"].to_numpy()[complete]
    width = len(ATTRIBUTES)
    made = dummies(scores[:, 1:], np.full(width, 1), np.full(width, 5), counts)
    found = penalty_reward(made, scores[:, 0], counts, Definitions().ci_level)
    return dict(zip(ATTRIBUTES, found.classes.tolist(), strict=True))


def classes_over(seeds: range) -> dict[tuple[str, str], Counter[str]]:
    """By wave and attribute how often each class was given."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for seed in seeds:
        for wave in draw(LINDE, seed, DEFAULT_CUSTOMERS).waves:
            for attribute, name in classes_of(wave).items():
                found.setdefault((wave.wave.name, attribute), Counter())[name] += 1
    return found


def test_a_few_draws_of_the_demo_show_its_drivers() -> None:
    for (wave, attribute), classes in classes_over(range(FEW)).items():
        # By chance one in ten may be missed: of six more than two with a probability of 1.6 %, and the seeds are fixed.
        assert classes[CLASS_OF[attribute]] >= FEW - 2, (wave, attribute, classes)


@pytest.mark.proof
def test_drivers_come_out_as_drawn_and_the_inert_one_is_called_none() -> None:
    found = classes_over(range(MANY))
    for (wave, attribute), classes in found.items():
        print(f"{wave}, {attribute} ({CLASS_OF[attribute]}): {dict(classes)}")
    for (wave, attribute), classes in found.items():
        assert classes[CLASS_OF[attribute]] >= RIGHT * MANY, (wave, attribute, classes)
        if CLASS_OF[attribute] == "indifferent":
            called = sum(classes[name] for name in DRIVER_CLASSES)
            assert called <= WRONGLY_CALLED * MANY, (wave, attribute, classes)
