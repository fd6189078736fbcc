"""Restated figures: what a new release says otherwise than the release it is compared with.

What must stay out: whether a restatement is plausible (the gate's), and the manifest that keeps it.
"""

from collections.abc import Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.gate.sql_text import quoted, quoted_text
from pipelines.publish.release_tables import FIGURES
from pipelines.publish.releases import Restated

SHOWN = 5
# Enough to see where to look; the table metric_history holds them all.
ROUNDING = 1e-9
# Of the figure: two sums of the same numbers may end otherwise in their last digits.


def restated_figures(connection: DuckDBPyConnection, before: Path) -> tuple[int, list[Restated]]:
    """How many figures of the build differ from those of an earlier release's Parquet file, and the largest few.

    Compared are figures of the same key but for the as-of day. Figures of the period `all`, and of a period that was
    not over, go on to another day with every release; they are compared only between releases of one day.
    """
    said = f"read_parquet({quoted_text(str(before))})"
    kept = {row[0] for row in connection.execute(f"describe select * from {said}").fetchall()}
    key = [name for name in FIGURES.key if name != "as_of_date" and name in kept]
    if not {"value", "as_of_date"} <= kept:
        return 0, []
    same_key = " and ".join(
        f"b.{quoted(name)}::text is not distinct from n.{quoted(name)}::text" for name in key
    )
    rows = connection.execute(
        f"""
        with compared as (
            select {", ".join(f"n.{quoted(name)}::text as {quoted(name)}" for name in key)},
                n.value, try_cast(b.value as double) as value_before,
                abs(n.value - value_before) / nullif(greatest(abs(n.value), abs(value_before)), 0) as difference
            from metrics.metric_values as n
            inner join {said} as b on {same_key}
            where b.as_of_date = n.as_of_date or {_was_over("b")}
        )
        select *, count(*) over () as restated_count from compared
        where (value is null) <> (value_before is null) or difference > ?
        order by difference desc nulls first, {", ".join(map(quoted, key))}
        limit ?
        """,
        [ROUNDING, SHOWN],
    ).fetchall()
    return _told(rows, key)


def _was_over(alias: str) -> str:
    """Whether the period of a figure had ended by its as-of day, as SQL."""
    months = f"case {alias}.period_grain when 'month' then 1 when 'quarter' then 3 when 'year' then 12 end"
    return f"({alias}.period_start_date::date + to_months({months}) <= {alias}.as_of_date::date + 1)"


def _told(rows: Sequence[tuple[object, ...]], key: Sequence[str]) -> tuple[int, list[Restated]]:
    largest = [
        Restated(
            figure={name: text for name, text in zip(key, row, strict=False) if isinstance(text, str)},
            value=row[len(key)],
            value_before=row[len(key) + 1],
        )
        for row in rows
    ]
    return int(str(rows[0][-1])) if rows else 0, largest
