"""The drivers of satisfaction as a picture: importance against asymmetry, for the asset's page.

Here is drawing and printing. Nothing is computed here, and nothing is published from here.
"""

import base64
from collections.abc import Hashable, Iterator, Mapping
from html import escape

import pandas as pd

WIDTH, HEIGHT = 680, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 650, 20, 360

COLOURS = {
    "basic": "#b3402a",
    "performance": "#2a6f97",
    "excitement": "#2e7d4f",
    "indifferent": "#8a8a8a",
    "uncertain": "#a07d1c",
}
# The other classes have no asymmetry.

NUMBERS = tuple(
    f"{name}{end}" for name in ("importance_lmg", "asymmetry") for end in ("", "_ci_low", "_ci_high")
)


def drivers_markdown(rows: pd.DataFrame) -> str:
    """For every survey the picture and the figures of the whole history, as Markdown with the picture inside."""
    whole = rows.loc[(rows["period_grain"] == "all") & rows["importance_lmg"].notna()]
    if not len(whole):
        return "No survey has drivers with enough complete answers."
    return "\n\n".join(_survey(str(survey), of_survey) for survey, of_survey in whole.groupby("survey"))


def _survey(survey: str, rows: pd.DataFrame) -> str:
    picture = base64.b64encode(drivers_svg(rows).encode()).decode()
    lines = [
        f"**{survey}**: n {rows['n'].max()}, R2 {rows['r_squared'].max():.3f}",
        f"![Importance against asymmetry](data:image/svg+xml;base64,{picture})",
        "| attribute | class | importance | penalty | reward | asymmetry |\n|---|---|---|---|---|---|\n"
        + "\n".join(
            f"| {row['attribute']} | {row['class']} | {_text(row['importance_lmg'])} | {_text(row['penalty'])} "
            f"| {_text(row['reward'])} | {_text(row['asymmetry'])} |"
            for row in rows.sort_values("importance_lmg", ascending=False).to_dict("records")
        ),
    ]
    return "\n\n".join(lines)


def drivers_svg(rows: pd.DataFrame) -> str:
    """One dot per attribute with its intervals: to the left what only takes away, to the right what only adds."""
    shown = rows.loc[rows["asymmetry"].notna()].sort_values("attribute")
    highest = float(rows["importance_lmg_ci_high"].fillna(rows["importance_lmg"]).max()) or 1.0
    parts = [*_axes(highest), *(part for row in shown.to_dict("records") for part in _dot(row, highest))]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" font-family="sans-serif" font-size="13"><rect width="100%" height="100%" '
        f'fill="white"/>{"".join(parts)}</svg>'
    )


def _axes(highest: float) -> Iterator[str]:
    for asymmetry in (-1, -0.5, 0, 0.5, 1):
        x = _x(asymmetry)
        yield f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{BOTTOM}" stroke="{"#999" if asymmetry == 0 else "#ddd"}"/>'
        yield f'<text x="{x}" y="{BOTTOM + 18}" text-anchor="middle">{asymmetry:g}</text>'
    for step in range(5):
        importance = highest * step / 4
        y = _y(importance, highest)
        yield f'<line x1="{LEFT}" y1="{y}" x2="{RIGHT}" y2="{y}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{importance:.3f}</text>'
    yield (
        f'<text x="{(LEFT + RIGHT) / 2}" y="{BOTTOM + 40}" text-anchor="middle">asymmetry: only takes away (-1) '
        "to only adds (1)</text>"
    )
    yield (
        f'<text transform="translate(16 {(TOP + BOTTOM) / 2}) rotate(-90)" text-anchor="middle">'
        "importance (share of R2, LMG)</text>"
    )


def _dot(row: Mapping[Hashable, object], highest: float) -> Iterator[str]:
    """An attribute: dot, name, and the intervals of both figures as a cross."""
    number = {name: float(str(row[name])) for name in NUMBERS}
    colour = COLOURS[str(row["class"])]
    x, y = _x(number["asymmetry"]), _y(number["importance_lmg"], highest)
    ends = (_x(number["asymmetry_ci_low"]), _x(number["asymmetry_ci_high"]))
    heights = [_y(number[f"importance_lmg_ci_{end}"], highest) for end in ("low", "high")]
    line = f'stroke="{colour}" stroke-opacity="0.45" stroke-width="2"'
    if all(end == end for end in ends):  # noqa: PLR0124 - nan where there is no interval
        yield f'<line x1="{ends[0]}" y1="{y}" x2="{ends[1]}" y2="{y}" {line}/>'
    if all(end == end for end in heights):  # noqa: PLR0124
        yield f'<line x1="{x}" y1="{heights[0]}" x2="{x}" y2="{heights[1]}" {line}/>'
    anchor, shift = ("end", -9) if number["asymmetry"] > 0 else ("start", 9)
    label = escape(f"{row['attribute']} ({row['class']})")
    yield f'<circle cx="{x}" cy="{y}" r="6" fill="{colour}"/>'
    yield f'<text x="{x + shift}" y="{y - 8}" text-anchor="{anchor}" fill="{colour}">{label}</text>'


def _x(asymmetry: float) -> float:
    return round(LEFT + (asymmetry + 1) / 2 * (RIGHT - LEFT), 1)


def _y(importance: float, highest: float) -> float:
    return round(BOTTOM - importance / highest * (BOTTOM - TOP), 1)


def _text(figure: float) -> str:
    return "" if pd.isna(figure) else f"{figure:.3f}"
