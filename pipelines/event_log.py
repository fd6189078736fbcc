"""Dagster's event log over connections that stay open; `dagster.yaml` names it.

Dagster's own opens and closes a file for every event and every question of a night, thousands of times, which
costs a core ten seconds. The files are the same, in the same place. What must stay out: what is logged, and where
runs and schedules are kept.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster import EventLogEntry, StringSource
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event


class EventLog(SqliteEventLogStorage):
    """The event log in `history/runs` of Dagster's folder, where Dagster's own lies."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._found: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> Any:
        return {"dagster_home": StringSource}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "EventLog":
        return cls(str(Path(config_value["dagster_home"]) / "history" / "runs"), inst_data)

    def store_event(self, event: EventLogEntry) -> None:
        super().store_event(event)
        # Whoever follows a run in the UI watches its file, which the write-ahead log beside it leaves untouched.
        os.utime(self.path_for_shard(event.run_id))

    def has_table(self, table_name: str) -> bool:
        return table_name in self._found or (super().has_table(table_name) and self._keep(table_name))

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        return column_name in self._found or (
            super()._has_asset_key_col_on_connection(conn, column_name) and self._keep(column_name)
        )

    def _keep(self, name: str) -> bool:
        """Ask no more for what is there: Dagster would, several times for each event."""
        self._found.add(name)
        return True

    def dispose(self) -> None:
        super().dispose()
        for shard in list(self._engines):
            self._engines.pop(shard).dispose()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).begin() as connection:
            yield connection

    def _engine(self, shard: str) -> Engine:
        """The engine of the index or of one run; of all runs, only the last one asked for stays open."""
        if shard not in self._engines:
            for other in self._engines.keys() - {INDEX_SHARD_NAME}:
                self._engines.pop(other).dispose()
            engine = create_engine(
                self.conn_string_for_shard(shard), connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
            )
            # A power cut may cost the last events, never the file.
            event.listen(engine, "connect", lambda raw, _: raw.execute("pragma synchronous = normal").close())
            self._initdb(engine)
            self._engines[shard] = engine
        return self._engines[shard]
