"""A small build on which every expectation holds; a test changes one thing in it."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from pipelines.gate.earlier import COMPARED, copy_earlier
from pipelines.gate.tables import JUDGED_TABLES

SCRIPT = Path(__file__).with_suffix(".sql")
RELEASE_BEFORE = "2025-12-30.1"
# It said the same of a day less.


def make_small_build(file: Path, *changes: str) -> Path:
    """Write the small build into a new file, with these SQL statements done to it."""
    for leftover in (file, file.with_name(file.name + ".wal")):
        leftover.unlink(missing_ok=True)
    file.write_bytes(_small_build())
    change_build(file, *changes)
    return file


def change_build(file: Path, *changes: str) -> None:
    """Do these SQL statements to a build."""
    if changes:
        with duckdb.connect(str(file)) as connection:
            # Whoever opens the file next reads the change from beside it: sooner done than written into it.
            connection.execute("pragma disable_checkpoint_on_shutdown")
            for change in changes:
                connection.execute(change)


@cache
def _small_build() -> bytes:
    """The file as it is before any change: made once, since a script of so many tables takes its time."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "build.duckdb"
        with duckdb.connect() as connection:
            # Small blocks make a small file, which is copied for every case.
            connection.execute(f"attach '{file}' as build (block_size 16384)")
            connection.execute("use build")
            connection.execute(SCRIPT.read_text(encoding="utf-8"))
            copy_earlier(connection, None)
            layers = {table.name: table.layer for table in JUDGED_TABLES}
            for name, columns in COMPARED.items():
                said = "*" if columns is None else ", ".join(columns)
                connection.execute(
                    f"insert into earlier.{name} by name select {said} from {layers[name]}.{name}"
                )
            connection.execute(f"insert into earlier.release values ('{RELEASE_BEFORE}', '2025-12-30')")
            connection.execute("use memory")
            connection.execute("detach build")
        return file.read_bytes()
