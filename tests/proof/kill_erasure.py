"""An erasure that may be killed at any step, and what a home looks like afterwards.

The steps are what the interpreter itself reports of its dealings with the file system. What must stay out: when it is
killed, and what is expected.
"""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb

from pipelines.privacy.erasure import erase_persons
from pipelines.resources import HomeResource
from tests import erasure_home
from tests.erasure_home import ErasureHome
from tests.proof.kill_home import counted


def make_home(root: Path) -> None:
    erasure_home.make_home(root)


def erasing(root: Path, ready: Path, last: int | None = None) -> None:
    """Plan an erasure, say so, and carry it out; it ends itself at its n-th step, or says how many there are."""
    home = ErasureHome(root)
    plan, needles = home.plan()
    _until(last, ready, lambda: erase_persons(home.paths, plan, needles))


def completing(root: Path, ready: Path, last: int | None = None) -> None:
    """What the next run of any job does first, killed like the erasure."""
    _until(last, ready, HomeResource(root=str(root)).complete_erasure)


def _until(last: int | None, ready: Path, act: Callable[[], object]) -> None:
    with counted(last) as taken:
        ready.write_text("0", encoding="utf-8")
        act()
        ready.write_text(str(len(taken)), encoding="utf-8")


def state_of(root: Path) -> dict[str, object]:
    """All that a home holds outside landing, by place: bytes of files, rows of tables."""
    home = ErasureHome(root)
    return {
        path.relative_to(root).as_posix(): _content(path)
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_relative_to(home.paths.landing)
    }


def _content(path: Path) -> object:
    """What a file says; two database files that say the same may differ in their bytes."""
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() order by all"
            ).fetchall()
            return {
                name: connection.execute(f'select * from {schema}."{name}" order by all').fetchall()
                for schema, name in tables
            }
    if path.suffix == ".db":
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute("select * from run_tags order by run_id").fetchall()
    if path.name.startswith("erasure-"):
        said = json.loads(path.read_bytes())
        # Records are cleaned before the erasure is written down; one that is begun again finds none.
        said["rows_erased"].pop("dagster", None)
        return said
    return path.read_bytes()
