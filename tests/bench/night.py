"""Time and peak memory of the demo company's run, by part, and beside a bare script.

The home is drawn and run once before anything is measured, so that dbt has parsed its models and the files are
in the page cache. Then a first night is measured (every extract is read) and a later one (every extract is known).
What must stay out: any bar that a run must keep; what comes out is reported, whatever it is.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.demo.home import DEFAULT_CUSTOMERS, DEFAULT_SEED
from tests.bench.processes import MemoryWatch, run_watched
from tests.integration.homes import NightlyHome, demo_home

PARTS = ("process start", "ingest", "transform", "metrics", "gate", "publish", "between steps and the end")
PART_OF_STEP = {
    "raw": "ingest",
    "context": "transform",
    "dbt_models": "transform",
    "metrics": "metrics",
    "gate": "gate",
    "publish": "publish",
}
# By what stands before the two underscores of a step's key.


@dataclass(frozen=True)
class Measured:
    """Seconds and peak resident memory of a process with all that it starts, whole and by part."""

    seconds: float
    peak_bytes: int
    seconds_by_part: Mapping[str, float]
    peak_bytes_by_part: Mapping[str, int]


def measured_night(home: NightlyHome) -> Measured:
    """Run the nightly job and split what it took by the step statistics that Dagster kept."""
    began = time.time()
    process = home.start("run")
    watch = MemoryWatch(process.pid)
    with watch.watching():
        said, _ = process.communicate()
    ended = time.time()
    if process.returncode:
        raise SystemExit(said)
    spans = [(_part(key), start, end) for key, start, end in _steps(home)]
    first_step = min(start for _, start, _ in spans)
    seconds = {part: sum(end - start for name, start, end in spans if name == part) for part in PARTS}
    seconds["process start"] = first_step - began
    seconds["between steps and the end"] = ended - began - sum(seconds.values())
    peaks = dict.fromkeys(PARTS, 0)
    for at, size in watch.samples:
        part = next((name for name, start, end in spans if start <= at <= end), None)
        part = part or ("process start" if at < first_step else "between steps and the end")
        peaks[part] = max(peaks[part], size)
    return Measured(ended - began, max(peaks.values()), seconds, peaks)


def _part(step_key: str) -> str:
    return PART_OF_STEP[step_key.partition("__")[0]]


def _steps(home: NightlyHome) -> list[tuple[str, float, float]]:
    """Key, start and end of every step of the home's last run."""
    from dagster import DagsterInstance

    # dagster.yaml names the place of the event log by it.
    os.environ["DAGSTER_HOME"] = str(home.paths.dagster)
    with DagsterInstance.get() as instance:
        (run,) = instance.get_runs(limit=1)
        statistics = instance.get_run_step_stats(run.run_id)
    return [(each.step_key, each.start_time, each.end_time) for each in statistics if each.end_time]


def require_same_figures(home: NightlyHome, figures: Mapping[str, float]) -> None:
    """Refuse to compare two programs that do not say the same."""
    for metric, value in figures.items():
        grain, start = (
            ("quarter", "2025-10-01") if metric in ("retention_rate", "churn_rate") else ("all", None)
        )
        published = home.value(
            "select value from loyalty.metric_values where metric = ? and period_grain = ? "
            "and segment_name = 'all' and coalesce(period_start_date = ?::date, true)",
            metric,
            grain,
            start,
        )
        if not isinstance(published, float) or abs(published - value) > 1e-9 * abs(value):
            raise SystemExit(f"{metric} is {published} in the warehouse and {value} in the bare script")


def table(nights: Mapping[str, Measured]) -> str:
    """Seconds and peak memory by part, as Markdown."""
    heading = " | ".join(f"{name}, s | peak, MB" for name in nights)
    lines = [f"| part | {heading} |", "|---" * (1 + 2 * len(nights)) + "|"]
    for part in PARTS:
        cells = " | ".join(
            f"{night.seconds_by_part[part]:.1f} | {night.peak_bytes_by_part[part] / 1e6:,.0f}"
            for night in nights.values()
        )
        lines.append(f"| {part} | {cells} |")
    total = " | ".join(
        f"**{each.seconds:.1f}** | **{each.peak_bytes / 1e6:,.0f}**" for each in nights.values()
    )
    return "\n".join([*lines, f"| whole | {total} |"])


def report_night() -> str:
    """Measure, and tell as Markdown."""
    with tempfile.TemporaryDirectory(prefix="treue-bench-") as folder:
        home = demo_home(Path(folder) / "home", DEFAULT_SEED, DEFAULT_CUSTOMERS)
        home.run()
        for made in (home.paths.lake, home.paths.warehouse):
            shutil.rmtree(made)
        home.paths.build_file.unlink()
        first, later = measured_night(home), measured_night(home)
        script = run_watched("tests.bare_script", str(home.paths.landing))
        require_same_figures(home, json.loads(script.said))
        orders = home.value("select count(*) from loyalty.orders")
    return (
        f"The demo company's run ({orders:,} orders of {DEFAULT_CUSTOMERS:,} customers).\n\n"
        f"{table({'first night': first, 'later night': later})}\n\n"
        "A bare script over the same order files (four of the headline figures; no contract, survey or interval) "
        f"takes {script.seconds:.2f} s and {script.peak_bytes / 1e6:,.0f} MB: "
        f"the first night takes {first.seconds / script.seconds:.0f} times as long."
    )
