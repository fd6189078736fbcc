"""Pseudonyms: HMAC-SHA256 over id space and identifier, computed in DuckDB once per distinct identifier.

Nothing else of an identifier leaves the ingest stage. RFC 2104 gives the construction.
"""

import hashlib
import hmac
from typing import TYPE_CHECKING

from pipelines.ingest.expressions import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BLOCK_BYTES = 64
# The block of SHA-256, to which HMAC pads its key.
SEPARATOR = "\x1f"
# No id space holds it, so that no two pairs of space and identifier give the same text.


def identifier_key(secret: bytes, id_space: str, identifier: str) -> str:
    """The pseudonym of one normalised identifier, as 64 hexadecimal digits."""
    message = f"{id_space}{SEPARATOR}{identifier}".encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def secret_fingerprint(secret: bytes) -> str:
    """Tells whether two runs had the same secret, and nothing about it."""
    return hmac.new(secret, b"treue secret fingerprint", hashlib.sha256).hexdigest()[:16]


def create_people(
    connection: "DuckDBPyConnection", secret: bytes, id_space: str, table: str, column: str
) -> None:
    """The table `people` (identifier, identifier_key) of the distinct identifiers in a column."""
    key = secret if len(secret) <= BLOCK_BYTES else hashlib.sha256(secret).digest()
    key = key.ljust(BLOCK_BYTES, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in key) for pad in (0x36, 0x5C))
    prefix = literal(id_space + SEPARATOR)
    connection.execute(
        f"""
        create table people as
        with identifiers as (select distinct {column} as identifier from {table} where {column} is not null)
        select
            identifier,
            sha256($outer || unhex(sha256($inner || encode({prefix} || identifier)))) as identifier_key
        from identifiers
        """,
        {"inner": inner, "outer": outer},
    )
