"""The small pieces of SQL that expressions over cells are made of.

What must stay out: any knowledge of kinds, columns or questions.
"""

from collections.abc import Sequence


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def name(identifier: str) -> str:
    """A quoted SQL name."""
    return '"' + identifier.replace('"', '""') + '"'


def clean(cell: str) -> str:
    """The cell without blanks around it (no-break spaces too); an empty one is null."""
    # Few cells need it, and looking is a fifth of the work of trimming.
    is_padded = f"starts_with({cell}, ' ') or ends_with({cell}, ' ') or contains({cell}, chr(160))"
    return f"nullif(case when {is_padded} then trim(replace({cell}, chr(160), ' ')) else {cell} end, '')"


def words(text: str) -> str:
    """A label without its accidents: blanks of any kind become one, case is folded."""
    return rf"lower(trim(regexp_replace({text}, '[\s\x{{00A0}}]+', ' ', 'g')))"


def folded(text: str) -> str:
    """The same folding for a label of the contract."""
    return " ".join(text.replace("\u00a0", " ").split()).lower()


def matches(source: str, values: Sequence[str], unless: Sequence[str]) -> str:
    """Whether a cell is one of the values, or none of those that it must be."""
    text = f"coalesce({words(clean(source))}, '')"
    listed = ", ".join(literal(folded(word)) for word in (unless or values))
    return f"{text} {'not in' if unless else 'in'} ({listed})"
