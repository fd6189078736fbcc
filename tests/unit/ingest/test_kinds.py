"""What each kind of extract gives the raw tables, and what a contract of that kind can't mean."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from pipelines.ingest.faults import IngestRefused
from pipelines.ingest.kinds import KINDS
from pipelines.settings_file import SettingsError
from tests.conftest import Home, RawRows

COMPANY = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2025-01-01
extracts:
"""
ORDERS = """\
  shop:
    kind: orders
    files: orders.csv
    key: [order_id]
    columns: {order_id: id, ordered_at: at, gross_amount: amount}
"""
REFUNDS = """\
  paid_back:
    kind: refunds
    files: refunds.csv
    key: [refund_id]
    refunds_of: shop
    columns: {refund_id: id, order_id: order, refunded_at: at, refund_amount: amount}
"""
RATES = """\
  rates:
    kind: fx_rates
    files: rates.csv
    key: [currency, rate_date]
    format: {decimal: ","}
    columns: {currency: code, rate_date: day, rate: value}
"""


def rates(home: Home, text: str, rows: str) -> None:
    home.land("rates.csv", "code;day;value\n" + rows)
    home.ingest(home.settings(COMPANY + text))


def told(home: Home, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        home.settings(COMPANY + text)
    return str(caught.value)


def test_every_raw_table_begins_with_where_its_rows_stood() -> None:
    for kind in KINDS.values():
        for columns in kind.tables.values():
            assert list(columns)[:3] == ["extract", "file_id", "line"]


def test_a_refund_keeps_its_instant_its_local_day_and_no_currency_that_nobody_stated(
    home: Home, raw_rows: RawRows
) -> None:
    home.land("orders.csv", "id,at,amount\n7,2025-03-01,10\n")
    home.land("refunds.csv", "id,order,at,amount\nr1,7,2025-03-02 00:30,2.50\n")
    home.ingest(home.settings(COMPANY + ORDERS + REFUNDS))
    columns = "refund_id, order_id, refunded_at, refunded_date, refund_amount, currency, reason"
    assert raw_rows("refunds", columns) == [
        ("r1", "7", datetime(2025, 3, 1, 23, 30), date(2025, 3, 2), Decimal("2.5000"), None, None)
    ]


def test_an_empty_currency_of_a_refund_is_left_to_its_order(home: Home, raw_rows: RawRows) -> None:
    home.land("orders.csv", "id,at,amount\n7,2025-03-01,10\n")
    home.land("refunds.csv", "id,order,at,amount,cur\nr1,7,2025-03-02,1,usd\nr2,7,2025-03-02,1,\n")
    mapped = REFUNDS.replace("refund_amount: amount}", "refund_amount: amount, currency: cur}")
    home.ingest(home.settings(COMPANY + ORDERS + mapped))
    assert raw_rows("refunds", "currency") == [("USD",), (None,)]


def test_a_rate_keeps_eight_digits_and_the_day_that_the_file_writes(home: Home, raw_rows: RawRows) -> None:
    rates(home, RATES, "USD;2025-03-01;0,923456785\nchf;2025-03-01;1\n")
    assert raw_rows("fx_rates", "currency, rate_date, rate") == [
        ("USD", date(2025, 3, 1), Decimal("0.92345679")),
        ("CHF", date(2025, 3, 1), Decimal("1.00000000")),
    ]


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "UTC"])
def test_the_day_of_a_rate_is_the_one_written_whatever_the_zone_of_the_file(
    home: Home, raw_rows: RawRows, zone: str
) -> None:
    rates(home, RATES.replace('decimal: ","', f'decimal: ",", time_zone: {zone}'), "USD;2025-03-01;0,9\n")
    assert raw_rows("fx_rates", "rate_date") == [(date(2025, 3, 1),)]


def test_a_rate_quoted_the_other_way_is_inverted_once(home: Home, raw_rows: RawRows) -> None:
    inverted = RATES.replace('decimal: ","', 'decimal: ",", rate_means: foreign_per_company')
    rates(
        home,
        inverted,
        "USD;2025-03-01;1,0813\nJPY;2025-03-01;162,35\nVND;2025-03-01;26.713,4\n".replace(".", ""),
    )
    assert raw_rows("fx_rates", "rate") == [
        (Decimal("0.92481273"),),
        (Decimal("0.00615953"),),
        (Decimal("0.00003743"),),
    ]


@pytest.mark.parametrize("means", ["company_per_foreign", "foreign_per_company"])
@pytest.mark.parametrize("value", ["0", "-1,5"])
def test_a_rate_that_is_not_above_0_is_rejected(
    home: Home, raw_rows: RawRows, means: str, value: str
) -> None:
    text = RATES.replace('decimal: ","', f'decimal: ",", rate_means: {means}')
    text = text.replace("    columns", "    max_rejected_share: 1\n    columns")
    rates(home, text, f"USD;2025-03-01;{value}\nUSD;2025-03-02;1\n")
    assert raw_rows("rejected", "column_name, reason, value") == [("rate", "not_positive", value)]


def test_a_rate_without_currency_is_not_taken_for_the_companys(home: Home, raw_rows: RawRows) -> None:
    text = RATES.replace("    columns", "    max_rejected_share: 1\n    columns")
    rates(home, text, ";2025-03-01;0,9\nUSD;2025-03-02;abc\nUSD;2025-03-02;1\n")
    assert raw_rows("rejected", "column_name, reason") == [
        ("currency", "missing_value"),
        ("rate", "unreadable_number"),
    ]


def test_two_rates_for_one_currency_and_day_are_refused_and_two_days_are_not(home: Home) -> None:
    rates(home, RATES, "USD;2025-03-01;0,9\nUSD;2025-03-02;0,8\nCHF;2025-03-01;1,1\n")
    with pytest.raises(
        IngestRefused, match=r"rates.csv line 3 .* \['currency', 'rate_date'\] than rates.csv line 2"
    ):
        rates(home, RATES, "USD;2025-03-01;0,9\nUSD;2025-03-01;0,8\nCHF;2025-03-01;1,1\n")


def test_tax_shipping_and_discount_are_taken_where_they_are_mapped(home: Home, raw_rows: RawRows) -> None:
    home.land("orders.csv", "id,at,amount,vat,post\n7,2025-03-01,11.90,1.90,\n")
    parts = ORDERS.replace(
        "gross_amount: amount}", "gross_amount: amount, tax_amount: vat, shipping_amount: post}"
    )
    home.ingest(home.settings(COMPANY + parts))
    assert raw_rows("orders", "tax_amount, shipping_amount, discount_amount") == [
        (Decimal("1.9000"), None, None)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ORDERS + REFUNDS.replace("    refunds_of: shop\n", ""), "refunds need refunds_of"),
        (
            ORDERS.replace("key:", "refunds_of: shop\n    key:"),
            "only extracts of kind refunds have refunds_of",
        ),
        (
            ORDERS + REFUNDS.replace("refunds_of: shop", "refunds_of: till"),
            "'till' is no extract of kind orders",
        ),
        (
            ORDERS.replace("key: [order_id]", "key: none") + REFUNDS,
            "'shop' has no key: without order ids no refund finds its order",
        ),
        (
            ORDERS.replace("amount}", "amount, refunded_amount: back}") + REFUNDS,
            "the same money would come off twice",
        ),
        (RATES.replace("key: [currency, rate_date]", "key: none"), "state key: [currency, rate_date]"),
        (
            ORDERS.replace("    columns", "    format: {rate_means: foreign_per_company}\n    columns"),
            "only extracts of kind fx_rates have rates",
        ),
        (ORDERS + "settings: {revenue_basis: without_tax}\n", "revenue_basis without_tax needs 'tax_amount'"),
        (
            ORDERS.replace("amount}", 'amount, tax_amount: {value: "0"}}')
            + "settings: {revenue_basis: without_tax_and_shipping}\n",
            "revenue_basis without_tax_and_shipping needs 'shipping_amount'",
        ),
    ],
)
def test_what_a_contract_of_a_kind_can_not_mean_is_told(home: Home, text: str, expected: str) -> None:
    assert expected in told(home, text)


PEOPLE = """\
  people:
    kind: customers
    files: people.csv
    key: none
    columns: {customer_id: id, valid_from: since}
    attributes: {country: country}
"""
SURVEY = """\
  poll:
    kind: survey_responses
    files: poll.csv
    key: [response_id]
    columns: {response_id: id, responded_at: at}
    questions: [{id: recommend, column: nps, construct: recommend, scale: [0, 10]}]
"""
INVITATIONS = """\
  asked:
    kind: survey_invitations
    files: asked.csv
    key: [invitation_id]
    survey: poll
    columns: {invitation_id: id, customer_id: who, invited_at: at}
"""
SUBSCRIPTIONS = """\
  boxes:
    kind: subscriptions
    files: boxes.csv
    key: [subscription_id]
    columns: {subscription_id: id, customer_id: who, started_at: von, ended_at: bis, monthly_amount: amount}
"""


def test_an_attribute_carries_the_local_day_from_which_its_row_says_it_holds(
    home: Home, raw_rows: RawRows
) -> None:
    home.land("people.csv", "id,since,country\n1,2025-03-01 00:30,DE\n1,,AT\n")
    home.ingest(home.settings(COMPANY + PEOPLE))
    assert raw_rows("customer_attributes", "valid_from_date, value") == [
        (date(2025, 3, 1), "DE"),
        (None, "AT"),
    ]
    assert raw_rows("customers", "valid_from_date") == [(date(2025, 3, 1),), (None,)]


def test_attributes_without_such_a_day_have_none(home: Home, raw_rows: RawRows) -> None:
    home.land("people.csv", "id,country\n1,DE\n")
    home.ingest(home.settings(COMPANY + PEOPLE.replace(", valid_from: since", "")))
    assert raw_rows("customer_attributes", "valid_from_date, value") == [(None, "DE")]


def test_an_invitation_is_sent_unless_its_status_says_otherwise(home: Home, raw_rows: RawRows) -> None:
    home.land("poll.csv", "id,at,nps\nr,2025-03-01,9\n")
    home.land("asked.csv", "id,who,at,status\ni1,5,2025-03-01 00:30,\ni2,,2025-03-02,bounced\n")
    home.ingest(home.settings(COMPANY + SURVEY + INVITATIONS))
    columns = "invitation_id, invited_at, invited_date, status, identifier_key is null"
    first = ("i1", datetime(2025, 2, 28, 23, 30), date(2025, 3, 1), "sent", False)
    assert raw_rows("survey_invitations", columns)[0] == first
    mapped = INVITATIONS.replace("invited_at: at}", "invited_at: at, status: status}")
    home.ingest(home.settings(COMPANY + SURVEY + mapped))
    assert {row[0] for row in raw_rows("survey_invitations", "status")} == {"sent", "bounced"}


def test_a_status_of_orders_is_none_of_invitations(home: Home) -> None:
    mapped = INVITATIONS.replace(
        "invited_at: at}", "invited_at: at, status: {from: status, map: {ok: completed}}}"
    )
    assert "'completed' is not allowed; allowed: sent, bounced, not_contacted" in told(home, SURVEY + mapped)


def test_a_subscription_keeps_its_start_its_end_and_its_price(home: Home, raw_rows: RawRows) -> None:
    home.land("boxes.csv", "id,who,von,bis,amount\ns1,5,2025-01-01,2025-06-30,9.90\ns2,6,2025-01-01,,\n")
    home.ingest(home.settings(COMPANY + SUBSCRIPTIONS))
    columns = "subscription_id, started_date, ended_date, monthly_amount, currency, plan"
    assert raw_rows("subscriptions", columns) == [
        ("s1", date(2025, 1, 1), date(2025, 6, 30), Decimal("9.9000"), "EUR", None),
        ("s2", date(2025, 1, 1), None, None, "EUR", None),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SURVEY + INVITATIONS.replace("    survey: poll\n", ""), "survey_invitations need survey"),
        (INVITATIONS, "'poll' is no survey of this file; allowed: none"),
        (
            SURVEY.replace("key:", "survey: poll\n    key:"),
            "only extracts of kind survey_invitations have survey",
        ),
    ],
)
def test_an_invitation_needs_a_survey_of_the_file(home: Home, text: str, expected: str) -> None:
    assert expected in told(home, text)
