"""What the commands tell by alert, and the two commands about alerts: `late` and `alerts`.

A command that cron started has no daemon beside it, so it tells of its runs by itself. What must stay out: what a
message says, and how it is sent (alerts).
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipelines.alerts import lateness, messages
from pipelines.alerts.choice import AlertChoice, read_choice
from pipelines.alerts.telling import Teller, seen_by_readers
from pipelines.paths import HomePaths
from pipelines.refusal import Refusal
from pipelines.settings import Alert, load_settings

if TYPE_CHECKING:
    from dagster import ExecuteInProcessResult


class NobodyIsTold(Refusal):
    """A trial of alerts where none is sent."""


def _teller(paths: HomePaths) -> Teller:
    from pipelines.resources import home_resource

    home = home_resource()
    return Teller(paths, home.alert_urls, home.ui_url)


def _tell(paths: HomePaths, alert: Alert, compose: Callable[[messages.Place], messages.Message]) -> None:
    choice = read_choice(paths.settings_file)
    # Who is to be told stands where Dagster is known, which takes seconds to import: only where somebody is.
    if choice and choice.alerts:
        for problem in _teller(paths).tell(alert, compose):
            print(f"No alert: {problem}", file=sys.stderr)


def tell_run(paths: HomePaths, result: "ExecuteInProcessResult") -> None:
    """Tell of a run of this process that failed."""
    from pipelines.run_events import failed_run

    with _in_passing():
        failed = failed_run(result.dagster_run, result.all_events)
        _tell(paths, failed.alert, lambda place: messages.of_run(place, failed))


def tell_refused(paths: HomePaths, command: str, error: Exception) -> None:
    """Tell of a command that ended before there was a run, or beside it."""
    with _in_passing():
        known = isinstance(error, Refusal)
        reason = (
            str(error)
            if known
            else f"{type(error).__name__}; the screen or log of the command has the reason"
        )
        _tell(paths, "run_failed", lambda place: messages.refused(place, f"make {command}", reason))


@contextmanager
def _in_passing() -> Iterator[None]:
    """What goes wrong with an alert is said, and changes nothing about how the command ends."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - its words may hold an address
        print(f"No alert: it could not be made ({type(error).__name__}).", file=sys.stderr)


def late(paths: HomePaths) -> int:
    """Say whether the release that readers see is late, and alert if it is; 1 if so."""
    choice = AlertChoice.model_validate(load_settings(paths.root), from_attributes=True)
    seen = seen_by_readers(paths.releases)
    print(messages.readers_sentence(seen))
    expected = lateness.lateness(choice, seen, datetime.now(UTC))
    if expected is None:
        print("No release is late.")
        return 0
    print(f"The release is late. {expected}", file=sys.stderr)
    _tell(paths, "late_release", lambda place: messages.late_release(place, expected))
    return 1


def try_alerts(paths: HomePaths) -> int:
    """Send a trial message to every address; 1 if one of them did not take it."""
    alerts = load_settings(paths.root).alerts
    teller = _teller(paths)
    if alerts is None or not teller.addresses:
        missing = f"`alerts:` in {paths.settings_file}" if alerts is None else "TREUE_ALERT_URLS"
        raise NobodyIsTold(
            f"Nobody is told of anything: {missing} is not set. docs/operations.md, 'Alerts', shows both."
        )
    problems = teller.send(messages.trial)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(
        f"{len(teller.addresses) - len(problems)} of {len(teller.addresses)} addresses took a trial message."
    )
    return 1 if problems else 0
