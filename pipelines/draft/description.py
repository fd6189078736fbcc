"""From a file to the draft of its contract.

The steps: how it is written (`layout`), what its cells look like (`profile`), what it is (`mapping`, `questions`),
the text (`entry`). What must stay out: the home; a draft is made from one file alone.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from pipelines.draft.asked import Asked
from pipelines.draft.layout import Layout, find_layout
from pipelines.draft.mapping import Guess, best_guess, columns_of
from pipelines.draft.profile import Profile, convention_of, profiles
from pipelines.draft.questions import questions_of
from pipelines.ingest.expressions import literal
from pipelines.ingest.presets import PRESETS

MEMORY = "1GB"
STRUCTURED = ("parquet", "ndjson")
# Their numbers are numbers, whatever sign texts have elsewhere.


@dataclass(frozen=True)
class Description:
    """All that was found out about one file."""

    relative: str
    layout: Layout
    profiles: list[Profile]
    convention: tuple[str, str]
    is_ambiguous: bool
    guess: Guess
    questions: list[Asked]


def described(path: Path, relative: str) -> Description:
    """Read the whole file and guess; a `FileFault` if a reader can't read it."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="treue-draft-") as folder, duckdb.connect() as connection:
        connection.execute(f"set temp_directory = {literal(str(Path(folder) / 'spill'))}")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.execute("set timezone = 'UTC'")
        layout = find_layout(connection, path, relative, Path(folder))
        found = profiles(connection, layout)
        convention, is_ambiguous = convention_of(found)
        if layout.source.type in STRUCTURED:
            convention, is_ambiguous = (".", ""), False
        survey = columns_of("survey_responses", found, convention)
        mapped = {each.profile.name for each in survey.columns.values()}
        asked = questions_of(connection, [each for each in found if each.name not in mapped], layout.texts)
        guess = survey
        if layout.preset is None:
            guess = best_guess(found, convention, relative, sum(_is_telling(each) for each in asked))
        elif PRESETS[layout.preset]["kind"] != survey.kind:
            guess = columns_of(PRESETS[layout.preset]["kind"], found, convention)
    questions = asked if guess.kind == "survey_responses" else []
    return Description(relative, layout, found, convention, is_ambiguous, guess, questions)


def _is_telling(question: Asked) -> bool:
    """Whether it is a question beyond doubt: small numbers alone may be quantities."""
    is_labelled = bool(question.labels) and question.scale_name != "yes_no"
    return is_labelled or question.construct not in ("likert", "reason")
