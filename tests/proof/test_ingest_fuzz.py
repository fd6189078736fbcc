"""Whatever bytes are delivered, a file ends loaded or refused by its name: no traceback, hang, crash or leftover."""

import multiprocessing
import os
import signal
from collections import Counter
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import pytest

from tests.proof.fuzz_cases import work

LIMIT_SECONDS = 60
# A case takes a twentieth of a second; one that takes a minute hangs, on however slow a machine.
FEW, MANY = 150, 5_200


class Worker:
    """A process that ingests cases one by one, and may be lost to any of them."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def _start(self) -> None:
        self._requests: Connection
        self._requests, theirs = self._context.Pipe()
        self._process: BaseProcess = self._context.Process(target=work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def send(self, number: int) -> None:
        self._requests.send(number)

    def outcome(self) -> str:
        try:
            if self._requests.poll(LIMIT_SECONDS):
                return str(self._requests.recv())
            found = f"no end within {LIMIT_SECONDS} s"
        except (EOFError, ConnectionResetError):
            self._process.join()
            found = f"the process died with {self._process.exitcode}"
        self.stop()
        self._start()
        return found

    def stop(self) -> None:
        if self._process.pid and self._process.is_alive():
            os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()
        self._requests.close()


def outcomes(numbers: range, worker_count: int) -> dict[int, str]:
    workers = [Worker() for _ in range(worker_count)]
    found: dict[int, str] = {}
    try:
        for begin in range(numbers.start, numbers.stop, worker_count):
            batch = range(begin, min(begin + worker_count, numbers.stop))
            for worker, number in zip(workers, batch, strict=False):
                worker.send(number)
            for worker, number in zip(workers, batch, strict=False):
                found[number] = worker.outcome()
    finally:
        for worker in workers:
            worker.stop()
    return found


def judge(found: dict[int, str]) -> None:
    bad = {number: outcome for number, outcome in found.items() if outcome not in ("loaded", "refused")}
    told = "\n".join(f"case {number}: {outcome}" for number, outcome in list(bad.items())[:10])
    assert not bad, f"{len(bad)} of {len(found)} cases ended badly:\n{told}"
    ended = Counter(found.values())
    print(f"{len(found)} damaged files: {dict(ended)}")
    assert min(ended["loaded"], ended["refused"]) > len(found) / 10, f"cases that say nothing: {ended}"


def test_damaged_files_end_loaded_or_refused() -> None:
    judge(outcomes(range(FEW), worker_count=1))


@pytest.mark.proof
def test_thousands_of_damaged_files_end_loaded_or_refused() -> None:
    judge(outcomes(range(10_000, 10_000 + MANY), worker_count=2))
