"""Eight readers of both targets through many swaps: no read fails or is mixed, and none waits for a swap."""

import json
import sys
import time
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import duckdb
import pytest

from pipelines.paths import HomePaths
from pipelines.publish import duckdb_file, postgres
from pipelines.publish.descriptions import published_tables
from pipelines.publish.kept_files import kept_releases
from pipelines.publish.postgres import PostgresTarget
from pipelines.publish.releases import current_release, read_releases
from pipelines.publish.rollback import roll_back
from pipelines.publish.targets import drop_what_is_no_longer_read
from tests.conftest import Postgres
from tests.proof import kill_publication
from tests.proof.processes import LIMIT_SECONDS, process
from tests.proof.test_publication_kill import Builds, new_home, prepared
from tests.proof.watching import Seen, Watch, watched
from tests.unit.gate.small_build import make_small_build

READERS = 8
SWAPS, FEW_SWAPS = 50, 5
PUBLISHED_EVERY = 5
# Every fifth swap is a publication, the others give readers the release before again.
LONGEST_WAIT_MS = 50
SWAPPING = {duckdb_file.swap_in.__code__: "duckdb", postgres.swap.__code__: "postgres"}

Span = tuple[float, float]


def swapping(root: Path, address: str, builds: tuple[Path, Path], count: int, told: Path) -> None:
    """Swap so many times; then tell when each call that swaps began and ended, by target."""
    spans: dict[str, list[Span]] = {"duckdb": [], "postgres": []}
    begun: dict[FrameType, float] = {}

    def timed(frame: FrameType, event: str, _: Any) -> None:
        if frame.f_code in SWAPPING and event == "call":
            begun[frame] = time.monotonic()
        elif frame.f_code in SWAPPING and event == "return":
            spans[SWAPPING[frame.f_code]].append((begun.pop(frame), time.monotonic()))

    sys.setprofile(timed)
    for number in range(count):
        if number % PUBLISHED_EVERY == 0:
            kill_publication.take_build(root, builds[(number // PUBLISHED_EVERY + 1) % 2])
            kill_publication.publish(root, address)
        else:
            _take_back(root, address, number)
    sys.setprofile(None)
    told.write_text(json.dumps(spans), encoding="utf-8")


def _take_back(root: Path, address: str, number: int) -> None:
    paths, target = HomePaths(root), PostgresTarget(address, kill_publication.ROLE)
    releases = read_releases(paths.releases)
    current = current_release(releases)
    *_, other = (each for each in kept_releases(paths, releases) if each.release_id != current.release_id)  # type: ignore[union-attr]
    roll_back(
        paths,
        published_tables(),
        other.release_id,
        by="Anna",
        reason="Readers shall see both.",
        run_id=f"swap {number}",
        at=kill_publication.FIRST_MOMENT.replace(year=2027, second=number % 60, minute=number // 60),
        postgres=target,
    )
    drop_what_is_no_longer_read(target)


def judge(builds: Builds, folder: Path, address: str, swaps: int) -> dict[str, float]:
    """Swap under the eyes of the readers; by target, what a swap costs one of them in milliseconds."""
    root = new_home(folder / "home", builds.files[0], address)
    told = folder / "swaps.json"
    with watched(root, address, folder / "readers", READERS) as watch:
        child = process(swapping, root, address, builds.files, swaps, told)
        child.join(LIMIT_SECONDS + 10 * swaps)
    assert child.exitcode == 0
    spans: dict[str, list[Span]] = json.loads(told.read_text(encoding="utf-8"))
    assert {target: len(each) for target, each in spans.items()} == {"duckdb": swaps, "postgres": swaps}
    assert watch.faults() == []
    assert len(watch.seen) == READERS
    return {target: waited_ms(target, watch, each) for target, each in spans.items()}


def waited_ms(target: str, watch: Watch, spans: list[Span]) -> float:
    """What readers noticed of the swaps: reads that a swap met, beside those that as long a time between two met."""
    seen = watch.of(target)
    gaps = [((end + begin) / 2, end - begin) for (_, end), (begin, _) in pairwise(spans)]
    between = [(middle, middle + spans[0][1] - spans[0][0]) for middle, _ in gaps]
    during, apart = _meeting(seen, spans), _meeting(seen, between)
    calls = sorted(1000 * (end - begin) for begin, end in spans)
    waited = _quantile(during, 0.5) - _quantile(apart, 0.5)
    print(
        f"{target}: {len(spans)} swaps of {_quantile(calls, 0.5):.1f} ms (longest {calls[-1]:.1f}); "
        f"{sum(each.reads for each in seen):,} reads by {len(seen)} readers. {len(during)} met a swap: half took over "
        f"{_quantile(during, 0.5):.1f} ms (longest {_quantile(during, 1):.1f}). {len(apart)} met as long a time "
        f"between two swaps: half took over {_quantile(apart, 0.5):.1f} ms (longest {_quantile(apart, 1):.1f})"
    )
    return waited


def _meeting(seen: list[Seen], spans: list[Span]) -> list[float]:
    """Milliseconds of the reads that were under way at any time of the spans, in their order."""
    reads = [(began, began + seconds) for each in seen for began, seconds in each.times]
    return sorted(
        1000 * (ended - began)
        for began, ended in reads
        if any(began < end and begin < ended for begin, end in spans)
    )


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[int(share * (len(ordered) - 1))] if ordered else 0.0


@pytest.fixture
def small_builds(tmp_path: Path, postgres: Postgres) -> Builds:
    build = tmp_path / "build.duckdb"
    make_small_build(build)
    with duckdb.connect(str(build)) as connection:
        kill_publication.pass_gate(connection)
    return prepared(build, tmp_path, postgres.new_database())


def test_eight_readers_meet_no_fault_through_a_few_swaps(
    small_builds: Builds, postgres: Postgres, tmp_path: Path
) -> None:
    judge(small_builds, tmp_path / "swaps", postgres.new_database(), FEW_SWAPS)


@pytest.mark.proof
def test_eight_readers_meet_no_fault_through_many_swaps(
    night_build: Path, postgres: Postgres, tmp_path: Path
) -> None:
    builds = prepared(night_build, tmp_path, postgres.new_database())
    waits = judge(builds, tmp_path / "swaps", postgres.new_database(), SWAPS)
    assert max(waits.values()) < LONGEST_WAIT_MS, waits
