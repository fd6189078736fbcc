"""From the text of a cell to a typed value or the reason why it has none: SQL expressions for DuckDB.

Every expression works on whole columns. What must stay out: files, and rules that need a second row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.ingest.amounts import decimal, number, rate
from pipelines.ingest.contracts import Column, FileFormat
from pipelines.ingest.expressions import clean, folded, literal, words
from pipelines.ingest.kinds import ColumnSpec

ISO_WITH_OFFSET = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(Z|UTC|[+-]\d\d(:?\d\d)?)$"
BLANK_BEFORE_OFFSET = r"\s+([+-][\d:]+|Z)$"
MASK = "***"
EXCEL_DAY_ZERO = "timestamp '1899-12-30 00:00:00'"
# Day 60 of a spreadsheet is a 29 February 1900 that never was; counted from here, every later day is right.
TELEPHONE = r"(^|[^\w.,])(\+|00)[1-9][\d ()/-]{6,}"
# As numbers are written for calls from abroad; others look like dates and amounts, for which they may stand.
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


def typed(ours: str, column: Column, spec: ColumnSpec, source: str | None, around: Surroundings) -> Cell:
    """The cell of a mapped column; `source` is the SQL name of their column, or None for a constant."""
    raw = literal(column.value or "") if source is None else source
    text = without(clean(raw), column.missing)
    shown = literal(MASK) if spec.type == "identifier" else masked(raw)
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


def masked(raw: str) -> str:
    """A cell cut to 80 characters; one that holds an address or a telephone number, though it should not, is masked."""
    is_telling = f"contains({raw}, '@') or regexp_matches({raw}, {literal(TELEPHONE)})"
    return f"case when {is_telling} then {literal(MASK)} else left({raw}, 80) end"


def _typed_text(text: str, column: Column, spec: ColumnSpec, around: Surroundings) -> tuple[str, str]:
    match spec.type:
        case "timestamp":
            value = instant(text, column, around)
            return value, _when_unread(text, value, "unreadable_date")
        case "decimal":
            value = decimal(text, around.format)
            return value, _when_unread(text, value, "unreadable_number")
        case "rate":
            given = number(text, around.format, "decimal(28,12)")
            value = rate(given, around.format)
            is_positive = f"coalesce({value} > 0, {text} is null)"
            unread = _when_unread(text, given, "unreadable_number")
            return value, f"coalesce({unread}, case when not {is_positive} then 'not_positive' end)"
        case "currency":
            found = f"upper({_mapped(text, column)})"
            is_unread = (
                f"{text} is not null and not coalesce(regexp_full_match({found}, '[A-Z]{{3}}'), false)"
            )
            return (
                f"coalesce({found}, {literal(around.currency)})" if spec.has_default else found,
                f"case when {is_unread} then 'unmapped_value' end",
            )
        case "status" if not column.map and not column.patterns:
            status = f"coalesce({text}, {literal(spec.values[0])})"
            allowed = ", ".join(literal(value) for value in spec.values)
            return status, f"case when {status} not in ({allowed}) then 'unmapped_value' end"
        case "identifier":
            steps = spec.normalise if column.normalise is None else column.normalise
            return normalised(text, steps), _when_damaged(text)
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
    is_damaged = f"regexp_full_match({text}, {literal(DAMAGED)})"
    return f"case when contains({text}, '+') then case when {is_damaged} then 'damaged_identifier' end end"


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
    zone = literal(zone_of(column, around))
    readings = [_by_layout(text, layout, zone) for layout in column.format]
    if not readings or around.has_native_types:
        joined = f"regexp_replace({text}, '{BLANK_BEFORE_OFFSET}', '\\1')"
        # A local time ends in a digit; a name of a zone behind it would be passed over.
        is_local = f"right({text}, 1) between '0' and '9'"
        readings.append(
            f"case when regexp_full_match({text}, '{ISO_WITH_OFFSET}') then try_cast({joined} as timestamptz) "
            f"when {is_local} then timezone({zone}, try_cast({text} as timestamp)) end"
        )
    return f"coalesce({', '.join(readings)})" if len(readings) > 1 else readings[0]


def zone_of(column: Column, around: Surroundings) -> str:
    """The zone in which the column's times are written, unless they name an offset themselves."""
    return column.time_zone or around.format.time_zone or around.time_zone


def _by_layout(text: str, layout: str, zone: str) -> str:
    match layout:
        case "excel":
            days = f"try_cast(replace({text}, ',', '.') as double)"
            is_serial = rf"regexp_full_match({text}, '\d{{1,5}}([.,]\d+)?')"
            moment = f"{EXCEL_DAY_ZERO} + to_seconds(round({days} * 86400))"
            return f"timezone({zone}, case when {is_serial} then {moment} end)"
        case "unix":
            seconds = f"try_cast(replace({text}, ',', '.') as double)"
            is_number = rf"regexp_full_match({text}, '\d{{1,10}}([.,]\d+)?')"
            return f"case when {is_number} then to_timestamp({seconds}) end"
        case _ if "%z" in layout:
            # The text itself names the offset: no zone may be added to it.
            return f"try_cast(try_strptime({text}, {literal(layout)}) as timestamptz)"
        case _:
            return f"timezone({zone}, try_strptime({text}, {literal(layout)})::timestamp)"


def normalised(text: str, steps: Sequence[str]) -> str:
    """The identifier in the one form that stands for the person."""
    value = text
    for step in steps:
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
            case "phone":
                value = rf"regexp_replace({value}, '\(0\)|[^\d+]', '', 'g')"
                value = f"regexp_replace({value}, '^00', '+')"
    return clean(value) if steps else text
