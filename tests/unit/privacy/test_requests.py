"""Whom a file asks to erase: identifiers in every form that the contracts give them."""

from pathlib import Path

import pytest

from pipelines.ingest.pseudonyms import identifier_key
from pipelines.paths import HomePaths
from pipelines.privacy.requests import RequestFault, read_requests
from pipelines.settings import Settings
from tests.conftest import SECRET, Home

SETTINGS = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2025-01-01
extracts:
  shop_orders:
    kind: orders
    files: "orders.csv"
    key: [order_id]
    columns:
      order_id: id
      customer_id: {from: customer, id_space: shop, normalise: strip_zeros}
      email: mail
      ordered_at: at
      gross_amount: amount
  till:
    kind: orders
    files: "till.csv"
    key: none
    columns: {customer_id: {from: card, id_space: card}, ordered_at: at, gross_amount: amount}
"""


@pytest.fixture
def settings(home: Home) -> Settings:
    return home.settings(SETTINGS)


def keys(file: Path, text: str, home: Home, settings: Settings) -> list[frozenset[str]]:
    file.write_text(text, encoding="utf-8")
    return [each.keys for each in read_requests(file, home.paths, settings.extracts, SECRET)]


def test_an_identifier_is_taken_in_the_form_that_its_contract_gives_it(
    home: Home, settings: Settings, tmp_path: Path
) -> None:
    text = "\ufeff# a comment\n\nshop: 000421 \nemail:Eva@Example.org\ncard:007:b\n"
    assert keys(tmp_path / "r.txt", text, home, settings) == [
        {identifier_key(SECRET, "shop", "421")},
        {identifier_key(SECRET, "email", "eva@example.org")},
        {identifier_key(SECRET, "card", "007:b")},
    ]


def test_a_request_does_not_show_what_it_holds(home: Home, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("email:eva@example.org\n", encoding="utf-8")
    assert "eva" not in repr(read_requests(tmp_path / "r.txt", home.paths, settings.extracts, SECRET))


@pytest.mark.parametrize("text", ["", "# nobody\n"])
def test_a_request_that_names_nobody_is_refused(
    home: Home, settings: Settings, tmp_path: Path, text: str
) -> None:
    with pytest.raises(RequestFault, match="it names nobody"):
        keys(tmp_path / "r.txt", text, home, settings)


def test_a_request_that_is_not_there_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(RequestFault, match="is no file"):
        read_requests(tmp_path / "r.txt", HomePaths(tmp_path / "home"), settings.extracts, SECRET)
