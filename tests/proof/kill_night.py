"""Whole nights in processes of their own, as `make run` starts them, that are killed with all that they have started.

The moment is told by what the night writes into its log: the beginning of a stage, and a time after it. What must stay
out: which moments, and what is expected.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress

from tests.conftest import PROJECT
from tests.integration.homes import NightlyHome

STAGES = {
    "ingest": "raw__",
    "context": "context__",
    "dbt": "dbt_",
    "metrics": "metrics__",
    "gate": "gate",
    "publish": "publish__",
}
# By what the keys of their steps begin with.
STARTED = re.compile(r" - (\w+) - STEP_START")
BLINK_SECONDS = 0.02
LONGEST_SECONDS = 600


def start(home: NightlyHome) -> "subprocess.Popen[bytes]":
    """The night, at the head of a group of processes that can be killed together."""
    log = home.paths.build / "nightly.log"
    log.unlink(missing_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", "run"],
        cwd=PROJECT,
        env=home.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def log_of(home: NightlyHome) -> str:
    try:
        return (home.paths.build / "nightly.log").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def begun(log: str) -> set[str]:
    """The stages of which a step has begun."""
    keys = set(STARTED.findall(log))
    return {stage for stage, prefix in STAGES.items() if any(key.startswith(prefix) for key in keys)}


def stage_seconds(home: NightlyHome) -> dict[str, float]:
    """How long each stage of a night took, from the beginning of its first step to that of the next stage's."""
    process = start(home)
    began: dict[str, float] = {}
    while process.poll() is None:
        for stage in begun(log_of(home)) - began.keys():
            began[stage] = time.monotonic()
        time.sleep(BLINK_SECONDS)
    assert process.returncode == 0, log_of(home)[-3000:]
    ends = [*list(began.values())[1:], time.monotonic()]
    return {stage: end - begin for (stage, begin), end in zip(began.items(), ends, strict=True)}


def killed(home: NightlyHome, stage: str, share: float, seconds: Mapping[str, float]) -> bool:
    """Whether a night was killed at this share of a stage; one that was through before is none."""
    process = start(home)
    end = time.monotonic() + LONGEST_SECONDS
    while process.poll() is None and stage not in begun(log_of(home)):
        assert time.monotonic() < end, f"the night did not come to {stage}"
        time.sleep(BLINK_SECONDS)
    time.sleep(share * seconds[stage])
    is_alive = process.poll() is None
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(LONGEST_SECONDS)
    return is_alive
