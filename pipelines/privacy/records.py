"""What else in a home may hold a person by accident: Dagster's records of runs, logs and the build.

Nothing of a person belongs there; a tag or a setting that somebody typed into the UI may hold one all the same.
What must stay out: the lake and the warehouse.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from pipelines.gate.sql_text import quoted
from pipelines.paths import HomePaths
from pipelines.privacy.search import SQLITE_MARK, Needles, files_below, sqlite_rows, traces

OWN_LOG = "erase_customers.log"
# The log of the run that erases, which is being written.
WAIT_SECONDS = 60
# For another process that is writing into the records.


def clean_records(paths: HomePaths, needles: Needles) -> int:
    """Remove the records of Dagster in which any of the needles stands; how many there were."""
    count = 0
    for file in {trace.file for trace in traces(files_below(paths.dagster), needles)}:
        if _is_sqlite(file):
            count += _clean_sqlite(file, needles)
        else:
            file.unlink()
            count += 1
    return count


def count_records(paths: HomePaths, needles: Needles) -> int:
    """How many records `clean_records` would remove."""
    return sum(trace.row_count for trace in traces(files_below(paths.dagster), needles))


def _is_sqlite(file: Path) -> bool:
    with file.open("rb") as handle:
        return handle.read(16) == SQLITE_MARK


def _clean_sqlite(file: Path, needles: Needles) -> int:
    """Delete the rows, and leave nothing of them in the free pages of the file."""
    rows = sqlite_rows(file, needles)
    with closing(sqlite3.connect(file, timeout=WAIT_SECONDS, isolation_level=None)) as connection:
        connection.execute("pragma secure_delete = on")
        for table, rowids in rows.items():
            connection.executemany(
                f"delete from {quoted(table)} where rowid = ?", [(rowid,) for rowid in rowids]
            )
        connection.execute("vacuum")
        connection.execute("pragma wal_checkpoint(truncate)")
    return sum(map(len, rows.values()))


def drop_build(paths: HomePaths) -> None:
    """Remove the build with all that lies beside it; the next night makes another."""
    for path in sorted(paths.build.glob("*")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != OWN_LOG:
            path.unlink(missing_ok=True)
