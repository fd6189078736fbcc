"""Parquet of the lake written anew: the new file lies beside the old one until its manifest names it.

What must stay out: which rows go, and why.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.ingest.expressions import literal
from pipelines.ingest.manifests import read_manifests
from pipelines.ingest.rows import ORDER_WITHIN_LINE
from pipelines.paths import HomePaths

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

REJECTED = "rows"
# The name under which a manifest gives its rejected rows.


def parquet_of(paths: HomePaths, output: str) -> str:
    """A file of the lake as a relation; `output` is its place as its manifest gives it."""
    return f"read_parquet({literal(str(paths.lake / output))})"


def written(connection: "DuckDBPyConnection", paths: HomePaths, output: str, mark: str, query: str) -> str:
    """Write rows in the order of their lines beside the file that they come from; the place of the new one."""
    file = paths.lake / output
    # A file's id holds no such sign, so that what follows it tells what was done last.
    place = file.with_name(f"{file.stem.partition('_')[0]}_{mark}.parquet")
    place.parent.mkdir(parents=True, exist_ok=True)
    columns = [row[0] for row in connection.execute(f"describe {query}").fetchall()]
    order = ", ".join(["line", *(column for column in ORDER_WITHIN_LINE if column in columns)])
    connection.execute(
        f"copy (select * from ({query}) order by {order}) to {literal(str(place))} (format parquet)"
    )
    _sync(place)
    return place.relative_to(paths.lake).as_posix()


def _sync(file: Path) -> None:
    with file.open("rb") as handle:
        # A manifest must not outlive, when the machine stops, the rows that it commits.
        os.fsync(handle.fileno())


def sweep(paths: HomePaths) -> None:
    """Remove the Parquet that no manifest names: what was rewritten, and what killed runs left."""
    named = {
        paths.lake / output
        for folder in paths.manifests.glob("*")
        for manifest in read_manifests(paths.manifests, folder.name)
        for output in manifest.outputs.values()
    }
    for file in (*paths.lake.glob("raw/*/*/*"), *paths.lake.glob("rejected/*/*")):
        if file.is_file() and file not in named:
            file.unlink()
