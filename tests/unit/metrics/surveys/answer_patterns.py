"""Patterns of answers as the marts hold them, made of rows of scores; None where there is no answer."""

from collections import Counter
from collections.abc import Iterable, Sequence

import pandas as pd

Row = Sequence[int | None]


def scale_patterns(rows: Iterable[Row], scale: tuple[int, int] = (1, 5), **changes: object) -> pd.DataFrame:
    """Rows of `marts.scale_patterns`: one scale of one survey, all customers, all of time."""
    patterns = _counted(rows)
    width = len(patterns["pattern"].iloc[0].split(","))
    cell = {
        "survey": "kunden",
        "scale_name": "trust",
        "period_grain": "all",
        "period_start_date": pd.Timestamp("2023-01-01"),
        "segment_name": "all",
        "segment_value": "all",
        "items": ",".join(f"q{place + 1}" for place in range(width)),
        "low_is_goods": str([False] * width).lower(),
    }
    return patterns.assign(**{**cell, **_ends(width, scale), **changes})


def driver_patterns(rows: Iterable[Row], scale: tuple[int, int] = (1, 5), **changes: object) -> pd.DataFrame:
    """Rows of `marts.driver_patterns`: overall satisfaction and attributes a, b, ... of one survey, all of time."""
    patterns = _counted(rows)
    width = len(patterns["pattern"].iloc[0].split(","))
    period = {
        "survey": "kunden",
        "period_grain": "all",
        "period_start_date": pd.Timestamp("2023-01-01"),
        "attributes": ",".join("abcdefghijklmnopqrstuvwxyz"[: width - 1]),
    }
    return patterns.assign(**{**period, **_ends(width, scale), **changes})


def _counted(rows: Iterable[Row]) -> pd.DataFrame:
    texts = Counter(
        "[" + ", ".join("NULL" if score is None else str(score) for score in row) + "]" for row in rows
    )
    return pd.DataFrame({"pattern": list(texts), "unit_count": list(texts.values())}).sort_values(
        "pattern", ignore_index=True
    )


def _ends(width: int, scale: tuple[int, int]) -> dict[str, object]:
    return {"scale_lows": str([scale[0]] * width), "scale_highs": str([scale[1]] * width)}
