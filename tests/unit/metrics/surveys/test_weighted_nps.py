"""Weighted net promoter score: a case by hand, its error beside a bootstrap, identities, broken input."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from pipelines.metrics.surveys.weighted_nps import weighted_nps
from pipelines.settings import Definitions

AS_OF = date(2025, 6, 30)
ALL_DISCLOSED = Definitions(min_disclosed_n=1)
PERIOD = {"period_grain": "month", "period_start_date": pd.Timestamp("2025-06-01")}
CLASSES = ["promoter", "passive", "detractor"]

COUNTRIES = ("AT", "DE")


def cell_counts(counts: dict[tuple[int, int, str], int]) -> pd.DataFrame:
    """Answers by number of the combination, decile and class."""
    rows = [(*cell, count) for cell, count in counts.items()]
    columns = ["combination_number", "value_decile", "nps_class", "answer_count"]
    return pd.DataFrame(rows, columns=columns).assign(survey="kunden", item="recommend", **PERIOD)


def combinations(countries: tuple[str, ...] = COUNTRIES) -> pd.DataFrame:
    """Combination 1 is the first country, 2 the second."""
    rows = [(number, *pair) for number, country in enumerate(countries, 1) for pair in
            (("all", "all"), ("country", country))]  # fmt: skip
    return pd.DataFrame(rows, columns=["combination_number", "segment_name", "segment_value"])


def margins(by_country: dict[str, int], by_decile: dict[int, int]) -> pd.DataFrame:
    rows: list[tuple[str, str, int, int]] = [("all", "all", 0, sum(by_country.values()))]
    rows += [("country", country, 0, count) for country, count in by_country.items()]
    rows += [("all", "all", decile, count) for decile, count in by_decile.items()]
    columns = ["segment_name", "segment_value", "value_decile", "customer_count"]
    return pd.DataFrame(rows, columns=columns).assign(**PERIOD)


def figures(rows: pd.DataFrame, segment_value: str = "all") -> pd.DataFrame:
    return rows.loc[rows["segment_value"] == segment_value].set_index("metric")


HAND_ANSWERS = cell_counts(
    {
        (1, 1, "promoter"): 10,
        (1, 1, "passive"): 5,
        (1, 1, "detractor"): 5,
        (2, 1, "promoter"): 60,
        (2, 1, "passive"): 10,
        (2, 1, "detractor"): 10,
    }
)
HAND_MARGINS = margins({"AT": 500, "DE": 500}, {1: 1000})
# Twenty Austrians with an NPS of 25 and eighty Germans with 62.5, of a population half and half.


def test_respondents_count_for_as_many_customers_as_are_like_them() -> None:
    # Weights 0.5 / 0.2 = 2.5 and 0.5 / 0.8 = 0.625: the mean of the two scores.
    found = weighted_nps(HAND_ANSWERS, combinations(), HAND_MARGINS, AS_OF, ALL_DISCLOSED)
    overall = figures(found)
    assert overall.loc["nps_points", "value"] == pytest.approx((25 + 62.5) / 2)
    assert overall.loc["promoter_share", "value"] == pytest.approx((0.5 + 0.75) / 2)
    assert overall.loc["passive_share", "value"] == pytest.approx((0.25 + 0.125) / 2)
    assert overall.loc["detractor_share", "value"] == pytest.approx((0.25 + 0.125) / 2)
    assert figures(found, "AT").loc["nps_points", "value"] == pytest.approx(25)
    assert figures(found, "DE").loc["nps_points", "value"] == pytest.approx(62.5)
    assert overall.loc["raking_margin_error", "value"] == 0
    assert set(found["weighting"]) == {"raked"}
    assert overall.loc["nps_points", "n"] == 100
    # (20 x 2.5 + 80 x 0.625)^2 / (20 x 2.5^2 + 80 x 0.625^2)
    assert overall.loc["nps_points", "n_kish"] == pytest.approx(100**2 / 156.25)


def test_the_error_is_that_of_a_stratified_sample_where_one_margin_is_all() -> None:
    # Residuals are x less the mean of its country, of whose n_h answers one is taken by that mean: SE^2 = sum W_h^2
    # v_h / (n_h - 1).
    found = figures(weighted_nps(HAND_ANSWERS, combinations(), HAND_MARGINS, AS_OF, ALL_DISCLOSED))
    of_austria, of_germany = 0.75 - 0.25**2, 0.875 - 0.625**2
    variance = 0.25 * of_austria / 19 + 0.25 * of_germany / 79
    assert found.loc["nps_points", "std_error"] == pytest.approx(100 * np.sqrt(variance), rel=1e-12)
    spread = (0.625 + 0.1875) - 0.4375**2
    assert found.loc["nps_points", "n_effective"] == pytest.approx(spread / variance)


def drawn(random: np.random.Generator, size: int = 600) -> npt.NDArray[np.int64]:
    """Answers by country, decile and class: Germans and good customers answer more often and score higher."""
    decile, country = np.arange(10), np.arange(2)[:, None]
    responds = np.exp(0.08 * decile + 0.7 * country)
    promoter = 0.25 + 0.03 * decile + 0.12 * country
    shares = np.stack([promoter, 0.8 * (1 - promoter), 0.2 * (1 - promoter)], axis=-1) * responds[..., None]
    return random.multinomial(size, shares.ravel() / shares.sum()).reshape(shares.shape)


def answers_of(counts: npt.NDArray[np.int64]) -> pd.DataFrame:
    return cell_counts(
        {
            (country + 1, decile + 1, CLASSES[place]): int(count)
            for (country, decile, place), count in np.ndenumerate(counts)
            if count
        }
    )


POPULATION = margins({"AT": 5000, "DE": 5000}, dict.fromkeys(range(1, 11), 1000))


def test_residual_errors_agree_with_a_bootstrap_that_repeats_the_raking() -> None:
    # 200 draws know a standard error to 5 %: three of those.
    random = np.random.default_rng(20250630)
    sample = drawn(random, 1_800)
    shares = sample.ravel() / sample.sum()
    repeats = random.multinomial(sample.sum(), shares, size=200).reshape(-1, *sample.shape)
    answers = pd.concat(
        [answers_of(repeat).assign(survey=f"{place:03}") for place, repeat in enumerate(repeats)]
    )
    rows = weighted_nps(answers, combinations(), POPULATION, AS_OF, ALL_DISCLOSED)
    values = rows.loc[rows["metric"] == "nps_points"].groupby("segment_value")["value"]
    found = weighted_nps(answers_of(sample), combinations(), POPULATION, AS_OF, ALL_DISCLOSED)
    for segment_value, bootstrap in values.std().items():
        error = figures(found, str(segment_value)).loc["nps_points", "std_error"]
        assert error / bootstrap == pytest.approx(1, abs=0.15), segment_value


def points_of(counts: npt.NDArray[np.int64]) -> "pd.Series[float]":
    found = weighted_nps(answers_of(counts), combinations(), POPULATION, AS_OF, ALL_DISCLOSED)
    return found.loc[found["metric"] == "nps_points"].set_index("segment_value")["value"]


def test_twice_the_answers_shrink_the_error_by_the_square_root_of_two() -> None:
    sample = drawn(np.random.default_rng(3), 4_000)
    once, twice = (
        figures(weighted_nps(answers_of(counts), combinations(), POPULATION, AS_OF, ALL_DISCLOSED))
        for counts in (sample, 2 * sample)
    )
    assert twice.loc["nps_points", "value"] == pytest.approx(once.loc["nps_points", "value"])
    ratio = once.loc["nps_points", "std_error"] / twice.loc["nps_points", "std_error"]
    # What the margins' eleven means take is a smaller part of twice as many answers.
    assert ratio == pytest.approx(np.sqrt(2), rel=5e-3)


def test_mirrored_answers_flip_the_sign_and_row_order_does_not_matter() -> None:
    sample = drawn(np.random.default_rng(5))
    value = points_of(sample)
    assert points_of(sample[..., ::-1]).to_dict() == pytest.approx((-value).to_dict())
    answers = answers_of(sample)
    shuffled = weighted_nps(
        answers.sample(frac=1, random_state=1),
        combinations().iloc[::-1],
        POPULATION.sample(frac=1, random_state=2),
        AS_OF,
        ALL_DISCLOSED,
    )
    ordered = weighted_nps(answers, combinations(), POPULATION, AS_OF, ALL_DISCLOSED)
    pd.testing.assert_frame_equal(shuffled, ordered, check_exact=True)


def test_without_segments_deciles_alone_are_raked() -> None:
    answers = cell_counts({(1, 1, "promoter"): 20, (1, 2, "detractor"): 60})
    only_all = combinations().query("combination_number == 1 and segment_name == 'all'")
    found = figures(
        weighted_nps(
            answers, only_all, margins({}, {1: 500, 2: 500}).query("customer_count > 0"), AS_OF, ALL_DISCLOSED
        )
    )
    assert found.loc["nps_points", "value"] == pytest.approx(0)


def test_where_all_answer_alike_there_is_an_interval_all_the_same() -> None:
    answers = cell_counts({(1, 1, "promoter"): 20, (2, 1, "promoter"): 80})
    found = figures(weighted_nps(answers, combinations(), HAND_MARGINS, AS_OF, ALL_DISCLOSED))
    assert found.loc["nps_points", ["value", "std_error"]].tolist() == [100, 0]
    assert found.loc["nps_points", "n_effective"] == found.loc["nps_points", "n_kish"]
    assert 85 < found.loc["nps_points", "ci_low"] < found.loc["nps_points", "ci_high"] == 100


def test_a_country_that_is_most_of_the_customers_and_did_not_answer_leaves_no_figure() -> None:
    answers = cell_counts({(1, 1, "promoter"): 200})
    found = weighted_nps(
        answers, combinations(), margins({"AT": 300, "DE": 700}, {1: 1000}), AS_OF, ALL_DISCLOSED
    )
    assert found["value"].isna().all()
    assert set(found["suppression_reason"]) == {"margin_not_answered"}
    assert not found["is_publishable"].any()
    assert set(found["n"]) == {200}


def test_a_small_country_that_did_not_answer_is_counted_with_the_largest() -> None:
    answers = cell_counts({(2, 1, "promoter"): 150, (2, 1, "detractor"): 50})
    found = figures(
        weighted_nps(
            answers, combinations(), margins({"AT": 300, "DE": 700}, {1: 1000}), AS_OF, ALL_DISCLOSED
        )
    )
    assert found.loc["nps_points", "value"] == pytest.approx(50)


def test_one_answer_or_fewer_answers_than_margins_leave_no_figure() -> None:
    most_are_german = margins({"AT": 300, "DE": 700}, {1: 1000})
    single = cell_counts({(2, 1, "promoter"): 1})
    found = weighted_nps(single, combinations(), most_are_german, AS_OF, ALL_DISCLOSED)
    assert set(found.loc[found["metric"] == "nps_points", "suppression_reason"]) == {"too_few_for_margins"}
    few = weighted_nps(HAND_ANSWERS, combinations(), HAND_MARGINS, AS_OF, Definitions(min_disclosed_n=30))
    assert figures(few, "AT").loc["nps_points", "suppression_reason"] == "below_min_disclosed_n"


def test_no_answers_make_no_rows() -> None:
    assert weighted_nps(HAND_ANSWERS.iloc[:0], combinations(), HAND_MARGINS, AS_OF, ALL_DISCLOSED).empty


@pytest.mark.parametrize(("count", "complaint"), [(0, "have no answer"), (-2, "that is no count")])
def test_a_count_that_is_not_positive_is_refused(count: int, complaint: str) -> None:
    answers = cell_counts({(1, 1, "promoter"): 20, (2, 1, "passive"): count})
    with pytest.raises(ValueError, match=complaint):
        weighted_nps(answers, combinations(), HAND_MARGINS, AS_OF, ALL_DISCLOSED)


@pytest.mark.parametrize(("count", "complaint"), [(0, "have no customer"), (-2, "that is no count")])
def test_a_margin_that_is_not_positive_is_refused(count: int, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        weighted_nps(
            HAND_ANSWERS, combinations(), margins({"AT": 10, "DE": count}, {1: 10}), AS_OF, ALL_DISCLOSED
        )


def test_answers_that_no_margin_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="counts no customer with segment country DE"):
        weighted_nps(HAND_ANSWERS, combinations(), margins({"AT": 10}, {1: 10}), AS_OF, ALL_DISCLOSED)
    with pytest.raises(ValueError, match="have a class other than promoter, passive, detractor"):
        weighted_nps(HAND_ANSWERS.assign(nps_class="fan"), combinations(), HAND_MARGINS, AS_OF, ALL_DISCLOSED)
    with pytest.raises(ValueError, match="repeat a key"):
        weighted_nps(
            pd.concat([HAND_ANSWERS, HAND_ANSWERS]), combinations(), HAND_MARGINS, AS_OF, ALL_DISCLOSED
        )
