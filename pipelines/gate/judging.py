"""Judging a build: the whole of what the gate does, in one call.

What must stay out: the orchestrator (checks) and the single steps, which have modules of their own.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from pipelines.gate.suites import EXPECTATIONS, run_suites
from pipelines.gate.tables import JUDGED_TABLES
from pipelines.gate.verdict import Verdict, fingerprints, make_verdicts, write_verdicts
from pipelines.settings import Settings
from pipelines.transform.build import WrongBuild, open_build


def day_of_build(build_file: Path) -> date:
    """The as-of day of the build that is there."""
    if not build_file.exists():
        raise WrongBuild(
            f"{build_file} does not exist: no run has made a build yet. Start the job `nightly`."
        )
    with duckdb.connect(str(build_file), read_only=True) as connection:
        [(as_of,)] = connection.execute("select as_of_date from context.run").fetchall()
    return date.fromisoformat(str(as_of))


def judge_build(
    build_file: Path, as_of: date, settings: Settings, folder: Path = EXPECTATIONS
) -> Sequence[Verdict]:
    """Judge every table that is to be published, and store the verdict in the build.

    Great Expectations reads over a connection of its own, so the fingerprints are taken before and after it.
    """
    with open_build(build_file, as_of, settings, read_only=True) as connection:
        before = fingerprints(connection)
    found = run_suites(build_file, JUDGED_TABLES, folder)
    with open_build(build_file, as_of, settings) as connection:
        verdicts = make_verdicts(found, before, fingerprints(connection))
        write_verdicts(connection, verdicts, as_of)
    return verdicts
