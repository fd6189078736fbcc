"""How names and texts are written into SQL where a statement takes no parameters.

What must stay out: statements.
"""


def quoted(identifier: str) -> str:
    """The identifier as SQL takes it, whatever characters it holds."""
    return '"' + identifier.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """The text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
