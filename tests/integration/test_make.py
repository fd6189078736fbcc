"""What is handed to `make` is handed on as it is: no shell reads the names, reasons and files of a command."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.odd_names import CANARY, ODD_TEXTS, canaries

ARGUMENTS = {
    "draft": ("FILE",),
    "erase": ("FILE",),
    "rollback": ("RELEASE", "BY", "REASON"),
    "run": ("OVERRIDE_BY", "OVERRIDE_REASON"),
}


@pytest.mark.parametrize("text", ["a command", "a statement", "a quoted name", "markup", "backslashes"])
@pytest.mark.parametrize("command", ARGUMENTS)
def test_no_shell_reads_what_a_command_is_told(tmp_path: Path, command: str, text: str) -> None:
    stand_in = tmp_path / "python"
    stand_in.write_text('#!/bin/sh\nfor each in "$@"; do printf "%s\\0" "$each"; done > "$TOLD"\n')
    stand_in.chmod(0o755)
    told = tmp_path / "told"
    given = [f"{name}={ODD_TEXTS[text].replace('$', '$$')}" for name in ARGUMENTS[command]]
    done = subprocess.run(
        [
            "make",
            "--silent",
            "--old-file=dbt_project/target/manifest.json",
            command,
            f"PY={stand_in}",
            *given,
        ],
        cwd=PROJECT,
        env={**os.environ, "TOLD": str(told), "TREUE_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    arguments = told.read_text(encoding="utf-8").split("\0")
    assert arguments.count(ODD_TEXTS[text]) == len(ARGUMENTS[command])
    assert canaries(tmp_path) == []
    assert not (PROJECT / CANARY).exists()
