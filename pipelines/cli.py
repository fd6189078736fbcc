"""The commands behind the Makefile: `run`, `check`, `draft`, `erase`, `prune`, `ui`.

They prepare a home and hand over to Dagster; the nightly job itself is the one that the UI and the schedule
launch. What must stay out: anything that a run needs when it is not started from here.
"""

import argparse
import os
import shutil
import sys
import warnings
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pipelines.home_lock import home_lock
from pipelines.paths import HomePaths
from pipelines.refusal import Refusal
from pipelines.settings import Settings, home_of_environment, load_settings
from pipelines.settings_file import SettingsError

if TYPE_CHECKING:
    from dagster import DagsterInstance, ExecuteInProcessResult

PROJECT = Path(__file__).resolve().parent.parent


class NoSuchFile(Refusal):
    """A file to be described that is not there."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 1 when it did not end well."""
    chosen = _parser().parse_args(arguments)
    # Dagster says at every start that backfill policies are in beta; its versions are pinned.
    warnings.filterwarnings("ignore", message="Parameter `backfill_policy`")
    try:
        if chosen.command == "draft":
            return draft(chosen.file)
        paths = prepare_home()
        match chosen.command:
            case "check":
                return check(paths)
            case "ui":
                return serve(paths, chosen.port)
            case "erase":
                with home_lock(paths.lock_file, "make erase"):
                    file = str(Path(chosen.file).resolve())
                    return run_op("erase_customers", "erase", {"file": file, "dry_run": chosen.dry_run})
            case "prune":
                with home_lock(paths.lock_file, "make prune"):
                    day = chosen.as_of.isoformat() if chosen.as_of else None
                    return run_op("prune", "prune_home", {"as_of": day})
            case _:
                # Before all that is slow to import: whoever comes second is told at once, and touches nothing.
                with home_lock(paths.lock_file, "make run"):
                    return run_nightly(paths, chosen.as_of, chosen.knowledge)
    except Refusal as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="treue", description="Customer-loyalty figures that can be trusted."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run the nightly job and show the headline figures")
    run.add_argument("--as-of", type=date.fromisoformat, default=None, help="the day, such as 2026-03-31")
    run.add_argument("--knowledge", choices=("now", "then"), default="now")
    commands.add_parser("check", help="validate treue.yml and say what each extract's files would give")
    draft_parser = commands.add_parser("draft", help="write the first draft of a contract for a file")
    draft_parser.add_argument("file", help="the file, as a path or by its name below landing/")
    erase_parser = commands.add_parser("erase", help="erase the persons that a file outside the home names")
    erase_parser.add_argument("file", help="a line such as email:... or customer:... per identifier")
    erase_parser.add_argument("--dry-run", action="store_true", help="only say what would go")
    prune_parser = commands.add_parser("prune", help="remove what is older than retention of treue.yml says")
    prune_parser.add_argument(
        "--as-of", type=date.fromisoformat, default=None, help="the day, such as 2026-03-31"
    )
    ui = commands.add_parser("ui", help="serve the Dagster UI and its daemon on 127.0.0.1")
    ui.add_argument("--port", type=int, default=3000)
    return parser


def prepare_home() -> HomePaths:
    """The home of the environment, made ready for Dagster; without one, the demo company's, drawn if missing."""
    root, is_demo = home_of_environment()
    paths = HomePaths(root)
    if is_demo and not paths.settings_file.exists():
        from pipelines.demo.home import write_demo_home

        print(f"Drawing the demo company into {root} ...", flush=True)
        write_demo_home(root)
    load_settings(root)
    paths.landing.mkdir(exist_ok=True)
    paths.dagster.mkdir(exist_ok=True)
    shutil.copyfile(PROJECT / "dagster.yaml", paths.dagster / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(paths.dagster)
    return paths


def check(paths: HomePaths) -> int:
    """Say what a run would make of the files in landing; 1 if it would fail. Nothing is kept."""
    from pipelines.check.rehearsal import rehearse, unmatched_files
    from pipelines.check.report import told_extract, told_unmatched
    from pipelines.ingest.load import Ingest
    from pipelines.resources import home_resource

    home = home_resource()
    settings = home.settings
    today = datetime.now(ZoneInfo(settings.time_zone)).date()
    ingest = Ingest(
        paths,
        settings.time_zone,
        settings.currency,
        home.secret,
        today,
        home.secrets_before,
        settings.retention.comments_days,
    )
    print(f"{paths.settings_file}: valid ({settings.company}, {len(settings.extracts)} extracts)")
    errors = 0
    for findings in rehearse(ingest, settings.extracts):
        print(told_extract(findings, settings.time_zone, settings.currency), flush=True)
        errors += len(findings.errors)
    if unmatched := unmatched_files(paths.landing, settings.extracts):
        print(told_unmatched(unmatched))
    print(f"\nA run would {f'fail: {errors} error(s), see above' if errors else 'read all of this'}.")
    return 1 if errors else 0


def draft(file: str) -> int:
    """Write the first draft of a contract for a file nobody has described; the home needs no settings for it."""
    from pipelines.draft.description import described
    from pipelines.draft.entry import entry

    root, _ = home_of_environment()
    landing = HomePaths(root).landing
    path = next((each for each in (Path(file).resolve(), landing / file) if each.is_file()), None)
    if path is None:
        raise NoSuchFile(
            f"{file or 'FILE'} is no file, neither here nor below {landing}: make draft FILE=path/to/file.csv"
        )
    is_landed = path.is_relative_to(landing.resolve())
    relative = path.relative_to(landing.resolve()).as_posix() if is_landed else path.name
    try:
        extracts = load_settings(root).extracts
    except SettingsError:
        # A home that is only being set up; the draft names no extract of it.
        extracts = {}
    print(entry(described(path, relative), extracts), end="")
    return 0


def run_nightly(paths: HomePaths, as_of: date | None, knowledge: str) -> int:
    """The nightly job in this process, then the headline figures of what BI sees now."""
    from dagster import DagsterInstance

    from pipelines.as_of import chosen_day
    from pipelines.privacy.pruned import require_day
    from pipelines.publish.headline import headline
    from pipelines.resources import home_resource

    home = home_resource()
    _ = home.secret  # Refused here, a missing secret is told once and not by every step.
    home.complete_erasure()
    with DagsterInstance.get() as instance:
        if as_of is None and home.settings.as_of == "last_event" and not _execute(paths, instance, "ingest"):
            return 1
        day = as_of or chosen_day(paths, home.settings, home.secret, datetime.now(UTC))
        _refuse_outside(day, home.settings)
        require_day(paths.pruned, day)
        config = {"ops": {"context__run": {"config": {"knowledge": knowledge}}}}
        if not _execute(paths, instance, "nightly", config, day.isoformat()):
            return 1
    print(headline(paths.warehouse_file))
    return 0


def run_op(job_name: str, op_name: str, settings: dict[str, Any]) -> int:
    """A job of a single step in this process; it prints its report."""
    from dagster import DagsterInstance

    from pipelines.resources import home_resource

    home = home_resource()
    _ = home.secret
    config = {
        "ops": {op_name: {"config": {key: value for key, value in settings.items() if value is not None}}}
    }
    with DagsterInstance.get() as instance:
        return 0 if _execute(home.paths, instance, job_name, config) else 1


def _execute(
    paths: HomePaths,
    instance: "DagsterInstance",
    job_name: str,
    config: dict[str, Any] | None = None,
    partition_key: str | None = None,
) -> bool:
    """Run a job; on the screen only warnings of ingest and the reason of a failure, all else in a log file."""
    from pipelines.definitions import definitions

    log = paths.build / f"{job_name}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w", encoding="utf-8") as handle, redirect_stdout(handle), redirect_stderr(handle):
        result = definitions.resolve_job_def(job_name).execute_in_process(
            instance=instance, partition_key=partition_key, run_config=config, raise_on_error=False
        )
    _tell(result)
    if not result.success:
        print(
            f"The run failed; {log} holds all that was said. What was published before is untouched.",
            file=sys.stderr,
        )
    return result.success


def _tell(result: "ExecuteInProcessResult") -> None:
    """What everybody should see of a run: warnings, reports, what the gate says, why a step failed."""
    for event in result.get_asset_materialization_events():
        told = event.materialization.metadata.get("warnings")
        if told is not None and str(told.value).startswith("- "):
            print(f"warnings of {event.asset_key.to_user_string() if event.asset_key else ''}:\n{told.value}")
    for event in result.filter_events(lambda each: each.event_type_value == "STEP_OUTPUT"):
        report = event.step_output_data.metadata.get("report")
        if report is not None:
            print(report.value)
    for evaluation in result.get_asset_check_evaluations():
        if not evaluation.passed and "critical failures" in evaluation.metadata:
            table = evaluation.asset_key.to_user_string()
            weight = "closed over" if evaluation.metadata["critical failures"].value else "warns of"
            print(f"The gate {weight} {table}: {evaluation.description}", file=sys.stderr)
    for event in result.get_step_failure_events():
        error = event.step_failure_data.error
        cause = (error.cause or error) if error else None
        # The class of an error tells its author something; its message is written for everybody.
        reason = (
            cause.message.partition(f"{cause.cls_name}: ")[2] or cause.message if cause else "no reason given"
        )
        print(f"{event.step_key} failed: {reason.strip()}", file=sys.stderr)


def _refuse_outside(day: date, settings: Settings) -> None:
    from pipelines.partitions import AS_OF_DAYS

    if day < settings.history_start:
        raise SettingsError(
            f"the day {day} lies before history_start ({settings.history_start}) of treue.yml"
        )
    if not AS_OF_DAYS.has_partition_key(day.isoformat()):
        raise SettingsError(f"the day {day} is not over yet in {settings.time_zone}; name an earlier one")


def serve(paths: HomePaths, port: int) -> int:
    """Become the Dagster UI with its daemon, on loopback."""
    dagster = Path(sys.executable).parent / "dagster"
    os.environ["PATH"] = f"{dagster.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [str(dagster), "dev", "-w", str(PROJECT / "workspace.yaml"), "-h", "127.0.0.1", "-p", str(port)]
    os.chdir(paths.root)
    os.execv(command[0], command)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # While the interpreter ends, DuckDB's binding lists every object that Dagster's caches still hold.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    sys.exit(code)
