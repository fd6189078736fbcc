"""Purchase models over a million customers, beside the package lifetimes on the same ones.

What must stay out: SQL that makes histories of orders (`night.py`).
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tests.bench.processes import Watched, run_watched
from tests.bench.purchase_model_stage import MODELS
from tests.simulated_customers import Purchases, distinct, draw_purchases

CUSTOMERS = 1_000_000
LIFETIMES_CUSTOMERS = {"bg_nbd": CUSTOMERS, "pareto_nbd": 100_000}
# The package takes half a second per thousand customers for Pareto/NBD.

TRUTH = {"r": 0.24, "alpha": 4.4, "a": 0.8, "b": 2.4}
# About the published fit of CDNOW, in weeks, of customers first seen up to three years ago.

YARDSTICK = Path(__file__).with_name("bare_lifetimes.py")
REQUIREMENTS = ("pandas<2", "numpy<1.25", "scipy<1.11", "lifetimes==0.11.3")


class Run(NamedTuple):
    """Which package, which model, how many customers, and what came of it."""

    package: str
    model: str
    customers: int
    said: dict[str, Any]
    peak: str


def report_purchase_models() -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "customers.npz"
        _draw(file)
        runs = [_ours(model, file, CUSTOMERS) for model in ("bg_nbd", "mbg_nbd", "pareto_nbd")]
        python = _environment_of_lifetimes(Path(folder))
        for model, customers in LIFETIMES_CUSTOMERS.items():
            if customers != CUSTOMERS:
                runs.append(_ours(model, file, customers))
            if python is not None:
                runs.append(_theirs(python, model, file, customers))
    lines = [
        f"| {run.package} | {run.model} | {run.customers:,} | {run.said['seconds']:.2f} | "
        f"{run.said['cpu_seconds']:.2f} | {run.said['log_likelihood']:.3f} | {run.peak} |"
        for run in runs
    ]
    what = (
        f"{CUSTOMERS:,} simulated customers ({runs[0].said['histories']:,} distinct histories in days) from rows in "
        "memory to P(alive) and the purchases of the next 52 weeks for each of them."
    )
    heading = "| | model | customers | s | s of CPU | log-likelihood | peak, MB |"
    return "\n".join([what, "", heading, "|---|---|---|---|---|---|---|", *lines, "", *_ratios(runs)])


def _draw(file: Path) -> None:
    random = np.random.default_rng(1997)
    ages = random.integers(30, 3 * 365 + 1, CUSTOMERS).astype(float)
    drawn = draw_purchases("bg_nbd", TRUTH, ages, random, unit_days=7)
    np.savez(file, frequency=drawn.frequency, recency=drawn.recency, age=drawn.age)


def _ours(model: str, file: Path, customers: int) -> Run:
    run: Watched = run_watched(
        "tests.bench.purchase_model_stage",
        model,
        str(file),
        str(customers),
        environment={"OMP_NUM_THREADS": "1"},
    )
    return Run("this", model, customers, json.loads(run.said), f"{run.peak_bytes / 1e6:,.0f}")


def _theirs(python: Path, model: str, file: Path, customers: int) -> Run:
    said = subprocess.run(
        [python, YARDSTICK, model, file, str(customers)], capture_output=True, text=True, check=True
    ).stdout
    found = json.loads(said)
    found["log_likelihood"] = _log_likelihood(model, found["parameters"], file, customers)
    return Run("lifetimes", model, customers, found, "")


def _log_likelihood(model: str, parameters: dict[str, float], file: Path, customers: int) -> float:
    """Ours at its parameters: what the package itself gives is on scaled times, a mean or a sum by model."""
    rows = np.load(file)
    histories = distinct(Purchases(*(rows[name][:customers] for name in Purchases._fields)), unit_days=7)
    value, _ = MODELS[model].log_likelihood_with_gradient(parameters, histories)
    return float(value)


def _environment_of_lifetimes(folder: Path) -> Path | None:
    """Its Python, or None where the index has no wheels for it."""
    home = folder / "lifetimes"
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    python = home / "bin" / "python"
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", *REQUIREMENTS],
        capture_output=True,
        check=False,
    )
    return python if installed.returncode == 0 else None


def _ratios(runs: list[Run]) -> list[str]:
    theirs = [run for run in runs if run.package == "lifetimes"]
    if not theirs:
        return ["The index has no lifetimes for this Python: nothing to compare with."]
    lines = []
    for run in theirs:
        ours = next(
            other
            for other in runs
            if (other.package, other.model, other.customers) == ("this", run.model, run.customers)
        ).said
        apart = abs(ours["log_likelihood"] / run.said["log_likelihood"] - 1)
        lines.append(
            f"{run.model}, {run.customers:,} customers: {run.said['seconds'] / ours['seconds']:.0f} times faster than "
            f"lifetimes ({run.said['cpu_seconds'] / ours['cpu_seconds']:.0f} times less CPU), log-likelihoods "
            f"{apart:.1e} apart."
        )
    return lines
