"""Every row of the demo company's extracts, and where it went: read, loaded, left out, counted.

Held to the counts of truth.json in three draws. What figures are made of it stands in `test_demo_truth`.
"""

from decimal import Decimal

import pytest

from tests.integration.homes import NightlyHome
from tests.integration.journeys import LATE_FILE
from tests.integration.test_demo_truth import WAVE_MONTHS, WIDEST_MISS, truth

SPLIT_FILE = "bestellungen/bestellungen_2025-10-01.csv"
# Whose late rows one draw delivers in a file of their own.


def test_every_row_of_every_file_is_read_and_loaded(drawn: NightlyHome) -> None:
    found = {
        path: (read, loaded, rejected)
        for path, read, loaded, rejected in drawn.query_build(
            "select replace(path, 'landing/', ''), rows_read, rows_loaded, rows_rejected from context.files"
        )
    }
    if LATE_FILE in found:
        pairs = zip(found[SPLIT_FILE], found.pop(LATE_FILE), strict=True)
        found[SPLIT_FILE] = tuple(rows + late for rows, late in pairs)
    assert found == {path: (rows, rows, 0) for path, rows in truth(drawn)["counts"]["rows"].items()}


def test_rows_that_are_left_out_or_stand_apart_are_those_that_were_drawn_so(drawn: NightlyHome) -> None:
    counts = truth(drawn)["counts"]
    rows = {
        ("blumenabo", "ended_before_started", "dropped"): counts["subscriptions"]["ended_before_started"],
        ("kundenbefragung", "no_customer", "kept"): counts["survey"][-1]["responses_without_customer"],
        ("shop_orders", "no_customer", "kept"): counts["orders"]["guests"],
        ("swiss_orders", "currency_without_rate", "kept"): counts["exchange_rates"]["lines_without_rate"],
        ("swiss_orders", "no_customer", "kept"): counts["swiss_orders"]["lines_of_guests"],
        ("swiss_refunds", "refund_without_order", "dropped"): counts["refunds"]["refund_without_order"],
    }
    found = drawn.query("select source, reason, treatment, row_count from loyalty.left_out")
    assert {tuple(key): count for *key, count in found} == {
        key: count for key, count in rows.items() if count
    }


def test_refunds_in_a_file_of_their_own_come_off_the_orders_that_they_name(drawn: NightlyHome) -> None:
    counted = truth(drawn)["counts"]["refunds"]
    assert drawn.query_build(
        "select count(*), count(*) filter (not has_order), count(distinct order_key) filter (has_order), "
        "sum(refund_amount) filter (has_order) from intermediate.int_refunds"
    ) == [
        (
            counted["refunds"],
            counted["refund_without_order"],
            counted["orders_with_a_refund"],
            Decimal(counted["refund_amount"]),
        )
    ]
    assert drawn.one(
        "select count(*) filter (refunded_amount > 0), sum(refunded_amount) from loyalty.orders "
        "where source = 'swiss_orders' and status = 'completed'"
    ) == (counted["orders_with_a_refund"], Decimal(counted["refund_amount"]))


def test_francs_are_worth_what_the_last_known_rate_of_their_day_says(drawn: NightlyHome) -> None:
    counted = truth(drawn)["counts"]["exchange_rates"]
    assert drawn.query_build(
        "select count(*) filter (gross_amount_company is null), sum(gross_amount_company), "
        "sum(refunded_amount_company) from intermediate.int_orders where source = 'swiss_orders'"
    ) == [
        (
            counted["orders_without_rate"],
            Decimal(counted["gross_amount_company"]),
            Decimal(counted["refunded_amount_company"]),
        )
    ]
    assert drawn.one(
        "select sum(net_amount_company), sum(net_amount_company) filter (customer_key is not null) "
        "from loyalty.orders where source = 'swiss_orders'"
    ) == tuple(Decimal(counted[name]) for name in ("net_amount_company", "net_amount_company_of_customers"))


def test_orders_without_a_rate_are_those_of_the_gap_and_still_purchases(drawn: NightlyHome) -> None:
    first, last, purchases = drawn.one(
        "select min(ordered_date)::text, max(ordered_date)::text, count(*) filter (is_purchase) "
        "from loyalty.orders where net_amount_company is null"
    )
    # The last rate before the gap is seven days old on 1 August, the first one after it of 18 August.
    assert "2025-08-02" <= str(first) <= str(last) <= "2025-08-17"
    assert isinstance(purchases, int)
    assert 0 < purchases <= truth(drawn)["counts"]["exchange_rates"]["orders_without_rate"]


def test_money_of_customers_is_that_of_both_shops_in_euros(drawn: NightlyHome) -> None:
    counts = truth(drawn)["counts"]
    assert drawn.value("select sum(net_amount) from loyalty.customers") == Decimal(
        counts["orders"]["net_amount_of_customers"]
    ) + Decimal(counts["exchange_rates"]["net_amount_company_of_customers"])


def test_invitations_of_every_wave_are_those_that_were_drawn(drawn: NightlyHome) -> None:
    statuses = ("sent", "bounced", "not_contacted")
    found = drawn.query_build(
        "select date_trunc('month', invited_date)::date::text, status, count(*), count(distinct identifier_key) "
        "from staging.stg_survey_invitations where survey = 'kundenbefragung' group by all"
    )
    assert sorted(found) == sorted(
        (WAVE_MONTHS[wave["wave"]], status, wave[status], wave[status])
        for wave in truth(drawn)["counts"]["invitations"]
        for status in statuses
    )


def test_response_rates_are_those_of_the_draw_and_near_what_was_to_be_expected(drawn: NightlyHome) -> None:
    drawn_truth = truth(drawn)
    expected = {
        wave["wave"]: wave["delivered_response_rate"] for wave in drawn_truth["expected"]["invitations"]
    }
    for wave in drawn_truth["counts"]["invitations"]:
        responses = drawn.value(
            "select count(distinct coalesce(customer_key, response_key)) from loyalty.survey_responses "
            "where date_trunc('month', responded_date) = ?::date",
            WAVE_MONTHS[wave["wave"]],
        )
        assert responses == wave["responses"]
        rate, stated = wave["responses"] / wave["sent"], expected[wave["wave"]]
        assert rate == pytest.approx(wave["delivered_response_rate"], abs=1e-9)
        error = (stated * (1 - stated) / wave["sent"]) ** 0.5
        assert rate == pytest.approx(stated, abs=WIDEST_MISS * error)


def test_all_who_respond_with_a_number_were_sent_an_invitation_before(drawn: NightlyHome) -> None:
    assert drawn.query_build(
        "select count(*) from staging.stg_survey_responses as responses where identifier_key is not null "
        "and not exists (from staging.stg_survey_invitations as invitations "
        "where responses.identifier_key = invitations.identifier_key and invitations.status = 'sent' "
        "and responses.responded_at >= invitations.invited_at)"
    ) == [(0,)]


def test_subscriptions_are_those_that_were_drawn(drawn: NightlyHome) -> None:
    counted = truth(drawn)["counts"]["subscriptions"]
    found = drawn.query_build("select plan, count(*) from staging.stg_subscriptions group by plan")
    assert dict(found) == {plan: count for plan, count in counted["by_plan"].items() if count}
    running = {
        currency: (count, amount)
        for currency, count, amount in drawn.query_build(
            "select currency, count(*), sum(monthly_amount)::decimal(18, 2) from staging.stg_subscriptions "
            "where ended_date is null group by currency"
        )
    }
    assert sum(count for count, _ in running.values()) == counted["running"]
    assert {currency: str(amount) for currency, (_, amount) in running.items()} == {
        currency: amount for currency, amount in counted["monthly_amount_running"].items() if amount != "0.00"
    }
