"""Rows that are left out because somebody in them was erased: found by the suppression list, before anything is kept.

What must stay out: who is on the list (`privacy/suppression.py`).
"""

from typing import TYPE_CHECKING

from pipelines.ingest.contracts import Extract
from pipelines.ingest.expressions import literal
from pipelines.ingest.pseudonyms import SEPARATOR, keyed_hash, pads
from pipelines.privacy.suppression import CONTEXT, Suppression

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DOCUMENTS = {
    "orders": "order_id",
    "order_lines": "order_id",
    "refunds": "order_id",
    "survey_responses": "response_id",
    "survey_invitations": "invitation_id",
}
# By kind, what ties a row to a person whom it does not name: the refund of an order, a line without a customer.


def create_erased(
    connection: "DuckDBPyConnection", name: str, extract: Extract, suppression: Suppression
) -> None:
    """The table `erased` (line) of the rows in `typed` of which anybody, or the document, is on the list."""
    connection.execute("create or replace table erased (line bigint)")
    for secret, marks in suppression.sections:
        connection.execute("create or replace temp table marks as select unnest($1) as mark", [sorted(marks)])
        _find_people(connection, extract, secret)
        if extract.kind in DOCUMENTS and DOCUMENTS[extract.kind] in extract.columns:
            _find_documents(
                connection, extract.belongs_to if extract.kind == "refunds" else name, extract, secret
            )


def _find_people(connection: "DuckDBPyConnection", extract: Extract, secret: bytes) -> None:
    key = keyed_hash(f"id_space || {literal(SEPARATOR)} || identifier")
    connection.execute(
        f"""
        create or replace temp table suppressed as
        select id_space, identifier
        from (select id_space, identifier, {key} as identifier_key from people)
        where {_mark("identifier_key")} in (select mark from marks)
        """,
        pads(secret),
    )
    for column, identifier in extract.identifiers.items():
        connection.execute(
            f"insert into erased select line from typed where v_{column} in "
            f"(select identifier from suppressed where id_space = {literal(identifier.id_space)})"
        )


def _find_documents(
    connection: "DuckDBPyConnection", whose: str | None, extract: Extract, secret: bytes
) -> None:
    """Rows that name nobody and are of a marked document; one that names somebody else is that person's."""
    column = f"v_{DOCUMENTS[extract.kind]}"
    nobody = " and ".join(["true", *(f"v_{each} is null" for each in extract.identifiers)])
    text = f"{literal(f'{whose}{SEPARATOR}')} || document"
    connection.execute(
        f"""
        insert into erased
        with documents as (select distinct {column} as document from typed where {nobody} and {column} is not null),
        suppressed as (select document from documents where {_mark(text)} in (select mark from marks))
        select line from typed where {nobody} and {column} in (select document from suppressed)
        """,
        pads(secret),
    )


def _mark(text: str) -> str:
    return keyed_hash(f"{literal(CONTEXT + SEPARATOR)} || {text}")
