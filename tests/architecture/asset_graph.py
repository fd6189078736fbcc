"""The asset graph as text, pinned in asset_graph.txt beside this file, and a code location loaded elsewhere.

To renew the pin after a change that is meant: `.venv/bin/python -m tests.architecture.asset_graph`.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PINNED_FILE = Path(__file__).with_suffix(".txt")

_TELL = """
import json, sys
from pipelines.definitions import definitions
from tests.architecture.asset_graph import graph_lines
schedule = definitions.resolve_schedule_def("nightly_at_four")
packages = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps({"packages": packages, "graph": graph_lines(), "time_zone": schedule.execution_timezone}))
"""


@dataclass(frozen=True)
class CodeLocation:
    """What a fresh interpreter says after it has loaded the code location of some home."""

    packages: set[str]
    graph: list[str]
    time_zone: str


def graph_lines() -> list[str]:
    """One line per asset with its group and what it depends on, then one per check."""
    from pipelines.definitions import definitions

    graph = definitions.resolve_asset_graph()
    lines = []
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        parents = ", ".join(sorted(parent.to_user_string() for parent in node.parent_keys))
        lines.append(f"{key.to_user_string()} ({node.group_name}) <- {parents or 'nothing'}")
    for check in sorted(graph.asset_check_keys):
        manner = "blocks" if graph.get(check).blocking else "tells"
        lines.append(f"check {check.name} of {check.asset_key.to_user_string()} {manner}")
    return lines


def load_code_location(home: Path) -> CodeLocation:
    """Load the code location of a home in an interpreter of its own."""
    finished = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _TELL],
        cwd=PROJECT,
        env={**os.environ, "TREUE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise RuntimeError(f"the code location of {home} did not load:\n{finished.stderr}")
    said = json.loads(finished.stdout.splitlines()[-1])
    return CodeLocation(packages=set(said["packages"]), graph=said["graph"], time_zone=said["time_zone"])


if __name__ == "__main__":
    PINNED_FILE.write_text("\n".join(graph_lines()) + "\n", encoding="utf-8")
