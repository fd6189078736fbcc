"""A program that holds the published file, or left a log beside it or beside the build."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.publish.duckdb_file import FileFault, wal_of
from pipelines.settings import DEMO_SETTINGS_FILE, read_settings
from pipelines.transform.build import create_build
from tests.unit.publish.conftest import SmallHome

FIRST, SECOND = date(2025, 12, 30), date(2025, 12, 31)
HOLDER = """
import duckdb, sys
held = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read-only")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(file: Path, how: str) -> Iterator[int]:
    """A BI tool that has the file open meanwhile; its process."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        yield holder.pid
        holder.communicate()


def test_a_tool_that_holds_the_published_file_for_writing_is_named_and_nothing_is_published(
    small_home: SmallHome,
) -> None:
    small_home.publish_day(FIRST)
    small_home.paths.warehouse_file.chmod(0o644)
    with held(small_home.paths.warehouse_file, "for writing") as process:
        with pytest.raises(FileFault) as refused:
            small_home.publish_day(SECOND)
        told = str(refused.value)
        assert (
            f"{small_home.paths.warehouse_file} cannot be read, so that nothing is published over it." in told
        )
        assert f"(PID {process})" in told
        assert "close it there, and publish again; connect BI tools read-only" in told
    assert small_home.query("select release_id from loyalty.releases") == [("2025-12-30.1",)]
    small_home.publish_day(SECOND)
    assert small_home.query("select release_id from loyalty.releases where is_current") == [("2025-12-31.1",)]


def test_a_tool_that_only_reads_is_in_nobodys_way(small_home: SmallHome) -> None:
    small_home.publish_day(FIRST)
    with held(small_home.paths.warehouse_file, "read-only"):
        small_home.publish_day(SECOND)
    assert small_home.query("select release_id from loyalty.releases where is_current") == [("2025-12-31.1",)]


def test_a_log_that_a_killed_run_left_beside_its_build_is_gone_with_the_build(small_home: SmallHome) -> None:
    """`create_build` begins so: a log of another build would be played into the new one."""
    small_home.build(FIRST)
    wal_of(small_home.paths.build_file).write_bytes(b"a log of another build")
    create_build(small_home.paths.build_file, SECOND, "now", read_settings(DEMO_SETTINGS_FILE), [], "hash")
    with duckdb.connect(str(small_home.paths.build_file), read_only=True) as build:
        assert build.execute("select as_of_date from context.run").fetchall() == [(SECOND,)]
    assert not wal_of(small_home.paths.build_file).exists()
