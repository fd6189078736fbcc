"""Texts that others have written inside Markdown: shown as they are, whatever signs they hold.

Dagster's pages leave out what looks like HTML and set the rest; a file's name must neither vanish nor break a table.
What must stay out: what is told.
"""

import re

SIGNS = r"\\`*_\[\]<|&~"
# Those by which Markdown is set within a line; a backslash before one makes it stand for itself.


def escaped(text: str) -> str:
    """The text as one line of Markdown that shows it."""
    return re.sub(f"([{SIGNS}])", r"\\\1", " ".join(text.splitlines()))


def unescaped(markdown: str) -> str:
    """The line again, for whoever reads it as it stands."""
    return re.sub(rf"\\([{SIGNS}])", r"\1", markdown)
