"""Readers in a loop on the published file and on the database beside it, while something happens to the home.

Each read is one statement over all judged tables: the release that is current, and of every table its rows and the
exact sums of its decimals. They are held to the manifest of the release that the read itself named. What must stay
out: what happens meanwhile.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.gate.sql_text import quoted
from pipelines.paths import HomePaths
from pipelines.publish.releases import PENDING, Release
from tests.proof.processes import LIMIT_SECONDS, process

BLINK_SECONDS = 0.01
# Between two reads of one reader: they shall not take the machine from what they watch.
Ask = Callable[[str], Sequence[Any]]


@dataclass
class Seen:
    """What the reads of one target met; faults in words, at most a few of each sort."""

    reads: int = 0
    refused: int = 0
    missing: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)
    times: list[tuple[float, float]] = field(default_factory=list)
    # When each read that was answered began, on the clock that all processes share, and how long it took.

    @property
    def longest_ms(self) -> float:
        return 1000 * max((seconds for _, seconds in self.times), default=0.0)

    @property
    def faults(self) -> list[str]:
        return [*self.missing, *self.mixed, *self.failed]


class Refused(Exception):
    """The server does not take connections, or took the one away: it was killed."""


def columns_of(release: Release) -> list[tuple[str, str]]:
    """Table and decimal column, and each table with an empty one for its rows."""
    return [
        (table, column)
        for table, told in release.tables.items()
        for column in ("", *sorted(told.decimal_sums))
    ]


def question(release: Release) -> str:
    """One statement for what the manifest says of this release, and of every other one of the same shape."""
    told = [
        f"(select {f'coalesce(sum({quoted(column)}), 0)' if column else 'count(*)'} from loyalty.{quoted(table)})"
        for table, column in columns_of(release)
    ]
    current = "(select min(release_id) from loyalty.releases where is_current)"
    return f"select {', '.join([current, *(f'cast({each} as varchar(60))' for each in told)])}"


def manifest_of(paths: HomePaths, release_id: str) -> Release | None:
    """The manifest, also of a release that readers have for a moment and that no run has confirmed yet."""
    file = paths.releases / f"{release_id}.json"
    for each in (file, file.with_name(file.name + PENDING), file):
        try:
            return Release.model_validate_json(each.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
    return None


def judge(seen: Seen, paths: HomePaths, row: Sequence[Any], shape: list[tuple[str, str]]) -> None:
    """Hold one read to the manifest of the release that it names."""
    release_id, *told = row
    manifest = manifest_of(paths, str(release_id)) if release_id else None
    if manifest is None:
        seen.missing.append(f"a read of release {release_id}")
        return
    if release_id not in seen.releases[-1:]:
        seen.releases.append(str(release_id))
    odd = []
    for (table, column), value in zip(shape, told, strict=True):
        of_table = manifest.tables[table]
        expected = of_table.decimal_sums[column] if column else of_table.row_count
        if Decimal(value) != Decimal(expected):
            odd.append(f"{table}.{column or '*'}: {value}, not {expected}")
    if odd:
        seen.mixed.append(f"{release_id}: {'; '.join(odd[:3])}")


def ask_file(paths: HomePaths, query: str) -> Sequence[Any]:
    """One connection per read, as long-lived ones keep the release they began with."""
    with duckdb.connect(str(paths.warehouse_file), read_only=True) as connection:
        [row] = connection.execute(query).fetchall()
        return row


@contextmanager
def asking_database(address: str) -> Iterator[Ask]:
    """A session for as long as the server keeps it, each question in a transaction of its own."""
    from adbc_driver_manager import Error
    from adbc_driver_postgresql import dbapi

    with ExitStack() as open_session:
        sessions: list[Any] = []

        def ask(query: str) -> Sequence[Any]:
            try:
                if not sessions:
                    sessions.append(open_session.enter_context(dbapi.connect(address, autocommit=True)))
                with sessions[0].cursor() as cursor:
                    cursor.execute(query)
                    [row] = cursor.fetchall()
                    return row
            except Error as error:
                if not _lost(str(error)):
                    raise
                sessions.clear()
                raise Refused from None

        yield ask


def _lost(message: str) -> bool:
    signs = (
        "could not connect", "connection to server", "server closed the connection", "no connection to the server",
        "terminating connection", "the database system is", "Failed to connect",
    )  # fmt: skip
    return any(sign in message for sign in signs)


def watch(root: Path, address: str | None, stop: Path, told: Path, pause: float = BLINK_SECONDS) -> None:
    """Read both targets in turns until the file `stop` is there; then tell in the file `told`."""
    paths = HomePaths(root)
    first = next(each for each in sorted(paths.releases.glob("*.json")))
    release = Release.model_validate_json(first.read_text(encoding="utf-8"))
    query, shape = question(release), columns_of(release)
    with ExitStack() as stack:
        asks: dict[str, Ask] = {"duckdb": lambda each: ask_file(paths, each)}
        if address is not None:
            asks["postgres"] = stack.enter_context(asking_database(address))
        seen = {name: Seen() for name in asks}
        told.with_suffix(".begun").touch()
        while not stop.exists():
            for name, ask in asks.items():
                _read(seen[name], paths, ask, query, shape)
            time.sleep(pause)
    told.write_text(json.dumps({name: asdict(each) for name, each in seen.items()}), encoding="utf-8")


def _read(seen: Seen, paths: HomePaths, ask: Ask, query: str, shape: list[tuple[str, str]]) -> None:
    began = time.monotonic()
    try:
        row = ask(query)
    except Refused:
        seen.refused += 1
    except Exception as error:  # noqa: BLE001 - whatever it is, a reader must not meet it
        seen.failed.append(f"{type(error).__name__}: {error}"[:300])
    else:
        seen.reads += 1
        seen.times.append((began, time.monotonic() - began))
        judge(seen, paths, row, shape)


@dataclass
class Watch:
    """Readers under way; what they saw is there once they have ended."""

    seen: list[dict[str, Seen]] = field(default_factory=list)

    def of(self, target: str) -> list[Seen]:
        return [each[target] for each in self.seen if target in each]

    def faults(self) -> list[str]:
        return [
            f"{name}: {fault}" for each in self.seen for name, seen in each.items() for fault in seen.faults
        ]


@contextmanager
def watched(
    root: Path, address: str | None, folder: Path, readers: int = 1, pause: float = BLINK_SECONDS
) -> Iterator[Watch]:
    """So many readers while the block lasts."""
    folder.mkdir(parents=True)
    stop, watch_of = folder / "stop", Watch()
    tolds = [folder / f"{number}.json" for number in range(readers)]
    children = [process(watch, root, address, stop, told, pause) for told in tolds]
    end = time.monotonic() + LIMIT_SECONDS
    while not all(told.with_suffix(".begun").exists() for told in tolds):
        assert time.monotonic() < end, "the readers did not begin"
        time.sleep(0.01)
    try:
        yield watch_of
    finally:
        stop.touch()
        for child in children:
            child.join(LIMIT_SECONDS)
    assert [child.exitcode for child in children] == [0] * readers
    for told in tolds:
        found = json.loads(told.read_text(encoding="utf-8"))
        watch_of.seen.append({name: Seen(**each) for name, each in found.items()})
