"""Children that may be killed, of a process that has everything imported, so that all of their time is their own."""

import multiprocessing
import signal
from collections.abc import Callable
from typing import Any

DEATH = -signal.SIGKILL
LIMIT_SECONDS = 120
# What they do takes a second or two; one that takes minutes hangs.


def process(target: Callable[..., object], *arguments: Any) -> multiprocessing.process.BaseProcess:
    """A child that has begun."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([target.__module__])
    child = context.Process(target=target, args=arguments)
    child.start()
    return child
