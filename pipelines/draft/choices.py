"""Multi-selects: several choices in one cell, or a column per choice.

What must stay out: questions with one answer on a scale (`questions.py`).
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pipelines.draft.asked import REPEATS, Asked, free_name, may_be_shown
from pipelines.draft.profile import Profile, parts_of
from pipelines.draft.vocabulary import asks_for, identifier
from pipelines.ingest.expressions import folded
from pipelines.ingest.headings import Wanted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_CHOICES = 15
SEPARATORS = ("; ", ";", " | ", "|", ", ", ",")
NOT_CHOSEN = {"0", "false", "no", "nein", "n"}
CHOSEN = {"1", "true", "yes", "ja", "y", "x", "checked", "selected"}
LEAST_WORDS = 4
# A heading of so many words is a question, with a question mark or without.
_STEM = re.compile(r"^(?P<stem>.+?)(?: \| |_(?=[0-9a-zA-Z]+$)|\[)(?P<choice>.+?)\]?$")
# `What mattered? | Price`, `Q3_1`, `grund[preis]`.


def multi_select(connection: "DuckDBPyConnection", profile: Profile, text: str) -> Asked | None:
    """The question if its cells hold choices that recur, between signs that separate them."""
    is_question = text.endswith("?") or len(text.split()) >= LEAST_WORDS or asks_for("reason", text)
    if not is_question or profile.filled < REPEATS or profile.is_date:
        return None
    for separator in SEPARATORS:
        parts = parts_of(connection, profile, separator)
        is_split = not profile.values or any(separator in each for each in profile.values)
        if is_split and 1 < len(parts) <= MOST_CHOICES and may_be_shown(parts):
            choices = _distinct({part: identifier(part) for part in parts})
            name = identifier(profile.name)
            return Asked(name, [profile.name], "reason", text, choices=choices, separator=separator)
    return None


def choice_columns(
    found: Sequence[Profile], texts: Mapping[Wanted, str]
) -> tuple[dict[Wanted, Asked], set[Wanted]]:
    """Questions with a column per choice, by the first of their columns, and all columns that belong to them."""
    groups: dict[str, list[Profile]] = {}
    for profile in found:
        match = _STEM.match(str(profile.name))
        if match and _is_choice(profile, match["choice"]):
            groups.setdefault(match["stem"], []).append(profile)
    several = {stem: group for stem, group in groups.items() if len(group) > 1}
    asked = {group[0].name: _by_column(stem, group, texts) for stem, group in several.items()}
    return asked, {profile.name for group in several.values() for profile in group}


def _is_choice(profile: Profile, choice: str) -> bool:
    """Whether the column says one thing only, and that is that the choice was made."""
    said = {folded(each) for each in profile.values} - NOT_CHOSEN
    if len(said) != 1 or asks_for("free_text", str(profile.name)):
        return False
    return said <= CHOSEN or folded(choice) in said or profile.filled >= REPEATS or choice.isdigit()


def _by_column(stem: str, group: Sequence[Profile], texts: Mapping[Wanted, str]) -> Asked:
    choices = {str(profile.name): _choice(profile, texts) for profile in group}
    text = texts.get(group[0].name, stem).partition(" - ")[0]
    return Asked(identifier(stem), [each.name for each in group], "reason", text, choices=_distinct(choices))


def _choice(profile: Profile, texts: Mapping[Wanted, str]) -> str:
    """Our id of a choice: what its cells say where many say so, else the end of the question's text or heading."""
    said = {each: count for each, count in profile.values.items() if folded(each) not in NOT_CHOSEN | CHOSEN}
    if said and may_be_shown(said):
        return identifier(next(iter(said)))
    match = _STEM.match(str(profile.name))
    return identifier(
        texts.get(profile.name, "").rpartition(" - ")[2] or (match["choice"] if match else "choice")
    )


def _distinct(choices: Mapping[str, str]) -> dict[str, str]:
    distinct: dict[str, str] = {}
    for theirs, ours in choices.items():
        distinct[theirs] = free_name(ours, set(distinct.values()))
    return distinct
