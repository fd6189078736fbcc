"""The plan of an erasure: what goes, from where, by which everything can be carried out without asking anything again.

It holds pseudonyms, never what a person is called; it lies in the home from the first step of an erasure to the last.
What must stay out: making it (`planning.py`) and carrying it out (`erasure.py`).
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from pipelines.ingest.manifests import write_whole
from pipelines.paths import HomePaths


@dataclass(frozen=True)
class FileErasure:
    """What goes from one file of the lake: the rows of these lines, loaded or rejected, and of comments also others.

    `cells_hash` is that of the file without them. Where nobody could look into the file again, the values of all its
    rejected rows go, since any of them may be the person's.
    """

    extract: str
    file_id: str
    lines: list[int]
    cells_hash: str
    comment_lines: list[int] = field(default_factory=list)
    is_unseen: bool = False


@dataclass(frozen=True)
class LandingRow:
    """What the owner of landing has to look at; without a line, the whole file."""

    path: str
    line: int | None
    hint: str


@dataclass(frozen=True)
class Plan:
    """One erasure; `name` is its day and a number, `counts` the rows that go by place."""

    name: str
    erased_on: str
    secret_fingerprint: str
    asked_count: int
    unknown_lines: list[int]
    keys: list[str]
    marks: list[str]
    order_keys: list[str]
    response_keys: list[str]
    files: list[FileErasure]
    stale: list[tuple[str, str]]
    landing: list[LandingRow]
    counts: dict[str, int]


def write_pending(paths: HomePaths, plan: Plan) -> None:
    """The intent: from now on the erasure will be done, whatever ends this process."""
    write_whole(paths.pending_erasure, asdict(plan))


def read_pending(paths: HomePaths) -> Plan | None:
    """The erasure that was begun and is not done yet."""
    file = paths.pending_erasure
    return TypeAdapter(Plan).validate_json(file.read_bytes()) if file.exists() else None


def next_name(privacy: Path, erased_on: str) -> str:
    """The day and a running number, by the certificates that are there."""
    numbers = [int(path.stem.rpartition("-")[2]) for path in privacy.glob(f"erasure-{erased_on}-*.json")]
    return f"{erased_on}-{max(numbers, default=0) + 1}"


def certificate_file(paths: HomePaths, name: str) -> Path:
    return paths.privacy / f"erasure-{name}.json"


def landing_file(paths: HomePaths, name: str) -> Path:
    return paths.privacy / f"landing-{name}.csv"
