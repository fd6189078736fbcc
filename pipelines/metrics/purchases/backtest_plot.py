"""The backtest as a small picture: purchases per customer in the holdout, expected and actual.

Here is drawing alone, as SVG text. Figures must stay out: they stand in `clv_backtest`.
"""

import base64

import pandas as pd

WIDTH, HEIGHT, MARGIN = 560, 300, 44
LEGEND_WIDTH = 150
COLOURS = {
    "actual": "#111111",
    "mbg_nbd": "#1b7837",
    "pareto_nbd": "#762a83",
    "bg_nbd": "#2166ac",
    "naive_same_rate": "#b2182b",
    "naive_last_window": "#e08214",
}
# Told apart in grey as well by the order of the legend, which is that of the lines at the right end.


def backtest_picture(rows: pd.DataFrame) -> str:
    """The picture as Markdown with the drawing in it; a sentence where nothing can be drawn."""
    lines = _lines(rows)
    if lines.empty:
        return "No forecast has figures: nothing to draw."
    encoded = base64.b64encode(backtest_svg(lines).encode()).decode()
    return f"![purchases per customer in the holdout](data:image/svg+xml;base64,{encoded})"


def backtest_svg(lines: pd.DataFrame) -> str:
    """One line per column, over the frequency buckets in the index."""
    buckets, top = list(lines.index), float(lines.max().max()) or 1.0
    right, bottom = WIDTH - LEGEND_WIDTH, HEIGHT - MARGIN
    step = (right - MARGIN) / max(len(buckets) - 1, 1)

    def place(position: int, value: float) -> str:
        return f"{MARGIN + position * step:.1f},{bottom - value / top * (bottom - MARGIN / 2):.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<path d="M{MARGIN} {MARGIN / 2}V{bottom}H{right}" stroke="#888" fill="none"/>',
        f'<text x="4" y="{MARGIN / 2 + 4}">{top:.1f}</text><text x="4" y="{bottom}">0</text>',
        f'<text x="{MARGIN}" y="{HEIGHT - 8}">repeat purchases before the holdout</text>',
    ]
    for position, bucket in enumerate(buckets):
        parts.append(f'<text x="{MARGIN + position * step - 4:.1f}" y="{bottom + 14}">{bucket}</text>')
    for order, name in enumerate(lines.columns):
        points = " ".join(
            place(position, value) for position, value in enumerate(lines[name]) if not pd.isna(value)
        )
        width = 3 if name == "actual" else 1.5
        colour = COLOURS[str(name)]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"/>')
        parts.append(f'<text x="{right + 10}" y="{MARGIN + 16 * order}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>"])


def _lines(rows: pd.DataFrame) -> pd.DataFrame:
    """Per frequency bucket, purchases per customer: actual, and as each model expected them."""
    told = rows.loc[(rows["frequency_bucket"] != "all") & rows["suppression_reason"].isna()]
    per_customer = told.assign(
        expected=told["expected_purchases"] / told["customer_count"],
        actual=told["actual_purchases"] / told["customer_count"],
    )
    expected = per_customer.pivot_table(index="frequency_bucket", columns="model", values="expected")
    actual = per_customer.groupby("frequency_bucket")["actual"].first()
    lines = expected.assign(actual=actual)
    return lines[[name for name in COLOURS if name in lines]]
