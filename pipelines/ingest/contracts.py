"""The contract of an extract: what a company says about its files, and which of it can't be meant.

Holds the models that validate one entry below `extracts:` and the rules that need several of its keys. What must
stay out: opening a file.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pipelines.ingest.kinds import KINDS, Kind
from pipelines.settings_file import SettingsFault, unknown_key

PARSER_VERSION = 1
# Raised whenever the same file and contract would give other rows, so that known files are read again.
SCI_SCALES = ((0, 10), (1, 10), (1, 7), (1, 5), (1, 4), (0, 1))
# The scales for which the catalogue (3.2) maps scores to the four levels; yes or no is 1 or 0.
CSAT_SCALES = ((0, 10), (1, 10), (1, 7), (1, 6), (1, 5), (1, 4), (1, 3), (0, 1))
# The scales for which the catalogue (3.3) states a top box.


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _words(value: Any) -> Any:
    """Keys and values that YAML took for numbers become the text that stands in the file."""
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else value


def _texts(value: Any) -> Any:
    return [str(item) for item in value] if isinstance(value, list) else value


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Words = Annotated[dict[str, str], BeforeValidator(_words)]
Scores = Annotated[dict[str, int], BeforeValidator(_words)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]


class FileFormat(Strict):
    """How the file is written."""

    type: Literal["csv", "parquet", "spreadsheet"] = "csv"
    delimiter: str = Field(default=",", pattern=r"^(blanks|[^\w\s\"'.]|\t)$")
    quote: str = Field(default='"', pattern=r"^.?$")
    decimal: Literal[".", ","] = "."
    thousands: Literal[".", ",", "'", " ", ""] = ""
    encoding: str = "utf-8"
    header_rows: int = Field(default=1, ge=0, le=1)
    sheet: str | None = None


class Column(Strict):
    """Where a column of ours comes from: a column of theirs or a constant, and how its cells are written."""

    source: str | int | None = Field(default=None, alias="from")
    value: str | None = None
    format: Annotated[tuple[str, ...], BeforeValidator(_one_or_many)] = ()
    time_zone: str | None = None
    map: Words = Field(default_factory=dict)
    patterns: Words = Field(default_factory=dict)
    id_space: str = Field(default="customer", pattern=r"^[a-z][a-z0-9_]*$")
    normalise: Annotated[
        tuple[Literal["trim", "lower", "strip_zeros", "strip_decimal", "strip_apostrophe", "email"], ...],
        BeforeValidator(_one_or_many),
    ] = ()

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, data: Any) -> Any:
        """`order_id: Bestellnummer` is short for `order_id: {from: Bestellnummer}`."""
        return {"from": data} if isinstance(data, str | int) else data


class Question(Strict):
    """One question of a survey: what it asks for and how its answers are written."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    column: str | int
    construct_name: Literal[
        "recommend", "overall_satisfaction", "repurchase", "willingness_to_recommend",
        "effort", "driver", "reason", "likert",
    ] = Field(alias="construct")  # fmt: skip
    scale: tuple[int, int] | None = None
    low_is_good: bool = False
    labels: Scores = Field(default_factory=dict)
    missing: Texts = ()
    version: Literal["1.0", "2.0"] | None = None
    attribute: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]*$")
    scale_name: str | None = None
    separator: str | None = Field(default=None, min_length=1)
    choices: Words = Field(default_factory=dict)

    @property
    def is_scored(self) -> bool:
        return self.construct_name != "reason"


class Extract(Strict):
    """One entry below `extracts:`."""

    kind: Literal["orders", "order_lines", "customers", "survey_responses"]
    files: str = Field(min_length=1)
    delivery: Literal["increment", "changes", "full"] = "increment"
    key: tuple[str, ...] = ()
    initial_load: bool = False
    on_problem: Literal["error", "warn"] = "error"
    max_rejected_share: float = Field(default=0.01, ge=0, le=1)
    format: FileFormat = FileFormat()
    columns: dict[str, Column]
    attributes: Annotated[dict[str, str | int], Field(default_factory=dict)]
    questions: tuple[Question, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _key_none(cls, data: Any) -> Any:
        """`key: none` says that equal rows are separate events."""
        if isinstance(data, dict) and data.get("key", ...) in ("none", None):
            return {**data, "key": ()}
        return data

    @property
    def spec(self) -> Kind:
        return KINDS[self.kind]

    def contract_hash(self, time_zone: str, currency: str) -> str:
        """A hash of all that decides which rows a file gives; company-wide defaults enter, as they decide too."""
        parts = self.model_dump_json(by_alias=True, exclude={"on_problem", "max_rejected_share", "delivery"})
        return hashlib.sha256(f"{PARSER_VERSION}|{time_zone}|{currency}|{parts}".encode()).hexdigest()[:16]


def contract_faults(name: str, extract: Extract) -> Iterator[SettingsFault]:
    """What can't be meant, though each key alone is well formed."""
    here = ("extracts", name)
    spec = extract.spec
    for column in extract.columns:
        if column not in spec.columns:
            yield SettingsFault((*here, "columns", column), unknown_key(column, spec.columns))
    for column in spec.required:
        if column not in extract.columns:
            yield SettingsFault((*here, "columns"), f"{extract.kind} need a column {column!r}, which is not mapped")
    if extract.kind == "order_lines" and "line_amount" not in extract.columns:
        for column in ("quantity", "unit_price"):
            if column not in extract.columns:
                message = f"order_lines need line_amount, or quantity and unit_price; {column!r} is not mapped"
                yield SettingsFault((*here, "columns"), message)
    for column in extract.key:
        if column not in extract.columns:
            yield SettingsFault((*here, "key"), f"{column!r} is not a mapped column; mapped: {', '.join(extract.columns)}")
    if not extract.key and extract.delivery == "changes":
        yield SettingsFault((*here, "key"), "delivery: changes needs a key by which a later row replaces an earlier one")
    if extract.attributes and extract.kind != "customers":
        yield SettingsFault((*here, "attributes"), "only extracts of kind customers have attributes")
    if extract.questions and extract.kind != "survey_responses":
        yield SettingsFault((*here, "questions"), "only extracts of kind survey_responses have questions")
    if extract.kind == "survey_responses" and not extract.questions:
        yield SettingsFault((*here, "questions"), "a survey needs at least one question")
    yield from _format_faults(here, extract)
    yield from _column_faults(here, extract)
    yield from _question_faults(here, extract)


def _format_faults(here: tuple[str, ...], extract: Extract) -> Iterator[SettingsFault]:
    chosen = extract.format
    if chosen.thousands == chosen.decimal:
        yield SettingsFault((*here, "format", "thousands"), "thousands and decimal can't be the same sign")
    try:
        "".encode(chosen.encoding)
    except LookupError:
        message = f"{chosen.encoding!r} is not an encoding; such as utf-8, utf-16, cp1252"
        yield SettingsFault((*here, "format", "encoding"), message)
    if extract.files.startswith("/") or ".." in extract.files.split("/"):
        yield SettingsFault((*here, "files"), "the pattern must stay below landing/: no leading / and no ..")
    if not re.fullmatch(r"[^{}]*(\{delivered:[^{}]+\}[^{}]*)?", extract.files):
        message = "only one placeholder is known, such as {delivered:%Y-%m-%d}"
        yield SettingsFault((*here, "files"), message)


def _column_faults(here: tuple[str, ...], extract: Extract) -> Iterator[SettingsFault]:
    from zoneinfo import available_timezones

    for name, column in extract.columns.items():
        place = (*here, "columns", name)
        if (column.source is None) == (column.value is None):
            yield SettingsFault(place, "needs either from (a column of the file) or value (a constant)")
        if column.map and column.patterns:
            yield SettingsFault(place, "takes map or patterns, not both")
        if column.time_zone is not None and column.time_zone not in available_timezones():
            yield SettingsFault((*place, "time_zone"), f"{column.time_zone!r} is not a time zone of the IANA list")
        for pattern in column.patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                yield SettingsFault((*place, "patterns", pattern), f"not a regular expression: {error}")
        allowed = extract.spec.columns.get(name)
        targets = {**column.map, **column.patterns}
        for theirs, ours in targets.items():
            if allowed is not None and allowed.values and ours not in allowed.values:
                message = f"{ours!r} is not allowed; allowed: {', '.join(allowed.values)}"
                yield SettingsFault((*place, "map" if column.map else "patterns", theirs), message)


def _question_faults(here: tuple[str, ...], extract: Extract) -> Iterator[SettingsFault]:
    seen: set[tuple[str, ...]] = set()
    for index, question in enumerate(extract.questions):
        place = (*here, "questions", index)
        once = {("id", question.id)}
        if question.construct_name not in ("driver", "likert", "reason"):
            once.add(("construct", question.construct_name))
        if question.construct_name == "driver":
            once.add(("attribute", question.attribute or ""))
        for mark in sorted(once & seen):
            yield SettingsFault((*place, mark[0]), f"{mark[1]!r} stands already in another question of this survey")
        seen |= once
        yield from _construct_faults(place, question)


def _construct_faults(place: tuple[str | int, ...], question: Question) -> Iterator[SettingsFault]:
    scale = question.scale
    if question.is_scored and scale is None:
        yield SettingsFault((*place, "scale"), f"a question of construct {question.construct_name} needs its scale, such as [0, 10]")
    if scale is not None and scale[0] >= scale[1]:
        yield SettingsFault((*place, "scale"), "the scale's first end must be the lower one")
    if question.construct_name == "recommend" and scale not in (None, (0, 10)):
        yield SettingsFault((*place, "scale"), "recommend is asked from 0 to 10; another scale is another metric (likert)")
    if question.construct_name == "overall_satisfaction" and scale is not None and scale not in CSAT_SCALES:
        yield SettingsFault((*place, "scale"), f"no top box is defined for it; defined: {list(map(list, CSAT_SCALES))}")
    if question.construct_name in ("repurchase", "willingness_to_recommend") and scale is not None and scale not in SCI_SCALES:
        yield SettingsFault((*place, "scale"), f"no levels are defined for it; defined: {list(map(list, SCI_SCALES))}")
    for text, score in question.labels.items():
        if scale is not None and not scale[0] <= score <= scale[1]:
            yield SettingsFault((*place, "labels", text), f"{score} lies outside the scale {list(scale)}")
    if question.construct_name == "driver" and question.attribute is None:
        yield SettingsFault(place, "a driver needs the attribute that it rates")
    if question.construct_name == "effort" and question.version is None:
        yield SettingsFault(place, 'effort needs its version, "1.0" or "2.0": the two must never meet in one series')
    if question.construct_name == "likert" and question.scale_name is None:
        yield SettingsFault(place, "a likert item needs the scale_name of the scale that it belongs to")
    if question.construct_name == "reason" and not question.choices:
        yield SettingsFault(place, "a reason needs its choices (their text: our id); free text may tell who wrote it")
