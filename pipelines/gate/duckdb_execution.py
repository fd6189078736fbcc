"""A SQLAlchemy dialect, `duckdb+buffered`, over which Great Expectations can read DuckDB.

Great Expectations fetches a statement's rows after the transaction that ran it has ended; DuckDB drops
pending rows with the transaction, so over plain duckdb-engine every expectation ends in
`MetricResolutionError: list index out of range`. Here the rows are buffered when the statement is executed.
A test runs plain duckdb-engine and fails once it no longer needs this: then this module goes.
What must stay out: anything about expectations.
"""

from collections import deque
from typing import Any

from duckdb_engine import ConnectionWrapper, CursorWrapper, Dialect
from sqlalchemy.dialects import registry


class BufferedCursor(CursorWrapper):
    """A cursor that holds all rows of its statement."""

    def execute(self, *arguments: Any, **options: Any) -> None:
        super().execute(*arguments, **options)
        self._description = self.__getattr__("description")
        self._rows = deque(self.__getattr__("fetchall")() if self._description else [])

    @property
    def description(self) -> Any:
        return self._description

    def fetchone(self) -> Any:
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return [self._rows.popleft() for _ in range(min(size or 1, len(self._rows)))]

    def fetchall(self) -> list[Any]:
        return self.fetchmany(len(self._rows)) if self._rows else []


class BufferedDialect(Dialect):
    """duckdb-engine's dialect with buffered cursors."""

    supports_statement_cache = False

    def connect(self, *arguments: Any, **options: Any) -> Any:
        connection = super().connect(*arguments, **options)
        return BufferedConnection(connection)


class BufferedConnection(ConnectionWrapper):
    """A connection that hands out buffered cursors."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._connection = connection

    def cursor(self) -> CursorWrapper:
        return BufferedCursor(self._connection, self)


def register_dialect() -> None:
    """Make `duckdb+buffered:///<file>` known to SQLAlchemy; called by whoever is about to use it."""
    registry.register("duckdb.buffered", __name__, BufferedDialect.__name__)
