"""What the cells of each column look like, counted in DuckDB: dates by layout, numbers, distinct values.

What must stay out: what a column is taken for. Values that are kept here are for deciding; which of them may be
shown is decided in `answers.py` and `mapping.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines.draft.layout import Layout
from pipelines.ingest.amounts import decimal
from pipelines.ingest.cells import Surroundings, instant
from pipelines.ingest.contracts import Column, FileFormat
from pipelines.ingest.expressions import clean, literal
from pipelines.ingest.headings import Wanted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SAMPLE_ROWS = 20_000
COLUMNS_AT_ONCE = 20
# With more, the plan of one query takes more memory than the file.
SAMPLE_TEXTS = 2_000
# Distinct texts of a column on which dates and numbers are tried.
MOST_VALUES = 60
# A column with more distinct values is no list of words.
LAYOUTS = (
    "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%y", "%d.%m.%y %H:%M",
    "%Y%m%d", "%Y%m%d%H%M%S", "%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S %z",
    "%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%y",
    "%m/%d/%y %H:%M",
    "%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%y", "%d/%m/%y %H:%M",
    "%d-%m-%Y", "%d-%m-%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y",
    "unix", "excel",
)  # fmt: skip
ISO = "iso"
# Read without any layout.
READINGS = (ISO, *LAYOUTS)
CONVENTIONS = (
    (".", ""), (",", ""), (".", ","), (",", "."), (".", "'"), (",", " "), (".", " "), (",", "'"),
)  # fmt: skip
# Decimal sign and thousands separator, the plainer ones first.
OTHER_TEXTS = 0.03
FEW_TEXTS = 4
EARLIEST, LATEST = 1970, 2100
TESTS = {
    "texts": "true",
    "signed": r"regexp_matches(text, '\d[.,]\d')",
    "addresses": "contains(text, '@')",
    "zero_led": r"regexp_full_match(text, '0\d+')",
    "ends_in_zero": r"regexp_full_match(text, '\d+\.0')",
    "apostrophes": "starts_with(text, chr(39))",
    "codes": "regexp_full_match(text, '[A-Za-z]{3}')",
}
# What else is counted of the sampled texts, by the name it has in a profile.


@dataclass(frozen=True)
class Profile:
    """One column of the file: how many of its cells hold something, and how many sampled texts read as what."""

    name: Wanted
    sql: str
    rows: int
    filled: int
    distinct: int
    texts: int
    readings: dict[str, int] = field(default_factory=dict)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    signed: int = 0
    addresses: int = 0
    zero_led: int = 0
    ends_in_zero: int = 0
    apostrophes: int = 0
    codes: int = 0
    values: dict[str, int] = field(default_factory=dict)

    @property
    def is_unique(self) -> bool:
        return 0 < self.filled == self.distinct == self.rows

    @property
    def is_date(self) -> bool:
        return self.dated(ISO, *self.layouts) > 0.9 if self.texts else False

    @property
    def layouts(self) -> tuple[str, ...]:
        """The layouts that read the column; none where ISO 8601 alone does, several where they share it."""
        if not self.texts or self.readings.get(ISO) == self.texts:
            return ()
        ranked = sorted(self.readings, key=lambda each: (-self.readings[each], order_of(each)))
        best = next(iter(ranked), ISO)
        if self.readings.get(best, 0) == self.texts or best in ("unix", "excel"):
            return (best,) if best != ISO and self.readings[best] else ()
        shared = [each for each in ranked if self.readings[each] and each not in (ISO, "unix")]
        return tuple(_by_form(shared))

    def dated(self, *layouts: str) -> float:
        """The share of the texts that these layouts read, each text counted once at most."""
        read = sum(self.readings.get(each, 0) for each in dict.fromkeys(layouts))
        return min(read / self.texts, 1.0) if self.texts else 0.0

    def is_number(self, convention: tuple[str, str]) -> bool:
        """Whether nearly all texts are numbers so; of a few, one may be something else."""
        others = self.texts - self.numbers.get(convention, 0)
        return self.texts > 0 and others <= max(OTHER_TEXTS * self.texts, self.texts >= FEW_TEXTS)


def order_of(layout: str) -> int:
    return LAYOUTS.index(layout) if layout in LAYOUTS else -1


def _by_form(layouts: Sequence[str]) -> list[str]:
    """Of layouts that read the same texts (day or month first) the one that reads more."""
    forms: dict[str, str] = {}
    for layout in layouts:
        forms.setdefault(layout.replace("%m", "%d"), layout)
    return list(forms.values())


def profiles(connection: "DuckDBPyConnection", layout: Layout) -> list[Profile]:
    """One profile per column of `file_rows`, in their order."""
    connection.execute(f"create table sample as select * from file_rows limit {SAMPLE_ROWS}")
    places = range(len(layout.columns))
    return [
        profile
        for first in places[::COLUMNS_AT_ONCE]
        for profile in _profiles(connection, layout.columns, places[first : first + COLUMNS_AT_ONCE])
    ]


def _profiles(
    connection: "DuckDBPyConnection", columns: Sequence[Wanted], places: Sequence[int]
) -> list[Profile]:
    cells = {place: clean(f"c{place}") for place in places}
    listed = ", ".join(f"count({cell}), count(distinct {cell})" for cell in cells.values())
    rows, *totals = connection.execute(f"select count(*), {listed} from file_rows").fetchall()[0]
    texts = " union all ".join(
        f"(select {place} as place, text from (select distinct {cell} as text from sample) where text is not null "
        f"order by hash(text), text limit {SAMPLE_TEXTS})"
        for place, cell in cells.items()
    )
    # One query for several columns: planning so many expressions takes longer than counting.
    tests = [*TESTS.values(), *map(_reads, READINGS), *map(_is_number, CONVENTIONS)]
    counted = ", ".join(f"count(*) filter (where {test})" for test in tests)
    found = connection.execute(f"select place, {counted} from ({texts}) group by place").fetchall()
    counts = {place: tested for place, *tested in found}
    return [
        _profile(
            connection,
            columns[place],
            place,
            rows,
            totals[2 * i : 2 * i + 2],
            counts.get(place, [0] * len(tests)),
        )
        for i, place in enumerate(places)
    ]


def _profile(
    connection: "DuckDBPyConnection",
    name: Wanted,
    index: int,
    rows: int,
    totals: list[int],
    counts: list[int],
) -> Profile:
    filled, distinct = totals
    readings = counts[len(TESTS) : len(TESTS) + len(READINGS)]
    return Profile(
        name=name,
        sql=f"c{index}",
        rows=rows,
        filled=filled,
        distinct=distinct,
        **dict(zip(TESTS, counts, strict=False)),
        readings=dict(zip(READINGS, readings, strict=True)),
        numbers=dict(zip(CONVENTIONS, counts[-len(CONVENTIONS) :], strict=True)),
        values=_values(connection, f"c{index}") if 0 < distinct <= MOST_VALUES else {},
    )


def _is_number(convention: tuple[str, str]) -> str:
    stated = FileFormat.model_validate({"decimal": convention[0], "thousands": convention[1]})
    return f"{decimal('text', stated)} is not null"


def _reads(layout: str) -> str:
    """Whether a text is a day of our time by a layout; a bare number is none, unless it has a day's form."""
    column = Column.model_validate({"from": "text", "format": [] if layout == ISO else [layout]})
    value = instant("text", column, Surroundings("UTC", "EUR", FileFormat()))
    form = {
        ISO: r"regexp_matches(text, '^\d{4}-\d\d-\d\d')",
        "unix": r"regexp_full_match(text, '1\d{9}(\.\d+)?')",
        "excel": r"regexp_full_match(text, '[2-6]\d{4}([.,]\d+)?')",
        "%Y%m%d": r"regexp_full_match(text, '\d{8}')",
        "%Y%m%d%H%M%S": r"regexp_full_match(text, '\d{14}')",
    }.get(layout, "true")
    # Two digits of a year are no four of them.
    years = r"regexp_matches(text, '\d{4}')" if "%Y" in layout else "true"
    return f"{form} and {years} and year({value}) between {EARLIEST} and {LATEST}"


def _values(connection: "DuckDBPyConnection", sql: str) -> dict[str, int]:
    rows = connection.execute(
        f"select {clean(sql)} as text, count(*) as rows from file_rows where text is not null "
        "group by text order by rows desc, text"
    ).fetchall()
    return {str(text): count for text, count in rows}


def convention_of(found: Sequence[Profile]) -> tuple[tuple[str, str], bool]:
    """Decimal sign and thousands separator by which most columns are numbers; whether another sign would do too."""
    merits = {
        each: sum(profile.numbers.get(each, 0) for profile in found if profile.is_number(each))
        for each in CONVENTIONS
    }
    best = max(CONVENTIONS, key=lambda each: merits[each])
    rivals = [each for each in CONVENTIONS if each[0] != best[0] and merits[each] == merits[best]]
    has_signs = any(profile.is_number(best) and profile.signed for profile in found)
    return best, bool(rivals) and has_signs


def parts_of(connection: "DuckDBPyConnection", profile: Profile, separator: str) -> dict[str, int]:
    """The choices in cells of several, each with how often it was made."""
    rows = connection.execute(
        f"""
        select part, count(*) as rows
        from (select trim(unnest(string_split({clean(profile.sql)}, {literal(separator)}))) as part from file_rows)
        where part <> ''
        group by part
        order by rows desc, part
        limit {MOST_VALUES}
        """
    ).fetchall()
    return {str(part): count for part, count in rows}
