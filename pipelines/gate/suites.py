"""The expectation suites of `expectations/`, and what an expectation of one has found.

A suite is Great Expectations' own JSON and is named after its table. Each expectation has a severity
(`critical` closes the gate, `warning` is shown), a `description` that says what holds, and a `why`; one that draws a
line states it in `meta.limits`, too, by name and number.
What must stay out: evaluation, and what follows from a failed expectation (verdict).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from pipelines.gate.tables import JudgedTable

EXPECTATIONS = Path(__file__).resolve().parents[2] / "expectations"

Severity = Literal["critical", "warning"]


class SuiteFault(Exception):
    """A suite is missing or does not say what a suite must say."""


@dataclass(frozen=True)
class Finding:
    """What one expectation found in one table: counts, and where the rows against it stand, never what is personal.

    `is_evaluated` is false where the database could not say: then nobody knows whether it holds.
    """

    position: int
    expectation: str
    severity: Severity
    passed: bool
    observed: str
    why: str
    is_evaluated: bool = True
    examples: tuple[str, ...] = ()


def load_suite(table: JudgedTable, folder: Path = EXPECTATIONS) -> dict[str, Any]:
    """The suite of a table as JSON, held to what every suite must say."""
    file = folder / f"{table.name}.json"
    if not file.is_file():
        raise SuiteFault(f"{file} is missing: every judged table has a suite, and {table.source} has none.")
    suite = cast("dict[str, Any]", json.loads(file.read_text(encoding="utf-8")))
    if suite.get("name") != table.name:
        raise SuiteFault(f"{file}: name is {suite.get('name')!r}; it must be the table's, {table.name!r}.")
    if not suite.get("expectations"):
        raise SuiteFault(f"{file} holds no expectation: an empty suite would let everything pass.")
    for position, expectation in enumerate(suite["expectations"], start=1):
        where = f"{file}, expectation {position} ({expectation.get('type')})"
        if expectation.get("severity") not in ("critical", "warning"):
            raise SuiteFault(
                f"{where}: severity is {expectation.get('severity')!r}; allowed: critical, warning."
            )
        if not expectation.get("description") or not expectation.get("meta", {}).get("why"):
            raise SuiteFault(f"{where}: it needs a description (what holds) and meta.why (why it must).")
        _require_limits(where, expectation)
    return suite


def _require_limits(where: str, expectation: Mapping[str, Any]) -> None:
    """A limit is read in meta and drawn in the query: both must say the same number."""
    drawn = set(re.findall(r"\d+(?:\.\d+)?", json.dumps(expectation.get("kwargs"))))
    for name, value in expectation["meta"].get("limits", {}).items():
        if str(value) not in drawn:
            raise SuiteFault(
                f"{where}: meta.limits states {name} = {value}, and its query holds no such number; change both."
            )
