"""From the text of a cell to an exact amount: SQL expressions for DuckDB.

What must stay out: other types, and what an amount means.
"""

from pipelines.ingest.contracts import FileFormat
from pipelines.ingest.expressions import literal


def decimal(text: str, file_format: FileFormat) -> str:
    """A decimal(18,4), rounded half away from zero; digits may be grouped in threes by the stated sign only."""
    return number(text, file_format, "decimal(18,4)")


def rate(given: str, file_format: FileFormat) -> str:
    """A decimal(18,8): what one unit of the foreign currency is worth in the company's, however the file says it."""
    if file_format.rate_means == "foreign_per_company":
        # Inverted once, from all the digits that the file gives.
        given = f"1 / nullif({given}, 0)"
    return f"try_cast(round({given}, 8) as decimal(18,8))"


def number(text: str, file_format: FileFormat, sql_type: str) -> str:
    """An exact number of the given type, null where the text is none.

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
        f"case when {is_bare} then {_exact(text, file_format, sql_type)} "
        f"when regexp_full_match({stripped}, {literal(pattern)}) then {_exact(stripped, file_format, sql_type)} end"
    )


def _exact(bare: str, file_format: FileFormat, sql_type: str) -> str:
    plain = bare
    if file_format.thousands:
        signs = {" ": "[ \u2009\u202f]", "'": "['\u2019]"}.get(
            file_format.thousands, "\\" + file_format.thousands
        )
        plain = f"regexp_replace({plain}, {literal(signs)}, '', 'g')"
    if file_format.decimal != ".":
        plain = f"replace({plain}, {literal(file_format.decimal)}, '.')"
    return f"try_cast({plain} as {sql_type})"


def _bare_number(text: str) -> str:
    """The text without a currency sign or code at either end, its minus in front, whatever sign it has."""
    money = r"(?:\p{Sc}|[A-Z]{3})"
    bare = f"replace({text}, chr(8722), '-')"
    for pattern, replacement in (
        (rf"^([+-]?)\s*{money}\s*", r"\1"),
        (rf"\s*{money}\s*(-?)$", r"\1"),
        (r"^\((.*)\)$", r"-\1"),
        (rf"^-\s*{money}\s*", "-"),
        (r"^([^-].*?)\s*-$", r"-\1"),
    ):
        bare = f"regexp_replace({bare}, {literal(pattern)}, {literal(replacement)})"
    return f"trim({bare})"
