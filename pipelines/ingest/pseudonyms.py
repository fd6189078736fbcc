"""Pseudonyms: HMAC-SHA256 over id space and identifier, computed in DuckDB once per distinct identifier.

Nothing else of an identifier leaves the ingest stage. RFC 2104 gives the construction.
"""

import hashlib
import hmac
from collections.abc import Mapping
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


def keyed_hash(message: str) -> str:
    """HMAC-SHA256 over a text as SQL; the statement takes `pads` of the secret as its parameters."""
    return f"sha256($outer || unhex(sha256($inner || encode({message}))))"


def pads(secret: bytes) -> dict[str, bytes]:
    """The secret as `keyed_hash` takes it: padded to a block, once for each of the two hashes."""
    key = secret if len(secret) <= BLOCK_BYTES else hashlib.sha256(secret).digest()
    key = key.ljust(BLOCK_BYTES, b"\0")
    return {name: bytes(byte ^ pad for byte in key) for name, pad in (("inner", 0x36), ("outer", 0x5C))}


def create_people(
    connection: "DuckDBPyConnection", secret: bytes, table: str, id_spaces: Mapping[str, str]
) -> None:
    """The table `people` (id_space, identifier, identifier_key) of the distinct identifiers in columns of a table.

    `id_spaces` says for each of these columns which set of identifiers it is of.
    """
    columns = " union ".join(
        f"select {literal(id_space)} as id_space, {column} as identifier from {table} where {column} is not null"
        for column, id_space in id_spaces.items()
    )
    nobody = "select null::varchar as id_space, null::varchar as identifier where false"
    connection.execute(
        f"""
        create table people as
        with identifiers as (select distinct * from ({columns or nobody}))
        select
            id_space,
            identifier,
            {keyed_hash(f"id_space || {literal(SEPARATOR)} || identifier")} as identifier_key
        from identifiers
        """,
        pads(secret),
    )
