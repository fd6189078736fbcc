"""Disks in memory that are soon full or may only be read, for tests of what a run says of them.

What must stay out: what is written there.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(root: Path, options: str) -> Iterator[None]:
    """An empty disk at `root` with the options of `mount`; skips, visibly, where mounting is not permitted."""
    root.mkdir(exist_ok=True)
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small disk takes root")
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(root)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    if said.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {said.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(root)], check=True)


def make_read_only(root: Path) -> None:
    """From now on nothing can be written there, by nobody."""
    subprocess.run(["mount", "-o", "remount,ro", str(root)], check=True)
