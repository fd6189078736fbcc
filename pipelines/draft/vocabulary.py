"""The words by which a draft recognises things, read from `words.yml` beside this file.

What must stay out: the words themselves, and what is concluded from them.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from pipelines.ingest.expressions import folded

WORDS = Path(__file__).resolve().parent / "words.yml"
SHORTEST_INSIDE = 5
# A shorter word inside a longer heading says little: `id`, `date`, `at`.
LONGEST_HEADING_WORDS = 5


@dataclass(frozen=True)
class Scale:
    """Answers in words: the wordings of each level, from the lowest score upwards."""

    name: str
    lowest: int
    levels: list[list[str]]


@dataclass(frozen=True)
class Words:
    """All of `words.yml`, where each block says what it is for."""

    headings: dict[str, dict[str, list[str]]]
    file_names: dict[str, list[str]]
    generic: list[str]
    personal: list[str]
    question_column: list[str]
    answer_column: list[str]
    no_question: list[str]
    asks_for: dict[str, list[str]]
    means: dict[str, list[str]]
    missing: list[str]
    scales: list[dict[str, object]]


@cache
def words() -> Words:
    """The vocabulary, read once."""
    return Words(**yaml.safe_load(WORDS.read_text(encoding="utf-8")))


def plain(heading: object) -> str:
    """A heading in small letters with single blanks: `InvoiceDate`, `invoice_date` and `Invoice-Date` are one."""
    text = re.sub(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])|(?<=[A-Z])(?=[A-Z][a-z])", " ", str(heading))
    return " ".join(re.sub(r"[^0-9a-zäöüß]+", " ", text.lower()).split())


def identifier(text: object, longest: int = 40) -> str:
    """A name of our own made from a text: small letters, digits and `_`."""
    spelled = plain(text)
    for letter, written in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        spelled = spelled.replace(letter, written)
    ascii_only = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_")
    name = name if name[:1].isalpha() else f"x_{name}".rstrip("_")
    return name[:longest].rstrip("_")


def likeness(heading: object, phrases: Sequence[str]) -> int:
    """How surely a heading is meant by these phrases, from 0 to 100; the whole phrase counts more than a part."""
    said = plain(heading) or str(heading)
    if said in phrases:
        return 100 - min(phrases.index(said), 40)
    generic = words().generic
    inside = [
        phrase
        for phrase in phrases
        if len(phrase) >= SHORTEST_INSIDE and phrase not in generic and f" {phrase} " in f" {said} "
    ]
    is_short = len(said.split()) <= LONGEST_HEADING_WORDS
    return min(30 + max(map(len, inside)), 59) if inside and is_short else 0


def is_telling(kind: str, heading: object) -> bool:
    """Whether the heading, word for word, is known to this kind and to no other."""
    return _knowing(plain(heading)) == {kind}


def is_known_heading(heading: str) -> bool:
    """Whether any kind knows the heading word for word."""
    return bool(_knowing(plain(heading)))


def _knowing(said: str) -> set[str]:
    return {
        kind
        for kind, columns in words().headings.items()
        if any(said in phrases for phrases in columns.values())
    }


def is_personal(heading: object) -> bool:
    """Whether something of a single person is likely to stand below the heading."""
    return bool(set(plain(heading).split()) & set(words().personal))


def asks_for(construct: str, text: str) -> bool:
    """Whether a question's text speaks of the construct."""
    return any(part in text.lower() for part in words().asks_for[construct])


def means(status: str, text: str) -> bool:
    """Whether a status in their words speaks of one of ours."""
    return any(part in text.lower() for part in words().means[status])


def is_missing(answer: str) -> bool:
    """Whether an answer is none."""
    return folded(answer) in words().missing


def scale_of(answers: set[str]) -> Scale | None:
    """The first scale that holds all of these answers, each on a level of its own."""
    found = {folded(answer) for answer in answers}
    for each in words().scales:
        scale = Scale(**each)  # type: ignore[arg-type]
        hits = [found & set(level) for level in scale.levels]
        if set().union(*hits) == found and all(len(hit) <= 1 for hit in hits):
            return scale
    return None
