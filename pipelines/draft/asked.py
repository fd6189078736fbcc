"""A question as far as a draft can tell it, and which answers may be shown.

What must stay out: how questions are found (`questions.py`, `choices.py`) and written down (`entry_questions.py`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.ingest.headings import Wanted

REPEATS = 5
# So many must have given an answer before it is shown: then it is nobody's own free text.
LONGEST_ANSWER = 80
ONCE = ("recommend", "overall_satisfaction", "repurchase", "willingness_to_recommend", "effort")
# What a survey asks for once at most.


@dataclass(frozen=True)
class Asked:
    """One question; `unseen` are labels of its scale that nobody gave, `unknown` answers whose order nobody knows."""

    id: str
    columns: list[Wanted]
    construct: str
    text: str
    scale: tuple[int, int] | None = None
    scale_name: str | None = None
    labels: dict[str, int] = field(default_factory=dict)
    unseen: frozenset[str] = frozenset()
    missing: list[str] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)
    separator: str | None = None
    unknown: list[str] = field(default_factory=list)


def may_be_shown(answers: Mapping[str, int]) -> bool:
    """Whether these are answers that many gave, and none of them looks like something of a person."""
    return all(
        count >= REPEATS and len(each) <= LONGEST_ANSWER and "@" not in each and not re.search(r"\d{4}", each)
        for each, count in answers.items()
    )


def free_name(name: str, taken: set[str]) -> str:
    """The name, with a number where it is taken."""
    numbered = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    return next(each for each in (name, *numbered) if each not in taken)
