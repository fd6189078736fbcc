"""From a file's name to the extract's name and the pattern of its files.

What must stay out: what is in the file.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from pipelines.draft.vocabulary import identifier

_DAYS = (
    (r"\d{4}-\d{2}-\d{2}", "%Y-%m-%d"),
    (r"\d{4}_\d{2}_\d{2}", "%Y_%m_%d"),
    (r"\d{4}\.\d{2}\.\d{2}", "%Y.%m.%d"),
    (r"\d{2}\.\d{2}\.\d{4}", "%d.%m.%Y"),
    (r"\d{8}", "%Y%m%d"),
)


@dataclass(frozen=True)
class Naming:
    """What the file's place below landing says."""

    extract: str
    pattern: str
    has_day: bool


def naming(relative: str) -> Naming:
    """The day in the name, if there is one, becomes the placeholder of the pattern."""
    path = PurePosixPath(relative)
    for form, layout in _DAYS:
        for match in re.finditer(rf"(?<!\d){form}(?!\d)", path.name):
            if _is_day(match.group(), layout):
                before, after = path.name[: match.start()], path.name[match.end() :]
                name = f"{_literal(before)}{{delivered:{layout}}}{_literal(after)}"
                return Naming(_extract(before, after, path), _joined(path, name), has_day=True)
    stem = path.name.split(".")[0]
    return Naming(_extract(stem, "", path), _joined(path, _literal(path.name)), has_day=False)


def _is_day(text: str, layout: str) -> bool:
    try:
        # A day in a name has no time and so no zone.
        return 1990 <= datetime.strptime(text, layout).year <= 2100  # noqa: DTZ007
    except ValueError:
        return False


def _literal(text: str) -> str:
    """Signs that mean something in a pattern stand for any one sign."""
    return re.sub(r"[*?\[\]{}]", "?", text)


def _joined(path: PurePosixPath, name: str) -> str:
    folder = _literal(path.parent.as_posix())
    return name if folder == "." else f"{folder}/{name}"


def _extract(before: str, after: str, path: PurePosixPath) -> str:
    words = re.sub(r"\d+", " ", f"{before} {after.split('.', maxsplit=1)[0]}").strip(" _-.")
    return identifier(words or path.parent.name or "extract")
