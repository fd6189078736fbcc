"""Several identifiers of one person: what a row keeps of each, and what contracts may not say of the same ones."""

from datetime import date

import pytest

from pipelines.ingest.faults import IngestRefused
from pipelines.ingest.pseudonyms import identifier_key
from tests.conftest import SECRET, Home, RawRows
from tests.unit.ingest.test_kinds import COMPANY, ORDERS, told

PEOPLE = """\
  people:
    kind: customers
    files: people.csv
    key: [customer_id]
    columns: {customer_id: {from: number, id_space: shop}, account_id: account, email: mail, phone: phone}
"""
LINKS = """\
  merged:
    kind: customer_links
    files: merged.csv
    key: [customer_id, linked_id]
    columns:
      customer_id: {from: kept, id_space: shop}
      linked_id: {from: given_up, id_space: old_shop}
      valid_from: since
      valid_until: until
"""


def test_a_row_keeps_the_pseudonym_of_each_identifier_in_its_own_space_and_form(
    home: Home, raw_rows: RawRows
) -> None:
    home.land("people.csv", "number,account,mail,phone\n7,7,Ann@Example.org,0049 30 12\n8,,,\n")
    home.ingest(home.settings(COMPANY + PEOPLE))
    assert raw_rows("customers", "id_space, identifier_key, account_key, email_key, phone_key") == [
        (
            "shop",
            identifier_key(SECRET, "shop", "7"),
            identifier_key(SECRET, "account", "7"),
            identifier_key(SECRET, "email", "ann@example.org"),
            identifier_key(SECRET, "phone", "+493012"),
        ),
        ("shop", identifier_key(SECRET, "shop", "8"), None, None, None),
    ]


def test_a_row_goes_by_the_first_identifier_that_it_has(home: Home, raw_rows: RawRows) -> None:
    mapped = ORDERS.replace(
        "{order_id: id,", "{order_id: id, phone: phone, email: mail, customer_id: number,"
    )
    rows = ["1,,ann@example.org,+49", "2,7,ann@example.org,", "3,,,+49", "4,,,"]
    home.land(
        "orders.csv", "\n".join(["id,number,mail,phone,at,amount", *(f"{r},2025-03-01,1" for r in rows), ""])
    )
    home.ingest(home.settings(COMPANY + mapped))
    address, phone = (
        identifier_key(SECRET, "email", "ann@example.org"),
        identifier_key(SECRET, "phone", "+49"),
    )
    assert raw_rows("orders", "id_space, identifier_key, email_key, phone_key") == [
        ("email", address, address, phone),
        ("customer", identifier_key(SECRET, "customer", "7"), address, None),
        ("phone", phone, None, phone),
        (None, None, None, None),
    ]


def test_a_link_names_two_identifiers_and_the_local_days_between_which_it_holds(
    home: Home, raw_rows: RawRows
) -> None:
    home.land("merged.csv", "kept,given_up,since,until\n7,7,2025-03-01T23:30Z,2025-04-01\n7,8,,\n")
    home.ingest(home.settings(COMPANY + LINKS))
    columns = "id_space, identifier_key, linked_id_space, linked_key, valid_from_date, valid_until_date"
    kept = ("shop", identifier_key(SECRET, "shop", "7"), "old_shop")
    assert raw_rows("customer_links", columns) == [
        (*kept, identifier_key(SECRET, "old_shop", "7"), date(2025, 3, 2), date(2025, 4, 1)),
        (*kept, identifier_key(SECRET, "old_shop", "8"), None, None),
    ]


def test_a_link_without_its_second_identifier_is_rejected_and_says_nothing_of_the_first(
    home: Home, raw_rows: RawRows
) -> None:
    home.land("merged.csv", "kept,given_up,since,until\n7,,,\n8,9,,\n")
    home.ingest(
        home.settings(COMPANY + LINKS.replace("    columns", "    max_rejected_share: 1\n    columns"))
    )
    assert raw_rows("rejected", "column_name, reason, value") == [("linked_id", "missing_value", "***")]


def test_links_that_say_other_things_of_one_pair_contradict_each_other(home: Home) -> None:
    home.land("merged.csv", "kept,given_up,since,until\n7,8,,\n7,8,,2025-04-01\n")
    with pytest.raises(IngestRefused, match=r"same \['customer_id', 'linked_id'\]"):
        home.ingest(home.settings(COMPANY + LINKS))


def test_identifiers_of_one_space_have_one_form_and_both_places_are_named(home: Home) -> None:
    mapped = ORDERS.replace(
        "{order_id: id,", "{order_id: id, customer_id: {from: c, id_space: shop, normalise: %s},"
    )
    said = told(home, mapped % "strip_zeros" + PEOPLE)
    assert (
        "line 15, extracts.people.columns.customer_id: id_space 'shop' is normalised by nothing here" in said
    )
    assert "by [strip_zeros] in extracts.shop.columns.customer_id: one person would get two keys" in said
    # What a spreadsheet did to one file is undone in that file.
    home.settings(COMPANY + mapped % "[strip_apostrophe, strip_decimal, trim]" + PEOPLE)


def test_an_address_is_one_in_whichever_column_it_stands(home: Home) -> None:
    mapped = ORDERS.replace("{order_id: id,", "{order_id: id, customer_id: {from: c, id_space: email%s},")
    home.settings(COMPANY + mapped % ", normalise: lower" + PEOPLE)
    assert "is normalised by [email] here and by nothing in" in told(home, mapped % "" + PEOPLE)
