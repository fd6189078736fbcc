"""What a disk can refuse to a run, told with path, free space and remedy, whoever met it first.

A full disk is met by Python, by DuckDB, by Dagster's records in SQLite and by dbt, each with words of its own; here
they become one refusal. Whatever is refused, readers keep a whole release. Also the look ahead that refuses a night
which would not fit. What must stay out: the lock of a home, which is not a matter of its disk.
"""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.paths import HomePaths
from pipelines.refusal import Refusal

ROOM_FACTOR = 1.25
# A night writes its build and the warehouse file anew; a quarter more for growth, spill and write-ahead logs.

LOG_ROOM = 16_000_000
# DuckDB folds a write-ahead log into its file once it has so many bytes; small files are mostly their logs.

NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}
NO_ROOM_WORDS = re.compile(
    r"No space left on device|Disk quota exceeded|database or disk is full|ENOSPC|EDQUOT"
)
NO_RIGHT_WORDS = re.compile(
    r"Permission denied|Read-only file system|Operation not permitted|attempt to write a readonly database"
    r"|unable to open database file"
)
IO_WORDS = "disk I/O error"
# SQLite's words for all that its log or its shared memory meets, a full disk among it.
LEAST_ROOM = 1_000_000
# A disk with less is full for whoever writes by the page.
HELD_WORDS = re.compile(
    r'Could not set lock on file "(?P<file>[^"]+)": Conflicting lock is held in (?P<who>.+?\))'
)
WRITERS = {"_duckdb", "duckdb", "sqlite3", "sqlalchemy", "dagster_dbt"}
# Whose errors are recognised by their words; a database server that denies something says it alike.


class DiskFull(Refusal):
    """No room where the run has to write, or not enough for a night."""


class NotWritable(Refusal):
    """The run may not write where it has to."""


class FileHeldOpen(Refusal):
    """Another program holds a file of the home open."""


@contextmanager
def told_disk_faults(root: Path) -> Iterator[None]:
    """Turn what the disk refuses meanwhile into a refusal that says what to do."""
    try:
        yield
    except Refusal:
        raise
    except Exception as error:
        fault = _disk_fault(error, root)
        if fault is None:
            raise
        raise fault from error


def _disk_fault(error: BaseException, root: Path) -> Refusal | None:
    for each in _chain(error):
        words = str(each) if type(each).__module__.partition(".")[0] in WRITERS else ""
        number = each.errno if isinstance(each, OSError) else None
        if held := HELD_WORDS.search(words):
            return _held_open(held["file"], held["who"])
        if number in NO_ROOM or NO_ROOM_WORDS.search(words) or (IO_WORDS in words and _is_out_of_room(root)):
            return _full(_place(each, root), root)
        if number in NO_RIGHT or NO_RIGHT_WORDS.search(words):
            return _not_writable(_place(each, root), root)
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, the nearest first."""
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        each = each.__cause__ or each.__context__


def _place(error: BaseException, root: Path) -> Path:
    """The file that the error names, if it does; else the part of the home that has the least room."""
    if isinstance(error, OSError) and isinstance(error.filename, str | os.PathLike):
        return Path(error.filename)
    named = [Path(text) for text in re.findall(r'"(/[^"]+)"', str(error))]
    return next((path for path in named if path.is_relative_to(root)), _fullest(root))


def _fullest(root: Path) -> Path:
    """Parts of a home may lie on disks of their own."""
    parts = [root, *(path for path in root.iterdir() if path.is_dir())] if root.is_dir() else [root]
    return min(parts, key=lambda path: shutil.disk_usage(_existing(path)).free)


def _full(path: Path, root: Path) -> DiskFull:
    return DiskFull(
        f"{path} could not be written: there is no room left ({_free(path)}). Nothing unfinished was published; "
        f"readers keep a whole release. Make room: {root / 'build'} is made anew by every run, and `keep_releases` in "
        "treue.yml says how many releases are kept; or move the home to a larger disk. Then start the run again."
    )


def _not_writable(path: Path, root: Path) -> NotWritable:
    return NotWritable(
        f"{path} could not be opened or written: user {os.geteuid()} lacks the right to, or its disk is mounted "
        f"read-only ({_free(path)}). Nothing unfinished was published; readers keep a whole release. The user that "
        f"runs the pipeline must be able to read all of {root} and to write everywhere in it but in `landing/`: see to "
        "owner, mode and mount, then start the run again."
    )


def _held_open(file: str, who: str) -> FileHeldOpen:
    return FileHeldOpen(
        f"{file} is held open by another program: {who}. Nothing was published. Close it there, and start the run "
        "again; BI tools and notebooks open the warehouse, and that read-only."
    )


def require_room(paths: HomePaths) -> None:
    """Refuse a night that would not fit beside what is there, judged by the files of the night before."""
    build, warehouse = _size(paths.build_file), _size(paths.warehouse_file)
    if not build:
        # A first night has nothing to be judged by.
        return
    # The old build goes before the new one is written; the published file stays until the new one is whole.
    needed: dict[int, int] = {}
    for folder, extra in (
        (paths.build, (ROOM_FACTOR - 1) * build + LOG_ROOM),
        (paths.warehouse, ROOM_FACTOR * warehouse),
    ):
        device = _existing(folder).stat().st_dev
        needed[device] = needed.get(device, 0) + int(extra)
    for folder in (paths.build, paths.warehouse):
        place = _existing(folder)
        free, wanted = shutil.disk_usage(place).free, needed[place.stat().st_dev]
        if free < wanted:
            raise DiskFull(
                f"{folder} has too little room for a night: {_megabytes(free)} are free, and {_megabytes(wanted)} are "
                f"needed beside what is there. The last build has {_megabytes(build)} and is deleted first, the "
                f"published file has {_megabytes(warehouse)}; each may grow by a quarter, and logs take "
                f"{_megabytes(LOG_ROOM)}. Nothing was touched; readers keep the release they have. Make room or lower "
                "`keep_releases` in treue.yml, then start the run again."
            )


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())


def _is_out_of_room(root: Path) -> bool:
    return shutil.disk_usage(_existing(_fullest(root))).free < LEAST_ROOM


def _free(path: Path) -> str:
    try:
        usage = shutil.disk_usage(_existing(path))
    except OSError:
        return "free space unknown"
    return f"{_megabytes(usage.free)} of {_megabytes(usage.total)} are free"


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
