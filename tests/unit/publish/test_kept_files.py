"""The last releases are kept whole, as the gate's measure and to be taken back to."""

import errno
import os
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.gate.fingerprint import fingerprint
from pipelines.publish.kept_files import keep, prune_files
from pipelines.publish.releases import PENDING, read_releases
from pipelines.publish.settling import settle
from tests.unit.publish.conftest import SmallHome

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 1, day) for day in (5, 6, 7))


def kept(home: SmallHome) -> list[str]:
    return sorted(file.name.removesuffix(".duckdb") for file in home.paths.releases.glob("*.duckdb"))


def test_a_current_release_is_kept_as_the_very_file_that_readers_have(small_home: SmallHome) -> None:
    small_home.publish_day(MONDAY)
    file = small_home.paths.release_file("2026-01-05.1")
    assert file.samefile(small_home.paths.warehouse_file)
    assert file.stat().st_mode & 0o777 == 0o444


def test_a_kept_file_outlives_the_next_release(small_home: SmallHome) -> None:
    small_home.publish_day(MONDAY)
    content = small_home.paths.warehouse_file.read_bytes()
    small_home.publish_day(TUESDAY)
    assert small_home.paths.release_file("2026-01-05.1").read_bytes() == content


def test_a_backfill_is_kept_with_its_own_tables(small_home: SmallHome) -> None:
    small_home.publish_day(TUESDAY)
    backfill = small_home.publish_day(MONDAY, "delete from marts.orders where order_key = 'o12'")
    file = small_home.paths.release_file(backfill.release_id)
    assert file.stat().st_mode & 0o777 == 0o444
    with duckdb.connect(str(file), read_only=True) as connection:
        for name, table in backfill.tables.items():
            assert fingerprint(connection, "loyalty", name).digest == table.fingerprint


def test_the_last_so_many_are_kept_and_manifests_and_figures_of_all(small_home: SmallHome) -> None:
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        small_home.publish_day(day, keep_releases=2)
    assert kept(small_home) == ["2026-01-06.1", "2026-01-07.1"]
    assert len(read_releases(small_home.paths.releases)) == 3
    assert len(list(small_home.paths.history.glob("*.parquet"))) == 3


def test_backfills_never_push_out_the_release_that_readers_see(small_home: SmallHome) -> None:
    small_home.publish_day(WEDNESDAY)
    small_home.publish_day(MONDAY, keep_releases=1)
    small_home.publish_day(TUESDAY, keep_releases=1)
    assert kept(small_home) == ["2026-01-06.1", "2026-01-07.1"]


def test_pruning_removes_what_a_killed_run_left_and_nothing_that_is_kept(small_home: SmallHome) -> None:
    small_home.publish_day(MONDAY)
    for leftover in ("2026-01-09.1.duckdb.part", "2026-01-09.1.duckdb"):
        (small_home.paths.releases / leftover).write_bytes(b"half")
    assert prune_files(small_home.paths, read_releases(small_home.paths.releases), 7) == [
        "2026-01-09.1.duckdb",
        "2026-01-09.1.duckdb.part",
    ]
    assert kept(small_home) == ["2026-01-05.1"]


def test_a_release_that_never_came_out_is_not_kept(small_home: SmallHome) -> None:
    small_home.publish_day(MONDAY)
    (small_home.paths.releases / f"2026-01-06.1.json{PENDING}").write_text("{}", encoding="utf-8")
    small_home.paths.release_file("2026-01-06.1").write_bytes(b"half")
    settle(small_home.paths)
    assert kept(small_home) == ["2026-01-05.1"]


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no second file system here")
def test_across_file_systems_a_copy_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    other = Path("/dev/shm") / f"treue-kept-{os.getpid()}"
    try:
        with pytest.raises(OSError, match=os.strerror(errno.EXDEV)):
            other.hardlink_to(file)
        keep(file, other)
        assert other.read_bytes() == b"content"
        assert other.stat().st_mode & 0o777 == 0o444
    finally:
        other.unlink(missing_ok=True)
