"""A small build on which every expectation holds; a test changes one thing in it."""

from pathlib import Path

import duckdb

SCRIPT = Path(__file__).with_suffix(".sql")


def make_small_build(file: Path, *changes: str) -> Path:
    """Write the small build into a new file, with these SQL statements done to it."""
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute(SCRIPT.read_text(encoding="utf-8"))
    change_build(file, *changes)
    return file


def change_build(file: Path, *changes: str) -> None:
    """Do these SQL statements to a build."""
    with duckdb.connect(str(file)) as connection:
        for change in changes:
            connection.execute(change)
