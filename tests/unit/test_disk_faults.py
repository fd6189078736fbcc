"""What a disk refuses is told with path, free space and remedy; the disks here are real ones, small or read-only."""

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pytest
from dagster import DagsterInstance

from pipelines.disk_faults import (
    LOG_ROOM,
    ROOM_FACTOR,
    DiskFull,
    FileHeldOpen,
    NotWritable,
    require_room,
    told_disk_faults,
)
from pipelines.home_lock import HomeIsBusy
from pipelines.paths import HomePaths
from tests.small_disks import make_read_only, small_disk

Mount = Callable[[str], Path]


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    """Makes empty disks with the options of `mount`."""
    with ExitStack() as disks:

        def make(options: str) -> Path:
            root = Path(tempfile.mkdtemp(dir=tmp_path))
            disks.enter_context(small_disk(root, options))
            return root

        yield make


def write_bytes(root: Path) -> None:
    (root / "rows.parquet").write_bytes(b"0" * 4_000_000)


def write_table(root: Path) -> None:
    with duckdb.connect(str(root / "build.duckdb")) as connection:
        connection.execute("create table t as select i, md5(i::varchar) as m from range(200000) r(i)")


def write_records(root: Path) -> None:
    """Dagster's own records, in SQLite."""
    with DagsterInstance.local_temp(str(root)) as instance:
        for number in range(2000):
            instance.run_storage.set_cursor_values({f"key {number}": "0" * 10_000})


WRITERS = (write_bytes, write_table, write_records)


@pytest.mark.parametrize("write", WRITERS)
def test_a_full_disk_is_told_whoever_meets_it(mount: Mount, write: Callable[[Path], None]) -> None:
    root = mount("size=2m")
    with pytest.raises(DiskFull) as refused, told_disk_faults(root):
        write(root)
    told = str(refused.value)
    assert told.startswith(str(root))
    assert "there is no room left (" in told
    assert " of 2.1 MB are free)" in told
    assert "readers keep a whole release. Make room: " in told
    assert refused.value.__cause__ is not None


@pytest.mark.parametrize("write", WRITERS)
def test_a_disk_that_may_only_be_read_is_told_whoever_meets_it(
    mount: Mount, write: Callable[[Path], None]
) -> None:
    root = mount("size=2m")
    make_read_only(root)
    with pytest.raises(NotWritable) as refused, told_disk_faults(root):
        write(root)
    told = str(refused.value)
    assert told.startswith(str(root))
    assert "lacks the right to, or its disk is mounted read-only (" in told
    assert "2.1 MB of 2.1 MB are free)" in told
    assert "see to owner, mode and mount" in told


def test_the_place_is_the_fullest_part_where_the_error_names_none(mount: Mount) -> None:
    root = mount("size=50m")
    with (
        small_disk(root / "lake", "size=1m"),
        pytest.raises(DiskFull, match=f"^{root / 'lake'} could not be written"),
        told_disk_faults(root),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("number", "refusal"), [(errno.EDQUOT, DiskFull), (errno.EACCES, NotWritable), (errno.EPERM, NotWritable)]
)
def test_a_quota_and_a_missing_right_are_told_alike(
    tmp_path: Path, number: int, refusal: type[Exception]
) -> None:
    file = tmp_path / "lake" / "rows.parquet"
    with pytest.raises(refusal, match=f"^{file} could not be "), told_disk_faults(tmp_path):
        raise OSError(number, os.strerror(number), str(file))


def test_a_folder_of_another_user_is_told(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("becoming another user takes root")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and folder != Path("/") and "pytest" in folder.name:
            folder.chmod(0o755)
    script = (
        "import os, sys, pathlib; from pipelines.disk_faults import told_disk_faults; os.setuid(65534)\n"
        "with told_disk_faults(pathlib.Path(sys.argv[1])):\n    open(sys.argv[1] + '/.lock', 'a+')\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert f"NotWritable: {tmp_path}/.lock could not be opened or written: user 65534 lacks" in said.stderr


def test_a_file_that_another_program_holds_is_told_with_its_process(tmp_path: Path) -> None:
    file = tmp_path / "build.duckdb"
    script = (
        "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(FileHeldOpen) as refused, told_disk_faults(tmp_path):
            duckdb.connect(str(file))
        holder.communicate()
    told = str(refused.value)
    assert told.startswith(f"{file} is held open by another program: ")
    assert f"(PID {holder.pid})" in told
    assert "Close it there, and start the run again" in told


def test_a_fault_that_is_none_of_the_disk_stays_what_it_is(tmp_path: Path) -> None:
    for error in (
        ValueError("No space left on device"),
        HomeIsBusy("the home is busy"),
        FileNotFoundError(errno.ENOENT, "No such file", "x"),
        duckdb.BinderException("no column"),
    ):
        with pytest.raises(type(error)) as raised, told_disk_faults(tmp_path):
            raise error
        assert raised.value is error


def grown(paths: HomePaths, build: int, warehouse: int) -> None:
    """The files of the night before, as large as that."""
    for file, size in ((paths.build_file, build), (paths.warehouse_file, warehouse)):
        file.parent.mkdir(exist_ok=True)
        with file.open("wb") as handle:
            handle.truncate(size)


def test_a_night_that_would_not_fit_is_refused_with_the_figures(mount: Mount) -> None:
    paths = HomePaths(mount("size=60m"))
    require_room(paths)
    # A quarter of the build, the published file and a quarter of it, and the logs: 5 + 25 + 16 MB.
    assert (ROOM_FACTOR, LOG_ROOM) == (1.25, 16_000_000)
    grown(paths, 20_000_000, 20_000_000)
    require_room(paths)
    (paths.root / "other").write_bytes(b"0" * 25_000_000)
    with pytest.raises(DiskFull) as refused:
        require_room(paths)
    told = str(refused.value)
    assert told.startswith(
        f"{paths.build} has too little room for a night: 37.9 MB are free, and 46.0 MB are needed beside what is there"
    )
    assert "The last build has 20.0 MB and is deleted first, the published file has 20.0 MB;" in told


def test_parts_of_a_home_on_disks_of_their_own_are_judged_each_by_itself(mount: Mount) -> None:
    paths = HomePaths(mount("size=60m"))
    grown(paths, 20_000_000, 20_000_000)
    paths.warehouse_file.unlink()
    with small_disk(paths.warehouse, "size=24m"):
        grown(paths, 20_000_000, 20_000_000)
        require_room(paths)
        (paths.warehouse / "kept").write_bytes(b"0" * 1_000_000)
        with pytest.raises(DiskFull, match=f"^{paths.warehouse} has too little room for a night"):
            require_room(paths)
