"""The messages, as functions of facts: what happened, where, what readers see, and where to look.

They leave the house, so they hold counts and places: no example of a value, no reason that was not written for
everybody. What must stay out: how the facts are found, and how a message is sent.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from pipelines.settings import Alert

LONGEST_REASON = 1500
# A phone shows a page of it; the run's own page has all.
EXAMPLE = re.compile(r""" such as (?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?= first in )""")
# A value out of a delivered file: shown to whoever runs the pipeline, and not sent through other people's servers.


@dataclass(frozen=True)
class Message:
    title: str
    body: str


@dataclass(frozen=True)
class Place:
    """Where it happened, and what is the same in every message."""

    company: str
    root: str
    ui_url: str
    readers: str


@dataclass(frozen=True)
class FailedStep:
    """A step that failed; the reason is that of an error which is written for everybody, else None."""

    step: str
    error: str
    reason: str | None


@dataclass(frozen=True)
class ClosedTable:
    """A table over which the gate closed, and per critical expectation that failed what was observed."""

    table: str
    failures: tuple[str, ...]


@dataclass(frozen=True)
class FailedRun:
    job: str
    run_id: str
    day: str | None
    steps: tuple[FailedStep, ...]
    closed: tuple[ClosedTable, ...]

    @property
    def alert(self) -> Alert:
        """What it is to be told as."""
        return "gate_closed" if self.closed else "run_failed"


@dataclass(frozen=True)
class Seen:
    """The release that readers see."""

    release_id: str
    as_of: date
    published_at: datetime


def readers_sentence(seen: Seen | None) -> str:
    """What readers see, whatever happened."""
    if seen is None:
        return "Readers see no release: none was published yet."
    published = f"{seen.published_at:%Y-%m-%d %H:%M} UTC"
    return f"Readers see release {seen.release_id}, as of {seen.as_of}, published {published}."


def of_run(place: Place, run: FailedRun) -> Message:
    """The message of a run that failed: by a closed gate or by anything else."""
    day = f" as of {run.day}" if run.day else ""
    if run.closed:
        count = len(run.closed)
        what = f"the gate closed over {count} table{'s' if count > 1 else ''}, nothing was published{day}"
        lines = [line for table in run.closed for line in _closed(table)]
        lines += [line for step in run.steps for line in _failed(step)]
        remedy = "docs/operations.md says what to do when the gate closes."
    else:
        what = f"the job {run.job}{day} failed"
        lines = [line for step in run.steps for line in _failed(step)] or ["It failed outside its steps."]
        remedy = "docs/operations.md lists messages and what to do."
    return _message(place, what, [*lines, "", remedy], f"{place.ui_url}/runs/{run.run_id}")


def _closed(table: ClosedTable) -> list[str]:
    count = len(table.failures)
    return [
        f"{table.table}: {count} critical expectation{'s' if count != 1 else ''} failed",
        *(f"  - {failure}" for failure in table.failures),
    ]


def _failed(step: FailedStep) -> list[str]:
    reason = shown(step.reason) if step.reason else f"{step.error}; the run's page has the reason"
    return [f"{step.step} failed: {reason}"]


def refused(place: Place, command: str, reason: str) -> Message:
    """The message of a command that was refused before there was a run."""
    return _message(place, f"`{command}` was refused", [shown(reason)], f"{place.ui_url}/runs")


def late_release(place: Place, expected: str) -> Message:
    """The message of a release that is not there when readers expect it."""
    remedy = "Look whether the night ran and whether its daemon or cron is alive; docs/operations.md, 'Missed nights'."
    return _message(place, "the release is late", [expected, "", remedy], f"{place.ui_url}/runs")


def trial(place: Place) -> Message:
    """A message that says only that messages arrive."""
    return _message(place, "this is a trial", ["Alerts of this home arrive here."], f"{place.ui_url}/runs")


def shown(reason: str) -> str:
    """The words of an error without values out of delivered files, cut where they go on for long."""
    told = EXAMPLE.sub("", reason.strip())
    return told if len(told) <= LONGEST_REASON else f"{told[:LONGEST_REASON]} ... (the run's page has all)"


def _message(place: Place, what: str, lines: list[str], link: str) -> Message:
    # A title becomes the header of an e-mail: one line, whatever a company is called.
    title = " ".join(f"Treue, {place.company}: {what}".split())
    body = [*lines, "", place.readers, f"Home: {place.root}", f"Look here: {link}"]
    return Message(title, "\n".join(body))
