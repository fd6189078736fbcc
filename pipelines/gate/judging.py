"""Judging a build: the whole of what the gate does, in one call.

What must stay out: the orchestrator (checks) and the single steps, which have modules of their own.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from pipelines.gate.data_docs import write_data_docs
from pipelines.gate.earlier import EarlierRelease, copy_earlier
from pipelines.gate.evaluation import evaluation, run_suites
from pipelines.gate.examples import with_examples
from pipelines.gate.suites import EXPECTATIONS, load_suite
from pipelines.gate.tables import JUDGED_TABLES
from pipelines.gate.verdict import Override, Verdict, fingerprints, make_verdicts, write_verdicts
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
    build_file: Path,
    as_of: date,
    settings: Settings,
    *,
    earlier: EarlierRelease | None = None,
    override: Override | None = None,
    docs: Path | None = None,
    folder: Path = EXPECTATIONS,
) -> Sequence[Verdict]:
    """Judge every table that is to be published, and store the verdict in the build.

    It is compared with the release before, where there is one. Great Expectations reads over a connection of its own,
    so the fingerprints are taken before and after it. With `docs` its pages are written there.
    """
    with open_build(build_file, as_of, settings) as connection:
        compared_with = copy_earlier(connection, earlier)
        before = fingerprints(connection)
    with evaluation(build_file) as opened:
        found = run_suites(opened, JUDGED_TABLES, folder)
        if docs is not None:
            write_data_docs(opened, docs, as_of)
    with open_build(build_file, as_of, settings) as connection:
        for table, findings in found.items():
            found[table] = with_examples(connection, table, load_suite(table, folder), findings)
        verdicts = make_verdicts(found, before, fingerprints(connection), compared_with, override)
        write_verdicts(connection, verdicts, as_of)
    return verdicts
