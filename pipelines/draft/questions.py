"""Which columns of a survey are questions, what they ask for and on which scale.

What must stay out: several choices to one question (`choices.py`), and how it is written down (`entry_questions.py`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.draft.asked import ONCE, Asked, free_name, may_be_shown
from pipelines.draft.choices import choice_columns, multi_select
from pipelines.draft.profile import Profile
from pipelines.draft.vocabulary import (
    Scale,
    asks_for,
    identifier,
    is_missing,
    is_personal,
    plain,
    scale_of,
    words,
)
from pipelines.ingest.expressions import folded
from pipelines.ingest.headings import Wanted
from pipelines.ingest.question_rules import CSAT_SCALES, EFFORT_QUESTIONS, SCI_SCALES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_LABELS = 7
# Of answers whose order is unknown; with more it is rather a list of things.
HIGHEST = 10


def questions_of(
    connection: "DuckDBPyConnection", found: Sequence[Profile], texts: Mapping[Wanted, str]
) -> list[Asked]:
    """The questions among these columns, in the order of the file."""
    grouped, inside = choice_columns(found, texts)
    asked: list[Asked] = []
    for profile in found:
        if profile.name in inside:
            asked += [grouped[profile.name]] if profile.name in grouped else []
        elif not is_personal(profile.name):
            single = _single(connection, profile, texts.get(profile.name, str(profile.name)))
            asked += [single] if single else []
    return _once(asked)


def _single(connection: "DuckDBPyConnection", profile: Profile, text: str) -> Asked | None:
    answers = {each: count for each, count in profile.values.items() if not is_missing(each)}
    missing = [each for each in profile.values if is_missing(each)]
    asked = Asked(identifier(profile.name), [profile.name], "likert", text, missing=missing)
    scale = scale_of(set(answers)) if answers else None
    if scale is not None and scale.name != "yes_no":
        return _labelled(asked, scale, set(answers))
    if set(plain(profile.name).split()) & set(words().no_question):
        return None
    numbers = [int(each[:2].rstrip(".,")) for each in answers if re.fullmatch(r"\d{1,2}([.,]0+)?", each)]
    if answers and len(numbers) == len(answers) and max(numbers) <= HIGHEST:
        ends = _usual_scale(min(numbers), max(numbers), text)
        return replace(asked, construct=_construct(text, ends), scale=ends)
    if scale is not None and len(answers) > 1:
        return _labelled(asked, scale, set(answers))
    several = multi_select(connection, profile, text)
    if several is None and 1 < len(answers) <= MOST_LABELS and may_be_shown(answers):
        return replace(asked, unknown=sorted(answers))
    return several


def _usual_scale(low: int, high: int, text: str) -> tuple[int, int]:
    """The usual scale that holds the numbers."""
    is_recommendation = _is_recommendation(text)
    if high > 7 or (low == 0 and high > 1) or (is_recommendation and high > 5):
        return (0, 10) if low == 0 or is_recommendation else (1, 10)
    if low == 0:
        return 0, 1
    return (1, 5) if high <= 5 else (1, 7)


def _labelled(asked: Asked, scale: Scale, answers: set[str]) -> Asked:
    """The whole scale, in the spelling of the file as far as it goes."""
    spelled = {folded(each): each for each in answers}
    labels: dict[str, int] = {}
    unseen: set[str] = set()
    for score, wordings in enumerate(scale.levels, start=scale.lowest):
        given = next((each for each in wordings if each in spelled), None)
        labels[spelled[given] if given else wordings[0]] = score
        unseen |= set() if given else {wordings[0]}
    ends = (scale.lowest, scale.lowest + len(scale.levels) - 1)
    return replace(
        asked,
        construct=_construct(asked.text, ends, is_labelled=True),
        scale=ends,
        scale_name=scale.name,
        labels=labels,
        unseen=frozenset(unseen),
    )


def _construct(text: str, scale: tuple[int, int], *, is_labelled: bool = False) -> str:
    """What a question seems to measure; the satisfaction with the whole only where it asks for that."""
    if asks_for("repurchase", text) and scale in SCI_SCALES:
        return "repurchase"
    if _is_recommendation(text):
        if scale == (0, 10) and not is_labelled:
            return "recommend"
        return "willingness_to_recommend" if scale in SCI_SCALES else "likert"
    if asks_for("effort", text):
        return "effort" if scale == EFFORT_QUESTIONS["2.0"][0] else "likert"
    if asks_for("satisfaction", text):
        return "overall_satisfaction" if asks_for("overall", text) and scale in CSAT_SCALES else "driver"
    return "likert"


def _is_recommendation(text: str) -> bool:
    return asks_for("recommend", text) or plain(text) == "score"


def _once(asked: Sequence[Asked]) -> list[Asked]:
    """Each construct as often as a survey may have it, and ids of their own; a lone driver is the satisfaction."""
    drivers = [each for each in asked if each.construct == "driver"]
    is_lone = len(drivers) == 1 and drivers[0].scale in CSAT_SCALES
    is_lone = is_lone and not any(each.construct == "overall_satisfaction" for each in asked)
    found: list[Asked] = []
    for each in asked:
        construct = "overall_satisfaction" if is_lone and each is drivers[0] else each.construct
        if construct in ONCE and any(construct == other.construct for other in found):
            construct = "likert"
        name = free_name(construct if construct in ONCE else each.id, {other.id for other in found})
        found.append(replace(each, id=name, construct=construct))
    return found
