"""How text that others chose is told in findings: on one line, short, and without the values of rows.

What must stay out: which text is told.
"""

import re

LONGEST = 300
# Long enough for a database's own words about a query that fails; the rest is in the suite.
ABOUT_NAMES = ("Binder Error", "Catalog Error", "Parser Error")


def told(text: str, longest: int = LONGEST) -> str:
    """The text on one line, of printable characters alone, cut where it grows long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= longest else f"{line[: longest - 3]}..."


def database_words(message: str) -> str:
    """A database's message about a statement, where it is about names; of all others its kind alone.

    A value that cannot be converted is quoted in full, and could be a person's.
    """
    words = message.partition("[SQL:")[0]
    if any(kind in words for kind in ABOUT_NAMES):
        return told(words)
    kind = re.search(r"\w+(?: Error|Exception|Error)\b", words)
    return f"{kind[0] if kind else 'an error'}, of which the message may hold values of rows"
