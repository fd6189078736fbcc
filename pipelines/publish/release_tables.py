"""The tables about publishing, `releases` and `metric_history`, made from manifests and from what each release said.

Figures are kept as one Parquet file per release, in the columns that `metric_values` had then, and shown in the columns
of now: a column that a release lacked, or whose value cannot be said in its type of now, is null.
What must stay out: what a manifest says, and writing the warehouse.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from pipelines.gate.sql_text import quoted, quoted_text
from pipelines.metrics.result_tables import TABLES
from pipelines.publish.duckdb_file import rename_durably
from pipelines.publish.releases import Release, current_release, history_file
from pipelines.refusal import Refusal

RELEASES_COLUMNS = (
    "release_id text, as_of_date date, published_at timestamp, run_id text, knowledge text, "
    "settings_hash text, lake_hash text, became_current boolean, is_current boolean, made_current_at timestamp, "
    "taken_back_at timestamp, taken_back_by text, taken_back_reason text, row_count bigint, row_counts text, "
    "compared_with text, what_changed text, restated_count bigint, restated text, expectation_count bigint, "
    "warning_count bigint, warnings text, override_by text, override_reason text, overridden text, erased_on date"
)
[FIGURES] = [table for table in TABLES if table.name == "metric_values"]


class HistoryMissing(Refusal):
    """A release of which the figures have gone."""


def write_history(connection: DuckDBPyConnection, folder: Path, release: Release, key: Sequence[str]) -> None:
    """Keep what the build's figures say, as one Parquet file in the order of their key."""
    file = history_file(folder, release.release_id)
    part = file.with_name(file.name + ".part")
    order = ", ".join(f"{quoted(name)} nulls last" for name in key)
    name = quoted_text(release.release_id)
    said = f"select {name} as release_id, * from metrics.metric_values order by {order}"
    connection.execute(f"copy ({said}) to {quoted_text(str(part))} (format parquet)")
    rename_durably(part, file)


def create_releases_table(connection: DuckDBPyConnection, releases: Sequence[Release]) -> None:
    """The temporary table `releases`, from the manifests."""
    current = current_release(releases)
    connection.execute(f"create or replace temp table releases ({RELEASES_COLUMNS})")
    for release in releases:
        row = _row(release, is_current=release is current)
        connection.execute(f"insert into temp.releases values ({', '.join('?' * len(row))})", row)


def _row(r: Release, *, is_current: bool) -> list[Any]:
    row_counts = {name: table.row_count for name, table in r.tables.items()}
    back, override = r.taken_back, r.override
    return [
        r.release_id, r.as_of_date, r.published_at.replace(tzinfo=None), r.run_id, r.knowledge,
        r.settings_hash, r.lake_hash, r.became_current, is_current,
        r.made_current_at and r.made_current_at.replace(tzinfo=None),
        back and back.at.replace(tzinfo=None), back and back.by, back and back.reason,
        sum(row_counts.values()), json.dumps(row_counts), r.compared_with,
        None if r.what_changed is None else json.dumps(r.what_changed), r.restated_count,
        None if r.restated_count is None else _json(r.restated), r.expectation_count, len(r.warnings),
        _json(r.warnings), override and override.by, override and override.reason,
        override and _json(override.failures), r.erased_on,
    ]  # fmt: skip


def _json(said: Sequence[Any]) -> str:
    return json.dumps([each.model_dump() for each in said], ensure_ascii=False)


def create_history_view(connection: DuckDBPyConnection, folder: Path, releases: Sequence[Release]) -> None:
    """The temporary view `metric_history`: the releases' Parquet files in the columns of `metric_values`."""
    files = [history_file(folder, release.release_id) for release in releases]
    gone = [file for file in files if not file.is_file()]
    if gone:
        raise HistoryMissing(
            f"{len(gone)} of {len(files)} files of metric_history are gone, first {gone[0]}. Restore them "
            "from a backup, or move the manifests of these releases away to publish without them."
        )
    said = " union all ".join(_figures_said(names, alike) for names, alike in _by_shape(connection, files))
    connection.execute(f"create or replace temp view metric_history as {said}")


def _figures_said(names: Sequence[str], files: Sequence[str]) -> str:
    """The figures of files that all have these columns, in the columns of now, as SQL."""
    selected = ", ".join(
        f"{f'try_cast({quoted(c.name)} as {c.type})' if c.name in names else f'null::{c.type}'} as {quoted(c.name)}"
        for c in FIGURES.columns
    )
    return f"select release_id, {selected} from read_parquet({_listed(files)})"


def _by_shape(connection: DuckDBPyConnection, files: Sequence[Path]) -> list[tuple[list[str], list[str]]]:
    """The names of columns, and the files that have them in the same order and of the same types."""
    rows = connection.execute(
        "select names, list(file_name order by file_name) from ("
        "select file_name, list(name order by column_id) as names, list(duckdb_type order by column_id) as types "
        f"from parquet_schema({_listed([str(file) for file in files])}) where num_children is null group by file_name"
        ") group by names, types order by min(file_name)"
    ).fetchall()
    return [(names, alike) for names, alike in rows]


def _listed(files: Sequence[str]) -> str:
    return "[" + ", ".join(map(quoted_text, files)) + "]"
