"""Which files an extract has, which day each was delivered and what it holds, told by a hash of its bytes.

What must stay out: opening a file to read its rows.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pipelines.ingest.contracts import Extract
from pipelines.ingest.faults import FileFault

PLACEHOLDER = re.compile(r"\{delivered:([^{}]+)\}")
_DATE_PARTS = {"%Y": r"\d{4}", "%y": r"\d{2}", "%m": r"\d{2}", "%d": r"\d{2}", "%j": r"\d{3}"}


@dataclass(frozen=True)
class Delivery:
    """One file in landing; `relative` is its path below landing/, the name by which people know it."""

    path: Path
    relative: str
    delivered_on: date | None
    content_hash: str
    size_bytes: int


def find_deliveries(landing: Path, name: str, extract: Extract) -> list[Delivery]:
    """The extract's files in the order of their paths; a `FileFault` if the pattern matches none."""
    pattern = PLACEHOLDER.sub("*", extract.files)
    # A name that begins so is no delivery: hidden files, and the lock of a workbook that somebody has open.
    found = (path for path in landing.glob(pattern) if not path.name.startswith((".", "~$")))
    paths = sorted(path for path in found if path.is_file())
    if not paths:
        raise FileFault(
            f"extract {name}",
            f"no file matches {extract.files!r} below {landing}",
            "Put the file there or correct `files`; an extract that may be empty takes `on_problem: warn`",
        )
    return [_delivery(path, landing, extract) for path in paths]


def _delivery(path: Path, landing: Path, extract: Extract) -> Delivery:
    relative = path.relative_to(landing).as_posix()
    shown = relative.encode("utf-8", "backslashreplace").decode()
    if shown != relative:
        raise FileFault(shown, "its name is not UTF-8 and can't be kept", "Rename the file")
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return Delivery(path, relative, _delivered_on(relative, extract.files), digest, path.stat().st_size)


def _delivered_on(relative: str, pattern: str) -> date | None:
    found = PLACEHOLDER.search(pattern)
    if found is None:
        return None
    layout = found.group(1)
    before, after = (_glob_as_regex(part) for part in (pattern[: found.start()], pattern[found.end() :]))
    match = re.fullmatch(f"{before}({_layout_as_regex(layout)}){after}", relative)
    try:
        # A day in a name has no time and so no zone.
        return datetime.strptime(match.group(1) if match else "", layout).date()  # noqa: DTZ007
    except ValueError:
        raise FileFault(
            relative,
            f"its name has no date of the form {layout} where `files: {pattern}` expects one",
            "Rename the file, or make the pattern narrower so that it does not match",
        ) from None


def _glob_as_regex(pattern: str) -> str:
    parts = re.split(r"(\*\*/|\*|\?)", pattern)
    signs = {"**/": r"(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
    return "".join(signs.get(part, re.escape(part)) for part in parts)


def _layout_as_regex(layout: str) -> str:
    parts = re.split(r"(%.)", layout)
    return "".join(_DATE_PARTS.get(part, re.escape(part)) for part in parts)
