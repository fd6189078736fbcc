"""Subscriptions as monthly renewals: ended and running ones, watched late, and what a fit of them says."""

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.purchases.contract_model import contract_models, renewals_of
from pipelines.settings import Definitions

REGULAR = (1000, 631, 468, 382, 326, 289, 262, 241)
# Fader & Hardie 2007, table 1: of a thousand, who was left after each renewal.


def tenures(*rows: tuple[int, int, bool, int]) -> pd.DataFrame:
    columns = ["entry_day", "exit_day", "is_event", "customer_count"]
    told = {"event": "subscription_end", "segment_name": "all", "segment_value": "all"}
    return pd.DataFrame(list(rows), columns=columns).assign(**told)


def months(count: int) -> int:
    return round(count * 365.25 / 12)


def test_who_ended_was_up_for_the_renewals_before_and_lost_at_the_last() -> None:
    found = renewals_of(tenures((0, months(1), True, 3), (0, months(3), True, 2)))
    assert found.period.tolist() == [1, 2, 3]
    assert (found.renewed_count.tolist(), found.lost_count.tolist()) == ([2, 2, 0], [3, 0, 2])


def test_who_goes_on_was_up_for_whole_months_only() -> None:
    found = renewals_of(tenures((0, months(2) + 20, False, 4), (0, 10, False, 9)))
    assert (found.renewed_count.tolist(), found.lost_count.tolist()) == ([4, 4], [0, 0])


def test_who_was_watched_late_counts_from_the_renewal_after_it() -> None:
    found = renewals_of(tenures((months(2), months(4), True, 5)))
    assert found.period.tolist() == [3, 4]
    assert (found.renewed_count.tolist(), found.lost_count.tolist()) == ([5, 0], [0, 5])


def test_the_published_cohort_has_the_published_parameters() -> None:
    lost = -np.diff(REGULAR)
    ended = [(0, months(place + 1), True, int(count)) for place, count in enumerate(lost)]
    rows = contract_models(tenures(*ended, (0, months(7), False, REGULAR[-1])), Definitions())
    value = rows.set_index("parameter")["value"]
    # Fader & Hardie 2007: alpha 0.704, beta 1.182.
    assert (value["alpha"], value["beta"]) == pytest.approx((0.704, 1.182), abs=1e-3)
    assert rows["log_likelihood"].iloc[0] == pytest.approx(-1680.27, abs=0.01)
    assert not rows["is_chosen"].any()


def test_without_a_contract_there_is_no_row_and_of_few_nothing_is_told() -> None:
    assert contract_models(tenures(), Definitions()).empty
    few = contract_models(tenures((0, months(2), True, 4)), Definitions())
    assert few["value"].isna().all()
    assert set(few["reason"]) == {"below_min_disclosed_n"}
