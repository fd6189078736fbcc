"""Processes watched while they run: how long they take, and the memory of all that they start.

What must stay out: what is measured, and any bar that it must keep.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.05
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Watched:
    """What a process said, its seconds and the peak of its resident memory with that of all its descendants."""

    said: str
    seconds: float
    peak_bytes: int


class MemoryWatch:
    """Samples the resident memory of a process and its descendants, all of them together."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.samples: list[tuple[float, int]] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Sample for as long as the block lasts."""
        self._thread.start()
        try:
            yield
        finally:
            self._ended.set()
            self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self.samples.append((time.time(), sum(_resident_bytes(pid) for pid in _family(self._pid))))


def _family(ancestor: int) -> set[int]:
    """The process and all that descend from it."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                # It ended while we looked.
                continue
    family, grown = {ancestor}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in family} - family
        family, grown = family | more, bool(more)
    return family


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    except (FileNotFoundError, ProcessLookupError):
        return 0


def run_watched(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Watched:
    """Run a module in a process of its own; a failure ends the bench with what it said."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    watch = MemoryWatch(process.pid)
    with watch.watching():
        said, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{module} ended with {process.returncode}: {said}")
    return Watched(said, time.perf_counter() - began, max((size for _, size in watch.samples), default=0))


def machine() -> str:
    """The cores, by name, and how busy they were."""
    cpu_info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    names = [
        line.partition(":")[2].strip() for line in cpu_info.splitlines() if line.startswith("model name")
    ]
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores ({names[0] if names else 'unnamed'}), load {os.getloadavg()[0]:.1f} before the first run"
