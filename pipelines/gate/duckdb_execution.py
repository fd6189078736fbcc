"""A SQLAlchemy dialect, `duckdb+buffered`, over which Great Expectations can read DuckDB.

Great Expectations fetches a statement's rows after the transaction that ran it has ended; DuckDB drops
pending rows with the transaction, so over plain duckdb-engine every expectation ends in
`MetricResolutionError: list index out of range`. Here the first rows are buffered as the statement is executed.
A test runs plain duckdb-engine and fails once it no longer needs this: then this module goes.
What must stay out: anything about expectations.
"""

from collections import deque
from typing import Any

from duckdb_engine import ConnectionWrapper, CursorWrapper, Dialect
from sqlalchemy.dialects import registry

BUFFERED_ROWS = 1000
# Great Expectations reads at most 200 rows of a result, and runs `select *` only to learn the columns' names.


class TooManyRows(Exception):
    """Somebody reads on where the buffer ends."""


class BufferedCursor(CursorWrapper):
    """A cursor that holds the first rows of its statement."""

    def execute(self, *arguments: Any, **options: Any) -> None:
        super().execute(*arguments, **options)
        self._description = self.__getattr__("description")
        rows = super().fetchmany(BUFFERED_ROWS + 1) if self._description else []
        self._has_more = len(rows) > BUFFERED_ROWS
        self._rows = deque(rows[:BUFFERED_ROWS])

    @property
    def description(self) -> Any:
        return self._description

    def fetchone(self) -> Any:
        return next(iter(self.fetchmany(1)), None)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        wanted = size or 1
        if wanted > len(self._rows) and self._has_more:
            raise TooManyRows(
                f"Of a statement over DuckDB only the first {BUFFERED_ROWS} rows are held; count in SQL."
            )
        return [self._rows.popleft() for _ in range(min(wanted, len(self._rows)))]

    def fetchall(self) -> list[Any]:
        return self.fetchmany(len(self._rows) + 1)


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
