"""Secure Customer Index: minimum rule, partial answers, identities."""

from datetime import date
from itertools import product

import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.surveys.secure_customer_index import secure_customer_index
from pipelines.settings import Definitions
from tests.unit.metrics.surveys.answer_marts import index_marts

AS_OF = date(2025, 6, 30)
ALL_DISCLOSED = Definitions(min_disclosed_n=1)
TRIPLES = [triple for triple in product(range(5), repeat=3) if any(triple)]
CLASSES = ("sci_secure_share", "sci_favorable_share", "sci_vulnerable_share", "sci_at_risk_share")


def level_counts(unit_counts: dict[tuple[int, int, int], int], **changes: object) -> pd.DataFrame:
    levels = pd.DataFrame(
        list(unit_counts), columns=["satisfaction_level", "repurchase_level", "recommend_level"]
    )
    columns = {
        "survey": "kunden",
        "period_grain": "quarter",
        "period_start_date": pd.Timestamp("2025-01-01"),
        "segment_name": "all",
        "segment_value": "all",
        "unit_count": list(unit_counts.values()),
        **changes,
    }
    return levels.assign(**columns)


def figures(frame: pd.DataFrame, definitions: Definitions = ALL_DISCLOSED) -> dict[str, float]:
    rows = secure_customer_index(*index_marts(frame), AS_OF, definitions)
    return dict(zip(rows["metric"], rows["value"], strict=True))


def test_the_class_is_the_lowest_of_the_three_levels() -> None:
    triples = [triple for triple in TRIPLES if all(triple)]
    cells = [level_counts({triple: 1}, segment_value="-".join(map(str, triple))) for triple in triples]
    rows = secure_customer_index(*index_marts(pd.concat(cells)), AS_OF, ALL_DISCLOSED)
    value = rows.pivot_table(index="segment_value", columns="metric", values="value")[list(CLASSES)]
    for triple in triples:
        expected = [1.0 if min(triple) == level else 0.0 for level in (4, 3, 2, 1)]
        assert value.loc["-".join(map(str, triple))].tolist() == expected


def test_partial_answers_are_outside_the_classes_and_inside_the_bounds() -> None:
    complete = {(4, 4, 4): 50, (4, 4, 3): 20, (3, 4, 2): 20, (1, 4, 4): 10}
    partial = {(4, 4, 0): 12, (1, 0, 0): 5, (3, 0, 4): 8}
    found = figures(level_counts(complete | partial))
    assert found["sci_share"] == pytest.approx(0.5)
    assert found["sci_top2"] == pytest.approx(0.7)
    assert found["at_risk_bounded"] == pytest.approx(5 / 125)
    assert found["sci_unclassified"] == pytest.approx(20 / 125)
    assert found["sci_secure_lower_bound"] == pytest.approx(50 / 125)
    assert found["sci_secure_upper_bound"] == pytest.approx(62 / 125)


def test_n_counts_complete_answers_for_classes_and_everyone_for_bounds() -> None:
    rows = secure_customer_index(
        *index_marts(level_counts({(4, 4, 4): 100, (4, 0, 0): 30})), AS_OF, Definitions()
    )
    n = dict(zip(rows["metric"], rows["n"], strict=True))
    assert {n[name] for name in (*CLASSES, "sci_share", "sci_top2")} == {100}
    assert {n[name] for name in n if "bound" in name or name == "sci_unclassified"} == {130}


def test_without_a_complete_answer_the_index_is_null_and_the_bounds_are_not() -> None:
    rows = secure_customer_index(*index_marts(level_counts({(4, 0, 4): 40})), AS_OF, Definitions()).set_index(
        "metric"
    )
    assert pd.isna(rows.loc["sci_share", "value"])
    assert rows.loc["sci_share", "suppression_reason"] == "no_observations"
    assert rows.loc["sci_secure_lower_bound", "value"] == 0
    assert rows.loc["sci_secure_upper_bound", "value"] == 1


def test_the_setting_decides_what_the_index_means_and_the_row_says_so() -> None:
    frame = level_counts({(4, 4, 4): 60, (3, 3, 3): 30, (1, 1, 1): 10})
    top = secure_customer_index(*index_marts(frame), AS_OF, Definitions(sci_box="top")).set_index("metric")
    top2 = secure_customer_index(*index_marts(frame), AS_OF, Definitions(sci_box="top2")).set_index("metric")
    policy = ";responses=latest_in_period"
    assert (top.loc["sci_share", "value"], top.loc["sci_share", "definition_id"]) == (0.6, f"box=top{policy}")
    assert (top2.loc["sci_share", "value"], top2.loc["sci_share", "definition_id"]) == (
        0.9,
        f"box=top2{policy}",
    )
    assert top.loc["sci_top2", "value"] == top2.loc["sci_top2", "value"] == 0.9
    assert top.loc["sci_secure_share", "value"] == top2.loc["sci_secure_share", "value"] == 0.6


def test_the_index_has_wilsons_interval_and_the_classes_goodmans() -> None:
    rows = secure_customer_index(
        *index_marts(level_counts({(4, 4, 4): 60, (1, 1, 1): 40})), AS_OF, Definitions()
    )
    method = dict(zip(rows["metric"], rows["ci_method"], strict=True))
    assert method["sci_share"] == "wilson"
    assert {method[name] for name in CLASSES} == {"goodman"}


def test_classes_and_bounds_add_up() -> None:
    random = np.random.default_rng(5)
    shares = random.dirichlet(np.full(len(TRIPLES), 0.05), size=200)
    drawn = random.multinomial(300, shares)
    cells = [
        level_counts(dict(zip(TRIPLES, cell.tolist(), strict=True)), segment_value=f"{index:03}")
        for index, cell in enumerate(drawn)
    ]
    rows = secure_customer_index(*index_marts(pd.concat(cells)), AS_OF, ALL_DISCLOSED)
    value = rows.pivot_table(index="segment_value", columns="metric", values="value")
    n = rows.pivot_table(index="segment_value", columns="metric", values="n")
    complete_share = n["sci_share"] / n["sci_unclassified"]
    assert np.allclose(complete_share + value["at_risk_bounded"] + value["sci_unclassified"], 1)
    assert (value["sci_secure_lower_bound"] <= value["sci_secure_upper_bound"]).all()
    classified = value.loc[n["sci_share"] > 0]
    assert np.allclose(classified[list(CLASSES)].sum(axis=1), 1)
    assert np.allclose(
        classified["sci_top2"], classified["sci_secure_share"] + classified["sci_favorable_share"]
    )


def test_the_order_of_the_rows_does_not_matter() -> None:
    counts = {triple: index + 1 for index, triple in enumerate(TRIPLES)}
    frame = pd.concat(
        [level_counts(counts, segment_value=f"c{index}") for index in range(4)], ignore_index=True
    )
    shuffled = frame.sample(frac=1, random_state=1)
    expected = secure_customer_index(*index_marts(frame), AS_OF, Definitions())
    pd.testing.assert_frame_equal(
        secure_customer_index(*index_marts(shuffled), AS_OF, Definitions()), expected
    )


def test_a_level_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1 of 2 rows.*repurchase_level outside 0 to 4"):
        secure_customer_index(*index_marts(level_counts({(4, 4, 4): 1, (4, 5, 4): 1})), AS_OF, Definitions())


def test_a_respondent_without_any_item_is_refused() -> None:
    with pytest.raises(ValueError, match="answer none of the three items"):
        secure_customer_index(*index_marts(level_counts({(0, 0, 0): 3})), AS_OF, Definitions())


def test_a_company_without_the_three_items_gives_an_empty_table() -> None:
    assert secure_customer_index(
        *index_marts(level_counts({(4, 4, 4): 1}).iloc[:0]), AS_OF, Definitions()
    ).empty
