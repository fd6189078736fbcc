"""A few figures for people: what the asset page and the end of a run show.

Here is choosing and printing. Nothing is computed here, and nothing is published from here.
"""

import pandas as pd

from pipelines.markdown_text import escaped
from pipelines.metrics.metric_row import ALL


def headline_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Of each figure for all customers, the latest period of each grain that has a value."""
    told = rows.loc[(rows["segment_name"] == ALL) & rows["value"].notna()]
    figure = ["metric", "survey", "item", "weighting", "currency", "period_grain"]
    latest = told.sort_values([*figure, "period_start_date"]).drop_duplicates(figure, keep="last")
    return latest.sort_values(figure, ignore_index=True)


def headline_markdown(rows: pd.DataFrame) -> str:
    """The headline figures as a Markdown table; money and points with two decimals, shares with four."""
    lines = [
        "| metric | survey | item | weighting | period | value | interval | n |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in headline_rows(rows).to_dict("records"):
        digits = 4 if row["unit"] == "share" else 2
        start = pd.Timestamp(row["period_start_date"]).date()
        interval = f"{row['ci_low']:.{digits}f} to {row['ci_high']:.{digits}f}"
        mark = "" if row["is_publishable"] else " (not publishable)"
        lines.append(
            f"| {row['metric']} | {row['survey']} | {escaped(row['item'])} | {row['weighting']} "
            f"| {row['period_grain']} from {start} | {row['value']:.{digits}f}{mark} | {interval} | {row['n']} |"
        )
    return "\n".join(lines)
