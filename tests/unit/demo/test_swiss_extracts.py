"""How the Swiss shop's extracts and the rates are spelled, and that they are what the truth counts."""

import csv
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from pipelines.demo.expected_purchases import quarter_starts
from pipelines.demo.home import Truth
from pipelines.demo.swiss_extracts import _swiss_amount
from tests.unit.demo.landed_files import francs, rate_of, read_folder, read_swiss_orders


def test_amounts_of_the_swiss_shop_have_points_and_apostrophes() -> None:
    assert [_swiss_amount(rappen) for rappen in (2, 12_345, 123_456_789)] == [
        "0.02",
        "123.45",
        "1'234'567.89",
    ]


def test_swiss_orders_and_refunds_in_the_files_are_those_of_the_truth(
    small_home: tuple[Path, Truth],
) -> None:
    home, truth = small_home
    orders = read_swiss_orders(home)
    stated = truth.counts["swiss_orders"]
    assert len(orders) == stated["orders"]
    assert sum(order["is_purchase"] for order in orders.values()) == stated["purchases"]
    assert sum(order["Customer"] == "" for order in orders.values()) == stated["guests"]
    assert sum(order["lines"] for order in orders.values()) == stated["lines"]
    assert str(sum(order["francs"] for order in orders.values())) == stated["gross_amount"]
    assert str(sum(order["refunded"] for order in orders.values())) == stated["refunded_amount"]
    refunds = read_folder(home, "schweiz_erstattungen")
    with_order = [refund for refund in refunds if refund["Order"] in orders]
    assert truth.counts["refunds"] == {
        "refunds": len(refunds),
        "refund_without_order": len(refunds) - len(with_order),
        "orders_with_a_refund": len({refund["Order"] for refund in with_order}),
        "refund_amount": str(sum((francs(refund["Amount"]) for refund in with_order), Decimal("0.00"))),
    }


def test_amounts_in_euros_by_the_file_of_rates_are_those_of_the_truth(
    small_home: tuple[Path, Truth],
) -> None:
    home, truth = small_home
    gross, refunded, without_rate = Decimal("0.00"), Decimal("0.00"), 0
    for order in read_swiss_orders(home).values():
        rate = rate_of(home, date.fromisoformat(order["Ordered at"][:10]))
        if rate is None:
            without_rate += 1
        else:
            gross += (order["francs"] * rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
            refunded += (order["refunded"] * rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
    stated = truth.counts["exchange_rates"]
    assert without_rate == stated["orders_without_rate"]
    assert (str(gross), str(refunded)) == (stated["gross_amount_company"], stated["refunded_amount_company"])
    assert str(gross - refunded) == stated["net_amount_company"]


def test_files_of_the_swiss_shop_are_utf_8_and_lie_within_their_quarter(
    small_home: tuple[Path, Truth],
) -> None:
    home, _ = small_home
    for folder, column in (("schweiz", "Ordered at"), ("schweiz_erstattungen", "Refunded at")):
        for path in (home / "landing" / folder).iterdir():
            content = path.read_bytes()
            assert b"\r" not in content
            text = content.decode("utf-8")
            start, end = quarter_of(path.stem.partition("_")[2])
            assert all(start <= row[column] < end for row in csv.DictReader(text.splitlines()))


def quarter_of(delivered: str) -> tuple[str, str]:
    """The first day of the quarter that a file is of, and the day after its last one."""
    starts = [day.isoformat() for day in quarter_starts()]
    return starts[starts.index(delivered) - 1], delivered
