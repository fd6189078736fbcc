"""Which kind of extract a file is, and which of its columns is which of ours.

A kind is scored by the headings that it knows and by what stands below them. What must stay out: questions of a
survey (`questions.py`), and how the guess is written down (`entry.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from pipelines.draft.profile import Profile
from pipelines.draft.vocabulary import is_telling, likeness, plain, words
from pipelines.ingest.kinds import KINDS, ColumnSpec

MOST_WORDS = 40
# Distinct values of a column of words, such as statuses or channels.
USUAL = ("orders", "customers", "survey_responses")
# What a file is taken for that only holds what any may hold; other kinds need a heading of their own.
TELLING = 100
AGAINST = 90
# Points for a heading that only one kind knows, and against a kind for something that does not fit it.
MOST_ROWS = 1.25
# Per order, in a file with one row per order but for repeats.
BY_VALUES_ALONE = 5
# How surely a column is meant whose heading says nothing, if it is the only one of its type.


@dataclass(frozen=True)
class Mapped:
    """A column of theirs for one of ours, and how sure that is, from 0 to 100."""

    profile: Profile
    likeness: int


@dataclass(frozen=True)
class Guess:
    """A kind with its columns."""

    kind: str
    columns: Mapping[str, Mapped]
    score: float

    @property
    def missing(self) -> list[str]:
        """Needed columns that were not found."""
        needed = list(KINDS[self.kind].required)
        if self.kind == "order_lines" and "line_amount" not in self.columns:
            needed += ["quantity", "unit_price"]
        return [each for each in needed if each not in self.columns]


def best_guess(
    found: Sequence[Profile], convention: tuple[str, str], relative: str, question_count: int
) -> Guess:
    """The kind that explains the file best."""
    guesses = [_guess(kind, found, convention) for kind in KINDS]
    stem = plain(PurePosixPath(relative).name.split(".")[0])
    folder = plain(PurePosixPath(relative).parent.name)

    def merit(guess: Guess) -> float:
        is_named = any(f" {word} " in f" {stem} {folder} " for word in words().file_names[guess.kind])
        asked = 0.0
        if guess.kind == "survey_responses":
            asked = 1.2 * TELLING * min(question_count, 4) if question_count else -AGAINST
        return guess.score + asked + (60 if is_named else 0)

    return max(guesses, key=merit)


def columns_of(kind: str, found: Sequence[Profile], convention: tuple[str, str]) -> Guess:
    """The columns of a kind that is known already."""
    return _guess(kind, found, convention)


def _guess(kind: str, found: Sequence[Profile], convention: tuple[str, str]) -> Guess:
    specs = KINDS[kind].columns
    offers = sorted(
        (
            (likeness(profile.name, phrases), ours, index)
            for ours, phrases in words().headings[kind].items()
            for index, profile in enumerate(found)
            if _fits(profile, specs[ours], convention)
        ),
        key=lambda offer: (-offer[0], offer[1], offer[2]),
    )
    columns: dict[str, Mapped] = {}
    taken: set[int] = set()
    for sure, ours, index in offers:
        if sure and ours not in columns and index not in taken:
            columns[ours] = Mapped(found[index], sure)
            taken.add(index)
    for ours, spec in specs.items():
        fitting = [i for i, each in enumerate(found) if i not in taken and _fits(each, spec, convention)]
        # Amounts have a decimal sign more often than counts have.
        fitting.sort(key=lambda i: -found[i].signed)
        is_by_type = spec.is_required and spec.type in ("timestamp", "decimal", "rate")
        if is_by_type and ours not in columns and fitting:
            columns[ours] = Mapped(found[fitting[0]], BY_VALUES_ALONE)
            taken.add(fitting[0])
    ordered = {ours: columns[ours] for ours in specs if ours in columns}
    return _scored(kind, ordered)


def _scored(kind: str, columns: dict[str, Mapped]) -> Guess:
    telling = [each for each in columns.values() if is_telling(kind, each.profile.name)]
    score = sum(each.likeness for each in columns.values()) / 4 + TELLING * len(telling)
    if kind not in USUAL and not telling:
        score -= AGAINST
    order = columns.get("order_id")
    rows_per_order = order.profile.filled / order.profile.distinct if order else 1
    if (kind == "order_lines" and order and rows_per_order == 1) or (
        kind == "orders" and rows_per_order > MOST_ROWS
    ):
        score -= AGAINST
    guess = Guess(kind, columns, score)
    return Guess(kind, columns, score - AGAINST * len(guess.missing))


def _fits(profile: Profile, spec: ColumnSpec, convention: tuple[str, str]) -> bool:
    if not profile.filled:
        return False
    match spec.type:
        case "timestamp":
            return profile.is_date and not (
                profile.layouts and profile.layouts[0] in ("unix", "excel") and not _is_dated(profile)
            )
        case "decimal" | "rate":
            return profile.is_number(convention) and not profile.zero_led and not _is_dated_number(profile)
        case "currency":
            return profile.codes == profile.texts
        case "status" | "word":
            return 0 < len(profile.values) <= MOST_WORDS and not profile.is_date and not profile.addresses
        case _:
            return not profile.is_date or profile.is_number((".", ""))


def _is_dated(profile: Profile) -> bool:
    """Whether the heading of a column of numbers speaks of time."""
    words = set(plain(profile.name).split())
    return bool(
        words & {"at", "date", "time", "created", "placed", "datum", "zeitpunkt", "am", "zeit", "timestamp"}
    )


def _is_dated_number(profile: Profile) -> bool:
    return profile.is_date and (_is_dated(profile) or profile.layouts[:1] in (("%Y%m%d",), ("%Y%m%d%H%M%S",)))
