"""Response rates, reasons, and what becomes of the classes, in three draws of the demo company.

What truth.json counts, and what the published responses and orders add up to, must be published exactly; what was
drawn by chance must lie within four published standard errors.
"""

import math
from typing import Any

import pytest

from tests.integration.homes import NightlyHome
from tests.integration.test_demo_truth import WAVE_MONTHS, WIDEST_MISS, published_figures, truth

CLASSES = ("detractor", "passive", "promoter")
# In the order in which the parameters of the draw give them.

CLASSED = """
    responses as (
        select r.customer_key, r.survey, r.responded_at, r.responded_date, r.response_key, a.class
        from loyalty.survey_responses as r
        inner join loyalty.survey_answers as a
            on r.response_key = a.response_key and a.construct = 'recommend' and not a.is_missing
        where r.customer_key is not null
    )
"""
# Every recommendation of a known customer; the survey asks for one.


def test_response_rates_of_every_wave_are_those_that_were_drawn(drawn: NightlyHome) -> None:
    figures = published_figures(drawn)
    for wave in truth(drawn)["counts"]["invitations"]:
        period = ("month", WAVE_MONTHS[wave["wave"]])
        rate, _, n = figures["delivered_response_rate", *period]
        assert n == wave["sent"]
        assert rate == pytest.approx(wave["delivered_response_rate"], abs=1e-9)
        _, _, n = figures["sent_response_rate", *period]
        assert n == wave["sent"] + wave["bounced"]
        share, _, n = figures["not_contacted_share", *period]
        assert n == wave["sent"] + wave["bounced"] + wave["not_contacted"]
        assert share == pytest.approx(wave["not_contacted"] / n, abs=1e-12)
        _, _, n = figures["completion_rate", *period]
        assert n == wave["responses"]


def test_the_expected_response_rate_lies_within_four_standard_errors(drawn: NightlyHome) -> None:
    figures = published_figures(drawn)
    for wave in truth(drawn)["expected"]["invitations"]:
        rate, error, _ = figures["delivered_response_rate", "month", WAVE_MONTHS[wave["wave"]]]
        assert isinstance(error, float)
        assert rate == pytest.approx(wave["delivered_response_rate"], abs=WIDEST_MISS * error)


def named(shares: dict[str, list[float]], nps_class: str, reason: str) -> float:
    """The share of a reason among those of a class who name any: whoever names none answers nothing."""
    place = CLASSES.index(nps_class)
    none = math.prod(1 - by_class[place] for by_class in shares.values())
    return shares[reason][place] / (1 - none)


def test_reasons_are_named_as_often_as_they_were_drawn(drawn: NightlyHome) -> None:
    shares = truth(drawn)["parameters"]["reason_shares"]
    for nps_class in CLASSES:
        rows = drawn.query(
            f"select reason, {nps_class}_share, {nps_class}_n from loyalty.reasons where period_grain = 'all'"
        )
        assert {reason for reason, _, _ in rows} == set(shares)
        for reason, share, n in rows:
            assert isinstance(n, int)
            expected = named(shares, nps_class, str(reason))
            error = math.sqrt(expected * (1 - expected) / n)
            assert share == pytest.approx(expected, abs=WIDEST_MISS * error)


def test_the_reasons_that_passives_share_with_detractors_are_ranked_as_they_are_built_in(
    demo: NightlyHome,
) -> None:
    shares = truth(demo)["parameters"]["reason_shares"]
    excess = {
        reason: min(named(shares, "passive", reason), named(shares, "detractor", reason))
        - named(shares, "promoter", reason)
        for reason in shares
    }
    expected = sorted((reason for reason in excess if excess[reason] > 0), key=lambda reason: -excess[reason])
    rows = demo.query(
        "select reason, is_clearly_shared from loyalty.reasons "
        "where period_grain = 'all' and shared_rank is not null order by shared_rank"
    )
    assert rows == [(reason, True) for reason in expected]


def test_moves_between_classes_are_those_of_the_published_responses(drawn: NightlyHome) -> None:
    found = drawn.query(
        f"""
        with {CLASSED},
        latest as (
            select customer_key, year(responded_date) as year,
                max_by(class, (responded_at, response_key)) as class
            from responses
            group by all
        )
        select before.class, now.class, count(*)
        from latest as now
        inner join latest as before on now.customer_key = before.customer_key and now.year = before.year + 1
        where now.year = 2025
        group by all
        order by all
        """
    )
    published = drawn.query(
        "select from_class, to_class, coalesce(customer_count, 0), from_count from loyalty.class_transitions "
        "where metric = 'nps' and period_grain = 'year' and period_start_date = '2025-01-01' order by all"
    )
    counted: dict[Any, Any] = {(before, now): count for before, now, count in found}
    assert len(published) == 9
    for before, now, customers, of_class in published:
        assert isinstance(of_class, int)
        # Withheld where fewer than ten were of the class.
        assert customers == (counted.get((before, now), 0) if of_class >= 10 else 0)
        assert of_class == sum(count for (left, _), count in counted.items() if left == before)


def test_what_classes_bought_afterwards_is_what_the_published_orders_add_up_to(drawn: NightlyHome) -> None:
    found = drawn.query(
        f"""
        with {CLASSED},
        latest as (
            select customer_key, max_by(class, (responded_at, response_key)) as class,
                max_by(responded_date, (responded_at, response_key)) as responded_date
            from responses
            where responded_date + 180 <= date '2025-12-31'
            group by all
        ),
        later as (
            select latest.customer_key, latest.class,
                count(distinct o.ordered_date) filter (where o.is_purchase) as occasions,
                coalesce(sum(o.net_amount_company), 0) as net_amount
            from latest
            inner join loyalty.customers as c
                on latest.customer_key = c.customer_key and latest.responded_date >= c.first_purchase_date
            left join loyalty.orders as o
                on latest.customer_key = o.customer_key
                and o.ordered_date > latest.responded_date and o.ordered_date <= latest.responded_date + 180
            group by all
        )
        select class, count(*), count(*) filter (where occasions > 0), avg(occasions), avg(net_amount)::double,
            stddev_samp(net_amount::double) / sqrt(count(*))
        from later
        group by all
        order by all
        """
    )
    published = drawn.query(
        "select class, customer_count, repurchased_count, occasions_per_customer, net_amount_per_customer, "
        "net_amount_per_customer_std_error from loyalty.class_outcomes "
        "where metric = 'nps' and horizon_days = 180 order by all"
    )
    assert [row[:3] for row in published] == [row[:3] for row in found]
    for row, expected in zip(published, found, strict=True):
        assert row[3:] == pytest.approx(expected[3:], rel=1e-9)


def test_promoters_and_secure_customers_buy_more_afterwards_than_the_worst_class(demo: NightlyHome) -> None:
    rows = demo.query(
        "select metric, repurchase_share_validity_ci_low, net_amount_per_customer_validity_ci_low "
        "from loyalty.class_outcomes where class in ('promoter', 'secure') and horizon_days = 180 order by metric"
    )
    assert [metric for metric, _, _ in rows] == ["nps", "sci"]
    for _, share, amount in rows:
        assert isinstance(share, float)
        assert isinstance(amount, float)
        assert share > 0
        assert amount > 0
