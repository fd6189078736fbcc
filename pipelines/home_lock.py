"""One writer per home: an OS file lock that says who holds it, for the whole of a run.

A Dagster pool can't do this, since a run in process goes around the queue. The lock ends with its process, however
that ends; what stands in the file afterwards holds nobody up. What must stay out: what is done under the lock.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from pipelines.refusal import Refusal

_held: dict[Path, tuple[IO[str], datetime]] = {}
# The locks of this process, each since when; a run's steps, and a run within a command, don't wait for themselves.


class HomeIsBusy(Refusal):
    """Another process works on the home."""


@contextmanager
def home_lock(lock_file: Path, run_id: str) -> Iterator[None]:
    """Hold the home; raise `HomeIsBusy` with run, process and time at once if another process does.

    Within the process that holds it anybody may enter; the lock then names the run that entered last.
    """
    if lock_file in _held:
        _sign(*_held[lock_file], run_id)
        yield
        return
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("a+", encoding="utf-8") as handle:
        _take(handle, lock_file)
        _held[lock_file] = handle, datetime.now(UTC)
        try:
            _sign(*_held[lock_file], run_id)
            yield
        finally:
            del _held[lock_file]
            handle.truncate(0)


def _take(handle: IO[str], lock_file: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise HomeIsBusy(
            f"{lock_file.parent} is in use by another run{_holder(handle)}. Wait until that run has ended, then start "
            "this one again; two homes (two values of TREUE_HOME) can run at the same time."
        ) from None


def _sign(handle: IO[str], since: datetime, run_id: str) -> None:
    handle.truncate(0)
    json.dump({"run_id": run_id, "pid": os.getpid(), "since": f"{since:%Y-%m-%d %H:%M:%S}"}, handle)
    handle.flush()


def _holder(handle: IO[str]) -> str:
    handle.seek(0)
    try:
        held = json.loads(handle.read())
        return f" ({held['run_id']}, process {held['pid']}, since {held['since']} UTC)"
    except (ValueError, KeyError, TypeError):
        # The holder has not signed yet, or is of another version.
        return ""
