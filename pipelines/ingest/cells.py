"""From the text of a cell to a typed value or the reason why it has none: SQL expressions for DuckDB.

Every expression works on whole columns. What must stay out: files, and rules that need a second row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.ingest.contracts import Column, FileFormat, Question
from pipelines.ingest.kinds import ColumnSpec

ISO_WITH_OFFSET = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(Z|[+-]\d\d(:?\d\d)?)$"
MASK = "***"
EXCEL_DAY_ZERO = "timestamp '1899-12-30 00:00:00'"
# Day 60 of a spreadsheet is a 29 February 1900 that never was; counted from here, every later day is right.
DAMAGED = r"\d([.,]\d+)?[eE]\+\d+"
# 4.1670000000E+10: a spreadsheet took the identifier for a number, and its last digits are gone.


@dataclass(frozen=True)
class Cell:
    """One column of ours: `value` and `problem` (null where there is none) as SQL over the source's columns.

    `shown` is what a rejected row may keep of the cell: never anything of an identity column.
    """

    name: str
    value: str
    problem: str
    shown: str


@dataclass(frozen=True)
class Surroundings:
    """What every cell of a file shares: the company's zone and currency, and how the file is written."""

    time_zone: str
    currency: str
    format: FileFormat
    source_type: str = "csv"

    @property
    def has_native_types(self) -> bool:
        """Whether dates may come as such, and reach us in ISO form whatever the format says."""
        return self.source_type in ("spreadsheet", "parquet")


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def name(identifier: str) -> str:
    """A quoted SQL name."""
    return '"' + identifier.replace('"', '""') + '"'


def clean(cell: str) -> str:
    """The cell without blanks around it (no-break spaces too); an empty one is null."""
    return f"nullif(trim(replace({cell}, chr(160), ' ')), '')"


def typed(ours: str, column: Column, spec: ColumnSpec, source: str | None, around: Surroundings) -> Cell:
    """The cell of a mapped column; `source` is the SQL name of their column, or None for a constant."""
    raw = literal(column.value or "") if source is None else source
    text = without(clean(raw), column.missing)
    shown = literal(MASK) if spec.type == "identifier" else _masked(raw)
    value, problem = _typed_text(text, column, spec, around)
    if spec.is_required:
        problem = f"case when {text} is null then 'missing_value' else {problem} end"
    return Cell(ours, value, problem, shown)


def without(text: str, missing: tuple[str, ...]) -> str:
    """The text, null where it is one of the words that stand for nothing."""
    if not missing:
        return text
    listed = ", ".join(literal(folded(word)) for word in missing)
    return f"case when {words(text)} in ({listed}) then null else {text} end"


def _masked(raw: str) -> str:
    """A cell cut to 80 characters; one that holds an e-mail address, though it should not, is masked."""
    return f"case when contains({raw}, '@') then {literal(MASK)} else left({raw}, 80) end"


def _typed_text(text: str, column: Column, spec: ColumnSpec, around: Surroundings) -> tuple[str, str]:
    match spec.type:
        case "timestamp":
            value = instant(text, column, around)
            return value, _when_unread(text, value, "unreadable_date")
        case "decimal":
            value = decimal(text, around.format)
            return value, _when_unread(text, value, "unreadable_number")
        case "currency":
            found = f"upper({_mapped(text, column)})"
            is_unread = (
                f"{text} is not null and not coalesce(regexp_full_match({found}, '[A-Z]{{3}}'), false)"
            )
            return (
                f"coalesce({found}, {literal(around.currency)})",
                f"case when {is_unread} then 'unmapped_value' end",
            )
        case "status" if not column.map and not column.patterns:
            status = f"coalesce({text}, 'completed')"
            allowed = ", ".join(literal(value) for value in spec.values)
            return status, f"case when {status} not in ({allowed}) then 'unmapped_value' end"
        case "identifier":
            return normalised(text, column), _when_damaged(text)
        case "text":
            return text, _when_damaged(text)
        case _:
            value = _mapped(text, column)
            unmapped = f"{value} is null" + ("" if spec.type == "status" else f" and {text} is not null")
            has_map = column.map or column.patterns
            return value, f"case when {unmapped} then 'unmapped_value' end" if has_map else "null"


def _when_unread(text: str, value: str, reason: str) -> str:
    return f"case when {text} is not null and {value} is null then '{reason}' end"


def _when_damaged(text: str) -> str:
    return f"case when regexp_full_match({text}, {literal(DAMAGED)}) then 'damaged_identifier' end"


def _mapped(text: str, column: Column) -> str:
    if column.map:
        cases = " ".join(
            f"when coalesce({text}, '') = {literal(theirs.strip())} then {literal(ours)}"
            for theirs, ours in column.map.items()
        )
        return f"case {cases} end"
    if column.patterns:
        cases = " ".join(
            f"when regexp_matches(coalesce({text}, ''), {literal(pattern)}) then {literal(ours)}"
            for pattern, ours in column.patterns.items()
        )
        return f"case {cases} end"
    return text


def instant(text: str, column: Column, around: Surroundings) -> str:
    """A timestamp with time zone: by the stated layouts, in the stated zone; without layouts, ISO 8601."""
    zone = literal(column.time_zone or around.format.time_zone or around.time_zone)
    readings = [_by_layout(text, layout, zone) for layout in column.format]
    if not readings or around.has_native_types:
        readings.append(
            f"case when regexp_full_match({text}, '{ISO_WITH_OFFSET}') then try_cast({text} as timestamptz) "
            f"else timezone({zone}, try_cast({text} as timestamp)) end"
        )
    return f"coalesce({', '.join(readings)})" if len(readings) > 1 else readings[0]


def _by_layout(text: str, layout: str, zone: str) -> str:
    match layout:
        case "excel":
            days = f"try_cast(replace({text}, ',', '.') as double)"
            is_serial = rf"regexp_full_match({text}, '\d{{1,5}}([.,]\d+)?')"
            moment = f"{EXCEL_DAY_ZERO} + to_seconds(round({days} * 86400))"
            return f"timezone({zone}, case when {is_serial} then {moment} end)"
        case "unix":
            is_number = rf"regexp_full_match({text}, '\d{{1,10}}(\.\d+)?')"
            return f"case when {is_number} then to_timestamp(try_cast({text} as double)) end"
        case _ if "%z" in layout:
            # The text itself names the offset: no zone may be added to it.
            return f"try_cast(try_strptime({text}, {literal(layout)}) as timestamptz)"
        case _:
            return f"timezone({zone}, try_strptime({text}, {literal(layout)})::timestamp)"


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


def normalised(text: str, column: Column) -> str:
    """The identifier in the one form that stands for the person."""
    value = text
    for step in column.normalise:
        match step:
            case "lower" | "email":
                value = f"lower({value})"
            case "strip_zeros":
                value = f"coalesce(nullif(ltrim({value}, '0'), ''), '0')"
                value = f"case when {text} is not null then {value} end"
            case "strip_decimal":
                value = rf"regexp_replace({value}, '[.,]0+$', '')"
            case "strip_apostrophe":
                value = f"ltrim({value}, '''')"
    return f"nullif(trim({value}), '')"


def words(text: str) -> str:
    """A label without its accidents: blanks of any kind become one, case is folded."""
    return rf"lower(trim(regexp_replace({text}, '[\s\x{{00A0}}]+', ' ', 'g')))"


def folded(text: str) -> str:
    """The same folding for a label of the contract."""
    return " ".join(text.replace("\u00a0", " ").split()).lower()


def score(question: Question, source: str) -> Cell:
    """A whole number on the question's scale, from its label or its digits; missing answers are null."""
    text = clean(source)
    plain = words(text)
    low, high = question.scale or (0, 0)
    absent = ", ".join(literal(folded(word)) for word in question.missing)
    is_absent = f"{plain} in ({absent})" if absent else "false"
    labels = " ".join(
        f"when {literal(folded(label))} then {value}" for label, value in question.labels.items()
    )
    by_label = f"case {plain} {labels} end" if labels else "null"
    digits = rf"case when regexp_full_match({text}, '[+-]?\d{{1,9}}([.,]0+)?') "
    digits += rf"then cast(regexp_replace({text}, '[.,]0+$', '') as integer) end"
    value = f"case when {is_absent} then null else coalesce({by_label}, {digits}) end"
    unread = "unknown_label" if labels else "not_a_whole_number"
    problem = (
        f"case when {text} is null or {is_absent} then null when ({value}) is null then '{unread}' "
        f"when ({value}) not between {low} and {high} then 'outside_scale' end"
    )
    return Cell(question.id, value, problem, _masked(source))


def choices(question: Question, source: str) -> Cell:
    """The chosen ids of a multi-select as a list; a choice that the contract does not name is a problem.

    A rejected row keeps nothing of the cell: where free text was possible, somebody wrote about themselves.
    """
    text = clean(source)
    cases = " ".join(
        f"when {literal(folded(theirs))} then {literal(ours)}" for theirs, ours in question.choices.items()
    )
    parts = f"string_split({text}, {literal(question.separator)})" if question.separator else f"[{text}]"
    ids = f"list_transform(list_filter({parts}, lambda p: trim(p) <> ''), lambda p: case {words('p')} {cases} end)"
    absent = ", ".join(literal(folded(word)) for word in question.missing)
    is_absent = f"{words(text)} in ({absent})" if absent else "false"
    value = f"case when {text} is null or {is_absent} then null else list_sort(list_distinct({ids})) end"
    problem = (
        f"case when {text} is null or {is_absent} then null "
        f"when len(list_filter({ids}, lambda p: p is null)) > 0 then 'unknown_choice' end"
    )
    return Cell(question.id, value, problem, literal(MASK))


def choices_by_column(question: Question, sources: Sequence[str]) -> Cell:
    """The chosen ids of a multi-select that has a column per choice: chosen where the cell says something."""
    not_chosen = ", ".join(literal(folded(word)) for word in (*question.not_chosen, *question.missing, ""))
    chosen = ", ".join(
        f"case when coalesce({words(clean(source))}, '') not in ({not_chosen}) then {literal(choice)} end"
        for source, choice in zip(sources, question.columns.values(), strict=True)
    )
    value = f"list_sort(list_distinct(list_filter([{chosen}], lambda p: p is not null)))"
    return Cell(question.id, f"nullif({value}, [])", "null", literal(MASK))


def matches(source: str, values: Sequence[str], unless: Sequence[str]) -> str:
    """Whether a cell is one of the values, or none of those that it must be."""
    text = f"coalesce({words(clean(source))}, '')"
    listed = ", ".join(literal(folded(word)) for word in (unless or values))
    return f"{text} {'not in' if unless else 'in'} ({listed})"
