"""The contract of an extract: what a company says about its files.

Holds the models that validate one entry below `extracts:`, key by key. Rules that need several keys are in
`contract_rules.py`; opening a file belongs to neither.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pipelines.ingest.kinds import KINDS, Kind
from pipelines.ingest.presets import with_preset

_NOT_PARSING = {
    "on_problem", "max_rejected_share", "delivery", "notices", "accepted_until", "every", "refunds_of", "survey",
}  # fmt: skip
# What decides about files and runs, not about which rows a file gives.
PARSER_VERSION = 5
# Raised whenever the same file and contract would give other rows, so that known files are read again.


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
    """How the file is written; what is not stated is told from the file and noted in its manifest."""

    type: Literal["auto", "csv", "ndjson", "parquet", "spreadsheet"] = "auto"
    delimiter: str | None = Field(default=None, pattern=r"^(blanks|[^\w\s\"'.]|\t)$")
    quote: str = Field(default='"', pattern=r"^.?$")
    decimal: Literal[".", ","] = "."
    thousands: Literal[".", ",", "'", " ", ""] = ""
    encoding: str | None = None
    header_rows: int = Field(default=1, ge=0, le=9)
    names_row: Annotated[int, Field(ge=1, le=9)] | Literal["joined"] = 1
    sheet: str | None = None
    time_zone: str | None = None
    question_column: str | None = None
    answer_column: str | None = None
    response_columns: tuple[str, ...] = ()
    answer_separator: str = ";"
    rate_means: Literal["company_per_foreign", "foreign_per_company"] = "company_per_foreign"


class LeftOut(Strict):
    """Rows that the company does not want counted, such as previews: by the values of one column."""

    column: str | int
    reason: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    values: Texts = ()
    unless: Texts = ()


Step = Literal["trim", "lower", "strip_zeros", "strip_decimal", "strip_apostrophe", "email", "phone"]


class Column(Strict):
    """Where a column of ours comes from: a column of theirs or a constant, and how its cells are written."""

    source: str | int | None = Field(default=None, alias="from")
    value: str | None = None
    missing: Texts = ()
    format: Annotated[tuple[str, ...], BeforeValidator(_one_or_many)] = ()
    time_zone: str | None = None
    map: Words = Field(default_factory=dict)
    patterns: Words = Field(default_factory=dict)
    id_space: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]*$")
    normalise: Annotated[tuple[Step, ...] | None, BeforeValidator(_one_or_many)] = None

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, data: Any) -> Any:
        """`order_id: Bestellnummer` is short for `order_id: {from: Bestellnummer}`."""
        return {"from": data} if isinstance(data, str | int) else data


@dataclass(frozen=True)
class Identifier:
    """How a mapped column identifies people: the set of identifiers that it is of, and the steps to their one form."""

    id_space: str
    steps: tuple[str, ...]


class Question(Strict):
    """One question of a survey: what it asks for and how its answers are written."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    column: str | int | None = None
    columns: Words = Field(default_factory=dict)
    construct_name: Literal[
        "recommend", "overall_satisfaction", "repurchase", "willingness_to_recommend",
        "effort", "driver", "reason", "likert", "comment",
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
    not_chosen: Texts = ("0", "false", "no", "nein")

    @property
    def source_columns(self) -> tuple[str | int, ...]:
        """Their columns that this question reads: one, or one per choice."""
        return tuple(self.columns) if self.column is None else (self.column,)

    @property
    def is_scored(self) -> bool:
        return self.construct_name not in ("reason", "comment")

    @property
    def is_comment(self) -> bool:
        return self.construct_name == "comment"


NoticeName = Literal[
    "repeated_delivery", "changed_file", "shrunk_file", "changed_columns", "missing_delivery", "lost_zeros"
]
Policy = Literal["error", "warn"]
POLICIES: dict[NoticeName, Policy] = {
    "repeated_delivery": "warn",
    "changed_file": "warn",
    "shrunk_file": "error",
    "changed_columns": "warn",
    "missing_delivery": "warn",
    "lost_zeros": "warn",
}


class Extract(Strict):
    """One entry below `extracts:`."""

    kind: Literal[
        "orders", "order_lines", "refunds", "fx_rates", "customers", "customer_links", "survey_responses",
        "survey_invitations", "subscriptions",
    ]  # fmt: skip
    preset: Literal["qualtrics", "surveymonkey", "shopify"] | None = None
    files: str = Field(min_length=1)
    delivery: Literal["increment", "changes", "full"] = "increment"
    key: tuple[str, ...]
    initial_load: bool = False
    on_problem: Policy = "error"
    notices: dict[NoticeName, Policy] = Field(default_factory=dict)
    accepted_until: date | None = None
    every: Literal["day", "week", "month", "quarter"] | None = None
    max_rejected_share: float = Field(default=0.01, ge=0, le=1)
    format: FileFormat = FileFormat()
    leave_out: tuple[LeftOut, ...] = ()
    refunds_of: str | None = None
    survey: str | None = None
    columns: dict[str, Column]
    attributes: Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")], str | int], Field(default_factory=dict)
    ]
    questions: tuple[Question, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _key_none(cls, data: Any) -> Any:
        """`key: none` says that equal rows are separate events; a key left out says nothing and is an error."""
        if isinstance(data, dict):
            data = with_preset(data)
        if isinstance(data, dict) and data.get("key", ...) in ("none", None):
            return {**data, "key": ()}
        return data

    @property
    def spec(self) -> Kind:
        return KINDS[self.kind]

    @property
    def identifiers(self) -> dict[str, Identifier]:
        """The mapped columns that identify people, in the order in which they are asked; what is not stated is ours."""
        return {
            name: Identifier(
                mapped.id_space or spec.id_space,
                spec.normalise if mapped.normalise is None else mapped.normalise,
            )
            for name, spec in self.spec.columns.items()
            if spec.type == "identifier" and (mapped := self.columns.get(name)) is not None
        }

    @property
    def belongs_to(self) -> str | None:
        """The extract without which this one says nothing: whose orders are refunded, whose survey is sent."""
        return self.refunds_of or self.survey

    def policy(self, notice: NoticeName, since: date) -> Policy:
        """Whether something odd about the deliveries stops the run or is only told; what was accepted is only told."""
        if self.accepted_until is not None and since <= self.accepted_until:
            return "warn"
        return self.notices.get(notice, POLICIES[notice])

    def contract_hash(self, time_zone: str, currency: str) -> str:
        """A hash of all that decides which rows a file gives; company-wide defaults enter, as they decide too."""
        parts = self.model_dump_json(by_alias=True, exclude=_NOT_PARSING)
        return hashlib.sha256(f"{PARSER_VERSION}|{time_zone}|{currency}|{parts}".encode()).hexdigest()[:16]
