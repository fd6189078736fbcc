"""The kinds of extract: which columns each may have, of which type, and the raw tables that it gives.

One table of facts, read by the contract (what may be mapped), the typing of cells and the build (typed empty
tables). What must stay out: SQL and files.
"""

from dataclasses import dataclass, field
from typing import Literal

CellType = Literal["text", "word", "timestamp", "decimal", "identifier", "currency", "status"]

ORDER_STATUSES = ("completed", "cancelled", "cancellation", "not_a_sale")
# cancelled: this sale was called off; cancellation: a document of its own that takes a sale back.


@dataclass(frozen=True)
class ColumnSpec:
    """A column that a kind may have; `values` lists what a status may become."""

    type: CellType
    is_required: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of extract: its columns, what may be its key, and its raw tables with their SQL types."""

    columns: dict[str, ColumnSpec]
    key: tuple[str, ...]
    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    event: str | None = None

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(name for name, column in self.columns.items() if column.is_required)


_IDENTITY = {"extract": "text", "file_id": "text", "line": "bigint", "known_on": "date"}
_PERSON = {"id_space": "text", "identifier_key": "text"}
_STATUS = ColumnSpec("status", values=ORDER_STATUSES)

KINDS: dict[str, Kind] = {
    "orders": Kind(
        key=("order_id",),
        columns={
            "order_id": ColumnSpec("text"),
            "customer_id": ColumnSpec("identifier"),
            "ordered_at": ColumnSpec("timestamp", is_required=True),
            "gross_amount": ColumnSpec("decimal", is_required=True),
            "refunded_amount": ColumnSpec("decimal"),
            "currency": ColumnSpec("currency"),
            "status": _STATUS,
            "channel": ColumnSpec("word"),
        },
        tables={
            "orders": {
                **_IDENTITY, "order_id": "text", **_PERSON, "ordered_at": "timestamp", "ordered_date": "date",
                "gross_amount": "decimal(18,4)", "refunded_amount": "decimal(18,4)", "currency": "text",
                "status": "text", "channel": "text",
            },
        },
        event="ordered_date",
    ),
    "order_lines": Kind(
        key=("order_id", "product_id"),
        columns={
            "order_id": ColumnSpec("text", is_required=True),
            "customer_id": ColumnSpec("identifier"),
            "ordered_at": ColumnSpec("timestamp", is_required=True),
            "product_id": ColumnSpec("text"),
            "quantity": ColumnSpec("decimal"),
            "unit_price": ColumnSpec("decimal"),
            "line_amount": ColumnSpec("decimal"),
            "currency": ColumnSpec("currency"),
            "status": _STATUS,
            "channel": ColumnSpec("word"),
        },
        tables={
            "order_lines": {
                **_IDENTITY, "order_id": "text", **_PERSON, "ordered_at": "timestamp", "ordered_date": "date",
                "product_id": "text", "quantity": "decimal(18,4)", "unit_price": "decimal(18,4)",
                "line_amount": "decimal(18,4)", "currency": "text", "status": "text", "channel": "text",
            },
        },
        event="ordered_date",
    ),
    "customers": Kind(
        key=("customer_id",),
        columns={
            "customer_id": ColumnSpec("identifier", is_required=True),
            "registered_at": ColumnSpec("timestamp"),
        },
        tables={
            "customers": {**_IDENTITY, **_PERSON, "registered_at": "timestamp", "registered_date": "date"},
            "customer_attributes": {**_IDENTITY, "identifier_key": "text", "attribute": "text", "value": "text"},
        },
    ),
    "survey_responses": Kind(
        key=("response_id",),
        columns={
            "response_id": ColumnSpec("text"),
            "customer_id": ColumnSpec("identifier"),
            "responded_at": ColumnSpec("timestamp", is_required=True),
            "channel": ColumnSpec("word"),
            "touchpoint": ColumnSpec("word"),
        },
        tables={
            "survey_responses": {
                **_IDENTITY, "response_id": "text", **_PERSON, "responded_at": "timestamp",
                "responded_date": "date", "channel": "text", "touchpoint": "text",
            },
            "survey_answers": {
                "extract": "text", "file_id": "text", "line": "bigint", "question": "text", "score": "integer",
                "choice": "text",
            },
        },
        event="responded_date",
    ),
}  # fmt: skip

REJECTED_COLUMNS = {
    "extract": "text", "file_id": "text", "line": "bigint", "column_name": "text", "reason": "text", "value": "text",
}  # fmt: skip
