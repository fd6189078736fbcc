"""The kinds of extract: which columns each may have, of which type, and the raw tables that it gives.

One table of facts, read by the contract (what may be mapped), the typing of cells and the build (typed empty
tables). What must stay out: SQL and files.
"""

from dataclasses import dataclass, field
from typing import Literal

CellType = Literal["text", "word", "timestamp", "decimal", "rate", "identifier", "currency", "status"]

ORDER_STATUSES = ("completed", "cancelled", "cancellation", "not_a_sale")
# cancelled: this sale was called off; cancellation: a document of its own that takes a sale back.
INVITATION_STATUSES = ("sent", "bounced", "not_contacted")
# bounced: the address did not take it; not_contacted: chosen, but kept back for want of consent or for quarantine.


@dataclass(frozen=True)
class ColumnSpec:
    """A column that a kind may have; `values` lists what a status may become, first what an empty one is.

    `has_default` is whether a currency that is not stated is the company's; else it is told by something else.
    `id_space` and `normalise` are what an identifier has where the contract states neither.
    """

    type: CellType
    is_required: bool = False
    values: tuple[str, ...] = ()
    has_default: bool = True
    id_space: str = "customer"
    normalise: tuple[str, ...] = ()


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


IDENTITY = {"extract": "text", "file_id": "text", "line": "bigint", "known_on": "date"}
_IDENTIFIERS = {
    "customer_id": ColumnSpec("identifier"),
    "account_id": ColumnSpec("identifier", id_space="account"),
    "email": ColumnSpec("identifier", id_space="email", normalise=("email",)),
    "phone": ColumnSpec("identifier", id_space="phone", normalise=("phone",)),
}
_KNOWN_IDENTIFIERS = {**_IDENTIFIERS, "customer_id": ColumnSpec("identifier", is_required=True)}
KEYS_BY_COLUMN = {
    "account_id": "account_key",
    "email": "email_key",
    "phone": "phone_key",
    "linked_id": "linked_key",
}
# The raw column for the pseudonym of each; `identifier_key` is that of the first identifier that a row has.
_PERSON = dict.fromkeys(("id_space", "identifier_key", "account_key", "email_key", "phone_key"), "text")
_STATUS = ColumnSpec("status", values=ORDER_STATUSES)
_PARTS_OF_PRICE = ("tax_amount", "shipping_amount", "discount_amount")
_PARTS = dict.fromkeys(_PARTS_OF_PRICE, ColumnSpec("decimal"))
_PART_TYPES = dict.fromkeys(_PARTS_OF_PRICE, "decimal(18,4)")

KINDS: dict[str, Kind] = {
    "orders": Kind(
        key=("order_id",),
        columns={
            "order_id": ColumnSpec("text"),
            **_IDENTIFIERS,
            "ordered_at": ColumnSpec("timestamp", is_required=True),
            "gross_amount": ColumnSpec("decimal", is_required=True),
            "refunded_amount": ColumnSpec("decimal"),
            **_PARTS,
            "currency": ColumnSpec("currency"),
            "status": _STATUS,
            "channel": ColumnSpec("word"),
        },
        tables={
            "orders": {
                **IDENTITY, "order_id": "text", **_PERSON, "ordered_at": "timestamp", "ordered_date": "date",
                "gross_amount": "decimal(18,4)", "refunded_amount": "decimal(18,4)", **_PART_TYPES,
                "currency": "text", "status": "text", "channel": "text",
            },
        },
        event="ordered_date",
    ),
    "order_lines": Kind(
        key=("order_id", "product_id"),
        columns={
            "order_id": ColumnSpec("text", is_required=True),
            **_IDENTIFIERS,
            "ordered_at": ColumnSpec("timestamp", is_required=True),
            "product_id": ColumnSpec("text"),
            "quantity": ColumnSpec("decimal"),
            "unit_price": ColumnSpec("decimal"),
            "line_amount": ColumnSpec("decimal"),
            **_PARTS,
            "currency": ColumnSpec("currency"),
            "status": _STATUS,
            "channel": ColumnSpec("word"),
        },
        tables={
            "order_lines": {
                **IDENTITY, "order_id": "text", **_PERSON, "ordered_at": "timestamp", "ordered_date": "date",
                "product_id": "text", "quantity": "decimal(18,4)", "unit_price": "decimal(18,4)",
                "line_amount": "decimal(18,4)", **_PART_TYPES, "currency": "text", "status": "text",
                "channel": "text",
            },
        },
        event="ordered_date",
    ),
    "refunds": Kind(
        key=("refund_id",),
        columns={
            "refund_id": ColumnSpec("text"),
            "order_id": ColumnSpec("text", is_required=True),
            "refunded_at": ColumnSpec("timestamp", is_required=True),
            "refund_amount": ColumnSpec("decimal", is_required=True),
            # Not stated it is that of the order.
            "currency": ColumnSpec("currency", has_default=False),
            "reason": ColumnSpec("word"),
        },
        tables={
            "refunds": {
                **IDENTITY, "refund_id": "text", "order_id": "text", "refunded_at": "timestamp",
                "refunded_date": "date", "refund_amount": "decimal(18,4)", "currency": "text", "reason": "text",
            },
        },
    ),
    "fx_rates": Kind(
        key=("currency", "rate_date"),
        columns={
            "currency": ColumnSpec("currency", is_required=True, has_default=False),
            "rate_date": ColumnSpec("timestamp", is_required=True),
            "rate": ColumnSpec("rate", is_required=True),
        },
        tables={
            "fx_rates": {**IDENTITY, "currency": "text", "rate_date": "date", "rate": "decimal(18,8)"},
        },
    ),
    "customers": Kind(
        key=("customer_id",),
        columns={
            **_KNOWN_IDENTIFIERS,
            "registered_at": ColumnSpec("timestamp"),
            "valid_from": ColumnSpec("timestamp"),
        },
        tables={
            "customers": {
                **IDENTITY, **_PERSON, "registered_at": "timestamp", "registered_date": "date",
                "valid_from_date": "date",
            },
            "customer_attributes": {
                **IDENTITY, "identifier_key": "text", "valid_from_date": "date", "attribute": "text", "value": "text",
            },
        },
    ),
    # Which identifiers are one person's, and when: merged accounts, a customer's old and new number.
    "customer_links": Kind(
        key=("customer_id", "linked_id"),
        columns={
            "customer_id": ColumnSpec("identifier", is_required=True),
            "linked_id": ColumnSpec("identifier", is_required=True),
            "valid_from": ColumnSpec("timestamp"),
            "valid_until": ColumnSpec("timestamp"),
        },
        tables={
            "customer_links": {
                **IDENTITY, "id_space": "text", "identifier_key": "text", "linked_id_space": "text",
                "linked_key": "text", "valid_from_date": "date", "valid_until_date": "date",
            },
        },
    ),
    "survey_responses": Kind(
        key=("response_id",),
        columns={
            "response_id": ColumnSpec("text"),
            **_IDENTIFIERS,
            "responded_at": ColumnSpec("timestamp", is_required=True),
            "channel": ColumnSpec("word"),
            "touchpoint": ColumnSpec("word"),
        },
        tables={
            "survey_responses": {
                **IDENTITY, "response_id": "text", **_PERSON, "responded_at": "timestamp",
                "responded_date": "date", "channel": "text", "touchpoint": "text",
            },
            "survey_answers": {
                "extract": "text", "file_id": "text", "line": "bigint", "question": "text", "score": "integer",
                "choice": "text", "is_missing": "boolean",
            },
        },
        event="responded_date",
    ),
    "survey_invitations": Kind(
        key=("invitation_id",),
        columns={
            "invitation_id": ColumnSpec("text"),
            **_IDENTIFIERS,
            "invited_at": ColumnSpec("timestamp", is_required=True),
            "status": ColumnSpec("status", values=INVITATION_STATUSES),
        },
        tables={
            "survey_invitations": {
                **IDENTITY, "invitation_id": "text", **_PERSON, "invited_at": "timestamp", "invited_date": "date",
                "status": "text",
            },
        },
    ),
    "subscriptions": Kind(
        key=("subscription_id",),
        columns={
            "subscription_id": ColumnSpec("text"),
            **_KNOWN_IDENTIFIERS,
            "started_at": ColumnSpec("timestamp", is_required=True),
            "ended_at": ColumnSpec("timestamp"),
            "monthly_amount": ColumnSpec("decimal"),
            "currency": ColumnSpec("currency"),
            "plan": ColumnSpec("word"),
        },
        tables={
            "subscriptions": {
                **IDENTITY, "subscription_id": "text", **_PERSON, "started_at": "timestamp", "started_date": "date",
                "ended_at": "timestamp", "ended_date": "date", "monthly_amount": "decimal(18,4)", "currency": "text",
                "plan": "text",
            },
        },
    ),
}  # fmt: skip

REJECTED_COLUMNS = {
    "extract": "text", "file_id": "text", "line": "bigint", "column_name": "text", "reason": "text", "value": "text",
}  # fmt: skip
