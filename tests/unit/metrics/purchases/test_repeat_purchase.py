"""Repeat purchase rate."""

from datetime import date

import pandas as pd
import pytest

from pipelines.metrics.purchases.repeat_purchase import repeat_purchase
from pipelines.settings import Definitions

AS_OF = date(2025, 6, 30)


def purchase_counts(buyers: int, repeat_buyers: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "period_grain": ["month"],
            "period_start_date": [pd.Timestamp("2025-01-01")],
            "segment_name": ["all"],
            "segment_value": ["all"],
            "buyer_count": [buyers],
            "repeat_buyer_count": [repeat_buyers],
        }
    )


def test_the_rate_is_repeat_buyers_among_buyers() -> None:
    row = repeat_purchase(purchase_counts(200, 50), AS_OF, Definitions()).iloc[0]
    assert (row["metric"], row["value"], row["n"]) == ("repeat_purchase_rate", 0.25, 200)
    assert row["is_publishable"]


def test_the_row_names_what_an_occasion_is() -> None:
    row = repeat_purchase(purchase_counts(200, 50), AS_OF, Definitions(purchase_collapse="order")).iloc[0]
    assert row["definition_id"] == "occasion=order"


def test_no_buyers_give_null() -> None:
    row = repeat_purchase(purchase_counts(0, 0), AS_OF, Definitions()).iloc[0]
    assert pd.isna(row["value"])
    assert row["suppression_reason"] == "no_observations"


def test_more_repeat_buyers_than_buyers_are_refused() -> None:
    with pytest.raises(ValueError, match="have a repeat_buyer_count above their buyer_count"):
        repeat_purchase(purchase_counts(5, 6), AS_OF, Definitions())
