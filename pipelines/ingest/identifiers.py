"""What betrays that a spreadsheet rewrote identifiers: lost leading zeros, apostrophes in front, a `.0` at the end.

No single value tells: `421` may be somebody's number. So it is counted per column, kept in the manifest and told.
What must stay out: identifiers whose digits are gone, which reject their row (`cells.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines.ingest.contracts import Extract

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOSTLY = 0.9
# Fewer numbers among the values than this, and lengths say nothing: such identifiers have no fixed one.
FIRST_ROWS = 10_000
# Enough that one value among them shows how the column was written.

Looks = list[tuple[int, str, int]]


@dataclass(frozen=True)
class Shape:
    """How the values of a column look; numbers are counted by their length, those that begin with a zero apart."""

    values: int = 0
    apostrophes: int = 0
    decimals: int = 0
    padded: dict[str, int] = field(default_factory=dict)
    plain: dict[str, int] = field(default_factory=dict)

    @property
    def are_numbers(self) -> bool:
        others = self.values - self.apostrophes - self.decimals
        return sum((*self.padded.values(), *self.plain.values())) >= MOSTLY * others > 0

    @property
    def longest(self) -> int:
        return max((int(length) for length in (*self.padded, *self.plain)), default=0)

    @property
    def filled_to(self) -> int | None:
        """The one length to which zeros fill the numbers; none if zeros stand before numbers of several lengths."""
        lengths = {int(length) for length in self.padded}
        return self.longest if self.are_numbers and lengths == {self.longest} else None

    def shorter_than(self, length: int) -> dict[int, int]:
        return {int(each): count for each, count in sorted(self.plain.items()) if int(each) < length}


def identifier_shapes(connection: "DuckDBPyConnection", extract: Extract) -> dict[str, Shape]:
    """The shapes of the mapped identifiers and text keys in `typed`, as they are after their normalisation."""
    return {
        column: _shape(connection, f"v_{column}")
        for column, mapped in extract.columns.items()
        if mapped.source is not None and extract.spec.columns[column].type in ("identifier", "text")
    }


def _shape(connection: "DuckDBPyConnection", value: str) -> Shape:
    """One quick pass, in which what begins with a digit is taken for a number; where it matters, a second one."""
    looks = _looks(connection, value, "true")
    ends = f"ends_with({value}, '.0') or ends_with({value}, ',0')"
    # Where numbers were taken for fractions all of them were, so the first rows tell whether to look at the others.
    first = f"(select {value} from typed where {value} is not null limit {FIRST_ROWS})"
    (is_fraction,) = connection.execute(f"select coalesce(bool_or({ends}), false) from {first}").fetchall()[0]
    decimals = 0
    if is_fraction:
        (decimals,) = connection.execute(f"select count(*) from typed where {ends}").fetchall()[0]
    shape = _counted(looks, looks, decimals)
    if decimals or (shape.filled_to and shape.shorter_than(shape.filled_to)):
        shape = _counted(looks, _looks(connection, value, rf"regexp_full_match({value}, '\d+')"), decimals)
    return shape


def _looks(connection: "DuckDBPyConnection", value: str, condition: str) -> Looks:
    """How many values there are by length and first sign."""
    return connection.execute(
        f"""
        select strlen({value}) as length, chr(ascii({value})) as first_sign, count(*) as row_count
        from typed
        where {value} is not null and {condition}
        group by strlen({value}), ascii({value})
        order by all
        """
    ).fetchall()


def _counted(looks: Looks, numbers: Looks, decimals: int) -> Shape:
    padded: dict[str, int] = {}
    plain: dict[str, int] = {}
    for length, first_sign, count in numbers:
        if first_sign == "0" and length > 1:
            padded[str(length)] = padded.get(str(length), 0) + count
        elif first_sign in "123456789":
            plain[str(length)] = plain.get(str(length), 0) + count
    values = sum(count for *_, count in looks)
    apostrophes = sum(count for _, first_sign, count in looks if first_sign == "'")
    return Shape(values, apostrophes, decimals, padded, plain)


def rewritten(shapes: dict[str, Shape], extract: Extract) -> Iterator[str]:
    """What one file betrays by itself, in sentences."""
    for column, shape in shapes.items():
        what = f"of {shape.values} values of `{column}`"
        if shape.apostrophes:
            remedy = _remedy(column, "strip_apostrophe", extract)
            yield f"{shape.apostrophes} {what} begin with an apostrophe: {remedy}"
        if shape.decimals:
            yield f"{shape.decimals} {what} end in .0: {_remedy(column, 'strip_decimal', extract)}"
        if shape.filled_to:
            yield from _shorter(column, shape, shape.filled_to, "the others", extract)


def beside(column: str, shape: Shape, length: int | None, witness: str, extract: Extract) -> Iterator[str]:
    """What one file betrays beside another one of its extract, which fills the same column with zeros to a length."""
    if length is not None and shape.are_numbers and not shape.padded and shape.longest <= length:
        yield from _shorter(column, shape, length, f"those of {witness}", extract)


def _shorter(column: str, shape: Shape, length: int, others: str, extract: Extract) -> Iterator[str]:
    shorter = shape.shorter_than(length)
    if shorter:
        lengths = " or ".join(map(str, shorter))
        yield (
            f"{sum(shorter.values())} of {shape.values} values of `{column}` have {lengths} digits, and zeros fill "
            f"{others} to {length}: leading zeros may be lost; {_remedy(column, 'strip_zeros', extract)}"
        )


def _remedy(column: str, step: str, extract: Extract) -> str:
    if extract.spec.columns[column].type == "identifier":
        return f"state normalise: {step}"
    return "have the column exported as text"
