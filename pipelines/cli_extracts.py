"""The commands about extracts, which run nothing and keep nothing: `check` and `draft`.

What must stay out: how files are read (ingest) and what is made of them (check, draft).
"""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.paths import HomePaths
from pipelines.refusal import Refusal
from pipelines.settings import home_of_environment, load_settings
from pipelines.settings_file import SettingsError


class NoSuchFile(Refusal):
    """A file to be described that is not there."""


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
