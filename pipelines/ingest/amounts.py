"""From the text of a cell to an exact amount: SQL expressions for DuckDB.

What must stay out: other types, and what an amount means.
"""

from pipelines.ingest.contracts import FileFormat
from pipelines.ingest.expressions import literal


def decimal(text: str, file_format: FileFormat) -> str:
    """A decimal(18,4), rounded half away from zero; digits may be grouped in threes by the stated sign only.

    Around the number a currency sign or code is passed over; a minus may stand behind it, or brackets around it.
    """
    sign = "\\" + file_format.decimal
    pattern = rf"[+-]?\d+({sign}\d+)?([eE][+-]?\d+)?"
    if file_format.thousands:
        group = "[ \u2009\u202f]" if file_format.thousands == " " else "\\" + file_format.thousands
        group = "['\u2019]" if file_format.thousands == "'" else group
        pattern += rf"|[+-]?\d{{1,3}}({group}\d{{3}})+({sign}\d+)?"
    is_bare = f"regexp_full_match({text}, {literal(pattern)})"
    stripped = _bare_number(text)
    return (
        f"case when {is_bare} then {_exact(text, file_format)} "
        f"when regexp_full_match({stripped}, {literal(pattern)}) then {_exact(stripped, file_format)} end"
    )


def _exact(number: str, file_format: FileFormat) -> str:
    plain = number
    if file_format.thousands:
        signs = {" ": "[ \u2009\u202f]", "'": "['\u2019]"}.get(
            file_format.thousands, "\\" + file_format.thousands
        )
        plain = f"regexp_replace({plain}, {literal(signs)}, '', 'g')"
    if file_format.decimal != ".":
        plain = f"replace({plain}, {literal(file_format.decimal)}, '.')"
    return f"try_cast({plain} as decimal(18,4))"


def _bare_number(text: str) -> str:
    """The text without a currency sign or code at either end, its minus in front, whatever sign it has."""
    money = r"(?:\p{Sc}|[A-Z]{3})"
    number = f"replace({text}, chr(8722), '-')"
    for pattern, replacement in (
        (rf"^([+-]?)\s*{money}\s*", r"\1"),
        (rf"\s*{money}\s*(-?)$", r"\1"),
        (r"^\((.*)\)$", r"-\1"),
        (rf"^-\s*{money}\s*", "-"),
        (r"^([^-].*?)\s*-$", r"-\1"),
    ):
        number = f"regexp_replace({number}, {literal(pattern)}, {literal(replacement)})"
    return f"trim({number})"
