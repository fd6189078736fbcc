"""One writer per home: an OS file lock that says who holds it.

A Dagster pool can't do this, since a run in process goes around the queue. What must stay out: what is done
under the lock.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipelines.refusal import Refusal

_held: dict[Path, int] = {}
# How often this process has entered the lock of each home; nested steps of one process don't wait for themselves.


class HomeIsBusy(Refusal):
    """Another process works on the home."""


@contextmanager
def home_lock(lock_file: Path, run_id: str) -> Iterator[None]:
    """Hold the home for a step; raise `HomeIsBusy` with run id and pid if another process does."""
    if _held.get(lock_file):
        _held[lock_file] += 1
        try:
            yield
        finally:
            _held[lock_file] -= 1
        return
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("a+", encoding="utf-8") as handle:
        _take(handle, lock_file)
        handle.seek(0)
        handle.truncate()
        json.dump({"run_id": run_id, "pid": os.getpid()}, handle)
        handle.flush()
        _held[lock_file] = 1
        try:
            yield
        finally:
            del _held[lock_file]
            handle.seek(0)
            handle.truncate()


def _take(handle: IO[str], lock_file: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.seek(0)
        holder = handle.read() or "an unnamed process"
        raise HomeIsBusy(
            f"{lock_file.parent} is in use by {holder}. Wait until that run has ended, then start this one again; "
            "two homes (two values of TREUE_HOME) can run at the same time."
        ) from None
