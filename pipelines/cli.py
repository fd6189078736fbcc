"""The commands behind the Makefile, from `run` to `ui`; those of them that run nothing are in modules of their own.

They prepare a home and hand over to Dagster; the nightly job itself is the one that the UI and the schedule
launch. What must stay out: anything that a run needs when it is not started from here.
"""

import argparse
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.alerts.telling import TOLD_BY
from pipelines.cli_alerts import late, tell_refused, tell_run, try_alerts
from pipelines.cli_extracts import check, draft
from pipelines.disk_faults import told_disk_faults
from pipelines.home_lock import home_lock
from pipelines.paths import HomePaths
from pipelines.refusal import Refusal
from pipelines.settings import Settings, home_of_environment, load_settings
from pipelines.settings_file import SettingsError

if TYPE_CHECKING:
    from dagster import DagsterInstance

PROJECT = Path(__file__).resolve().parent.parent
WATCHED = {"check", "draft", "late", "alerts", "ui"}
# Commands before which somebody sits; what ends badly of all others is told by alert, too.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 1 when it did not end well."""
    chosen = _parser().parse_args(arguments)
    # Dagster says at every start that backfill policies are in beta; its versions are pinned.
    warnings.filterwarnings("ignore", message="Parameter `backfill_policy`")
    paths = HomePaths(home_of_environment()[0])
    try:
        with told_disk_faults(paths.root):
            return _obey(paths, chosen)
    except Exception as error:
        if chosen.command not in WATCHED:
            tell_refused(paths, chosen.command, error)
        if not isinstance(error, Refusal):
            raise
        print(error, file=sys.stderr)
        return 1


def _obey(paths: HomePaths, chosen: argparse.Namespace) -> int:
    match chosen.command:
        case "draft":
            return draft(chosen.file)
        case "late":
            return late(paths)
        case "alerts":
            return try_alerts(paths)
        case _:
            prepare_home()
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
        case "rollback":
            with home_lock(paths.lock_file, "make rollback"):
                said = {"release": chosen.release, "by": chosen.by, "reason": chosen.reason}
                return run_op("rollback", "take_back", said)
        case "prune-releases":
            with home_lock(paths.lock_file, "make prune-releases"):
                return run_op("prune_releases", "prune_kept_files", {})
        case _:
            # Before all that is slow to import: whoever comes second is told at once, and touches nothing.
            with home_lock(paths.lock_file, "make run"):
                override = {"by": chosen.override_by, "reason": chosen.override_reason}
                return run_nightly(paths, chosen.as_of, chosen.knowledge, **override)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="treue", description="Customer-loyalty figures that can be trusted."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run the nightly job and show the headline figures")
    run.add_argument("--as-of", type=date.fromisoformat, default=None, help="the day, such as 2026-03-31")
    run.add_argument("--knowledge", choices=("now", "then"), default="now")
    run.add_argument("--override-by", help="who answers for publishing what the gate would close over")
    run.add_argument("--override-reason", help="why it is published all the same")
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
    rollback = commands.add_parser("rollback", help="give readers an earlier release again")
    rollback.add_argument("release", help="the release, such as 2026-03-31.1")
    rollback.add_argument("--by", default="", help="who answers for it")
    rollback.add_argument("--reason", default="", help="why what came after it is taken back")
    commands.add_parser("prune-releases", help="remove files of releases beyond keep_releases of treue.yml")
    commands.add_parser("late", help="say whether the release that readers see is late, and alert if it is")
    commands.add_parser("alerts", help="send a trial message to every address of TREUE_ALERT_URLS")
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
    # Vectors here are short: a second thread of OpenBLAS would wait, and do so at full speed.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    return paths


def run_nightly(
    paths: HomePaths, as_of: date | None, knowledge: str, by: str | None = None, reason: str | None = None
) -> int:
    """The nightly job in this process, then the headline figures of what BI sees now."""
    from dagster import DagsterInstance

    from pipelines.as_of import chosen_day
    from pipelines.gate.verdict import override_of
    from pipelines.privacy.pruned import require_day
    from pipelines.publish.headline import headline
    from pipelines.resources import home_resource

    home = home_resource()
    _ = home.secret  # Refused here, a missing secret is told once and not by every step.
    override = override_of(by, reason)
    home.complete_erasure()
    with DagsterInstance.get() as instance:
        if as_of is None and home.settings.as_of == "last_event" and not _execute(paths, instance, "ingest"):
            return 1
        day = as_of or chosen_day(paths, home.settings, home.secret, datetime.now(UTC))
        _refuse_outside(day, home.settings)
        require_day(paths.pruned, day)
        ops: dict[str, Any] = {"context__run": {"config": {"knowledge": knowledge}}}
        if override is not None:
            ops["gate"] = {"config": {"override_by": override.by, "override_reason": override.reason}}
        if not _execute(paths, instance, "nightly", {"ops": ops}, day.isoformat()):
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
    from pipelines.run_events import tell

    log = paths.build / f"{job_name}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w", encoding="utf-8") as handle, redirect_stdout(handle), redirect_stderr(handle):
        result = definitions.resolve_job_def(job_name).execute_in_process(
            instance=instance,
            partition_key=partition_key,
            run_config=config,
            raise_on_error=False,
            tags={TOLD_BY: "the command that started it"},
        )
    tell(result)
    if not result.success:
        tell_run(paths, result)
        print(
            f"The run failed; {log} holds all that was said. What was published before is untouched.",
            file=sys.stderr,
        )
    return result.success


def _refuse_outside(day: date, settings: Settings) -> None:
    from pipelines.partitions import AS_OF_DAYS

    if day < settings.history_start:
        raise SettingsError(
            f"the day {day} lies before history_start ({settings.history_start}) of treue.yml"
        )
    if not AS_OF_DAYS.has_partition_key(day.isoformat()):
        raise SettingsError(f"the day {day} is not over yet in {settings.time_zone}; name an earlier one")


def serve(paths: HomePaths, port: int) -> int:
    """Become the Dagster UI with its daemon, on loopback; the pages about what the gate found beside it."""
    dagster = Path(sys.executable).parent / "dagster"
    os.environ.setdefault("TREUE_UI_URL", f"http://127.0.0.1:{port}")
    os.environ["PATH"] = f"{dagster.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.environ.setdefault("TREUE_DATA_DOCS_URL", f"http://127.0.0.1:{port + 1}")
    # This process becomes the UI and keeps its number: the server ends with it.
    pages = [str(paths.data_docs), str(port + 1), str(os.getpid())]
    server = [sys.executable, "-m", "pipelines.gate.data_docs_server", *pages]
    subprocess.Popen(server, cwd=PROJECT)  # noqa: S603 - our own module
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
