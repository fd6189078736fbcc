"""All that readers read, brought from one release to the next together: the file, and the database beside it.

A new file is written and verified first, and the database is loaded from exactly that file, beside what its readers
have. Only then both are swapped in, the file first: what it says is what happened. A target that cannot be made ready
keeps every other one from moving.
What must stay out: what the new file holds, and the record of releases.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipelines.publish.descriptions import RELEASES, PublishedTable
from pipelines.publish.duckdb_file import SCHEMA, Source, attached, file_tables, swap_in
from pipelines.publish.postgres import PostgresTarget, connected, drop_old, load, readers_release, swap
from pipelines.publish.postgres_tables import PostgresFault
from pipelines.refusal import Refusal

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection

NEW = "new"
# The new file as a catalog of the connection that the database is loaded from.

ATTEMPTS_TO_DROP = 12
# Each looks for some seconds for a moment in which nobody reads the old tables: about a minute in all.


class StillRead(Refusal):
    """Tables of before that somebody reads, or has built upon, where they must go."""


class TargetBehind(Refusal):
    """The file carries a release, and the database does not."""


def bring_out(
    new_file: Path, published_file: Path, postgres: PostgresTarget | None, now: Mapping[str, PublishedTable]
) -> None:
    """Put a verified new file before the readers, and the same tables before those of the database."""
    if postgres is None:
        swap_in(new_file, published_file)
        return
    with connected(postgres) as database:
        _load(new_file, database, postgres, now)
        swap_in(new_file, published_file)
        try:
            swap(database)
        except PostgresFault as fault:
            raise TargetBehind(
                f"The release is published to {published_file}, and not to PostgreSQL, whose readers keep the one "
                f"that they have. The next publication puts it right, and so does `make rollback RELEASE=...` of the "
                f"release that is current. {fault}"
            ) from None


def _load(
    file: Path, database: "Connection", postgres: PostgresTarget, now: Mapping[str, PublishedTable]
) -> None:
    with duckdb.connect() as reader, attached(reader, file, NEW):
        tables = file_tables(reader, NEW, now).values()
        load(reader, database, [Source(table, NEW, SCHEMA) for table in tables], postgres)


def renew_database(published_file: Path, postgres: PostgresTarget, now: Mapping[str, PublishedTable]) -> None:
    """Give the database's readers what the file holds, and leave nothing there of what they had before."""
    with connected(postgres) as database:
        _load(published_file, database, postgres, now)
        swap(database)
        for _ in range(ATTEMPTS_TO_DROP):
            left = drop_old(database)
            if not left:
                return
    raise StillRead(
        "PostgreSQL still holds tables of before, which cannot be dropped: "
        f"{'; '.join(left)}. End the sessions that read them, or drop what was built upon them, and start again: it "
        "goes on from here."
    )


def drop_what_is_no_longer_read(postgres: PostgresTarget | None) -> list[str]:
    """Drop what the database's readers had before; what is still being read stays for the next time, and is named."""
    if postgres is None:
        return []
    with suppress(PostgresFault), connected(postgres) as database:
        return drop_old(database)
    return []


def releases_seen(published_file: Path, postgres: PostgresTarget | None) -> dict[str, str]:
    """By target, the release that its readers see."""
    seen = {"duckdb": _release_of_file(published_file) or "none"}
    if postgres is not None:
        try:
            with connected(postgres) as database:
                seen["postgres"] = readers_release(database) or "none"
        except PostgresFault as fault:
            seen["postgres"] = f"unknown: {fault}"
    return seen


def _release_of_file(published_file: Path) -> str | None:
    if not published_file.exists():
        return None
    with duckdb.connect() as reader, attached(reader, published_file, NEW):
        rows = reader.execute(f"select release_id from {NEW}.{SCHEMA}.{RELEASES} where is_current").fetchall()
    return str(rows[0][0]) if rows else None
