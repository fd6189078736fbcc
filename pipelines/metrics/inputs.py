"""What a mart's frame must hold before a metric is computed from it.

Here are the refusals that several metrics share, each naming mart, column, count and first place. Identities
between marts must stay out (they are dbt tests), and so must any repair of a value.
"""

from collections.abc import Sequence

import pandas as pd


def require_columns(frame: pd.DataFrame, mart: str, columns: Sequence[str]) -> None:
    """Refuse a frame that lacks a column, or holds a null in one."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ValueError(
            f"{mart} lacks the column(s) {', '.join(missing)}; it has {', '.join(frame.columns)}"
        )
    for name in columns:
        refuse(frame, frame[name].isna(), mart, f"have no {name}")


def require_counts(frame: pd.DataFrame, mart: str, columns: Sequence[str]) -> None:
    """Refuse a count that is negative or not whole; a null is none."""
    for name in columns:
        is_wrong = frame[name].notna() & ((frame[name] < 0) | (frame[name] % 1 != 0))
        refuse(frame, is_wrong, mart, f"have a {name} that is no count")


def require_part(frame: pd.DataFrame, mart: str, part: str, whole: str) -> None:
    """Refuse a part that is larger than its whole."""
    refuse(frame, frame[part] > frame[whole], mart, f"have a {part} above their {whole}")


def require_unique(frame: pd.DataFrame, mart: str, key: Sequence[str]) -> None:
    """Refuse two rows of one key: their counts would be added up or written twice."""
    refuse(frame, frame.duplicated(list(key)), mart, f"repeat a key ({', '.join(key)})")


def refuse(frame: pd.DataFrame, is_wrong: "pd.Series[bool]", mart: str, complaint: str) -> None:
    """Raise when any row is wrong, with how many of how many and the first of them."""
    if is_wrong.any():
        first = frame.loc[is_wrong.to_numpy()].iloc[0].to_dict()
        place = ", ".join(f"{name} {value}" for name, value in first.items())
        raise ValueError(
            f"{int(is_wrong.sum())} of {len(frame)} rows of {mart} {complaint}, first at {place}"
        )
