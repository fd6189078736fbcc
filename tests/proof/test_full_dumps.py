"""A year of daily full dumps gives the orders of the last one alone, and what vanished in between is seen to vanish."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from pipelines.ingest.lake import lake_files, lake_hash
from pipelines.settings import Settings
from pipelines.transform.build import create_build, end_of_day
from tests.conftest import PROJECT, SECRET, Home

FIRST_DAY = date(2025, 1, 1)
SETTINGS = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2024-01-01
extracts:
  shop_orders:
    kind: orders
    files: "dumps/*_{delivered:%Y-%m-%d}.csv"
    delivery: full
    key: [order_id]
    columns: {order_id: id, customer_id: customer, ordered_at: at, gross_amount: amount}
"""
Orders = dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Dump:
    day: date
    orders: Orders

    @property
    def name(self) -> str:
        return f"dumps/orders_{self.day}.csv"

    @property
    def text(self) -> str:
        rows = (f"{order},C{int(order) % 9},{at},{amount}\n" for order, (at, amount) in self.orders.items())
        return "id,customer,at,amount\n" + "".join(rows)


def dumps(count: int) -> Iterator[Dump]:
    """An order table that grows, is corrected, and loses single orders; some days nothing happens, or is undone."""
    chance = random.Random(365)
    orders: Orders = {}
    for number in range(count):
        day = FIRST_DAY + timedelta(days=number)
        before = dict(orders)
        if number % 7 != 6:
            for _ in range(chance.randrange(1, 4)):
                orders[str(1000 + len(orders) + 7 * number)] = (
                    f"{day} 12:00:00",
                    f"{chance.randrange(10_000) / 100:.2f}",
                )
        if number % 5 == 3:
            orders.pop(chance.choice(list(orders)))
        if number % 11 == 4:
            order = chance.choice(list(orders))
            orders[order] = (orders[order][0], "0.99")
        yield Dump(day, dict(orders))
        if number % 13 == 12:
            # A mistake of the day that the next dump takes back: its bytes are those of the day before.
            orders = before


def known_orders(home: Home, settings: Settings, until: date | None) -> set[tuple[str, str]]:
    """The orders that count by the model that chooses among files, for what was known by a day, or by now."""
    files = lake_files(home.paths, settings, SECRET)
    day = until or FIRST_DAY + timedelta(days=1000)
    create_build(
        home.paths.build_file, day, "now" if until is None else "then", settings, files, lake_hash(files)
    )
    model = (PROJECT / "dbt_project/models/staging/stg_files.sql").read_text(encoding="utf-8")
    for table in ("files", "deliveries", "extracts", "run"):
        model = model.replace(f"{{{{ source('context', '{table}') }}}}", f"context.{table}")
    with duckdb.connect(str(home.paths.build_file)) as connection:
        # What was known by a day: the model itself adds the day after, on which the day's files come in.
        connection.execute("update context.run set known_until = $day", {"day": until or date(9999, 12, 31)})
        rows = connection.execute(
            f"""
            select orders.order_id, cast(orders.gross_amount as decimal(18, 2))::varchar, orders.ordered_at
            from raw.orders
            inner join ({model}) as files on orders.file_id = files.file_id
            where files.is_current
            """
        ).fetchall()
    assert all(ordered_at < end_of_day(day, "Europe/Berlin") for _, _, ordered_at in rows)
    assert len(rows) == len({order for order, _, _ in rows})
    return {(order, amount) for order, amount, _ in rows}


def meant(dump: Dump) -> set[tuple[str, str]]:
    return {(order, amount) for order, (_, amount) in dump.orders.items()}


def judge(home: Home, alone: Home, count: int, nights: int, looks: int) -> None:
    """Read the dumps over so many nights; compare with the last alone, and single days with what they held."""
    settings, year = home.settings(SETTINGS), list(dumps(count))
    pause = -(-count // nights)
    for begin in range(0, count, pause):
        for dump in year[begin : begin + pause]:
            home.land(dump.name, dump.text)
        home.ingest(settings, seen_on=year[min(begin + pause, count) - 1].day)
    alone.land(year[-1].name, year[-1].text)
    alone.ingest(alone.settings(SETTINGS), seen_on=year[-1].day)
    assert known_orders(home, settings, None) == known_orders(alone, settings, None) == meant(year[-1])
    losses = [
        (before, after) for before, after in pairwise(year) if before.orders.keys() - after.orders.keys()
    ]
    assert len(losses) > count / 10
    for before, after in losses[:: max(1, len(losses) // looks)]:
        assert known_orders(home, settings, before.day) == meant(before), before.day
        assert known_orders(home, settings, after.day) == meant(after), after.day


def test_a_month_of_full_dumps_gives_the_orders_of_the_last_alone_and_shows_deletions(tmp_path: Path) -> None:
    judge(Home(tmp_path / "month"), Home(tmp_path / "alone"), count=30, nights=3, looks=4)


@pytest.mark.proof
def test_a_year_of_daily_full_dumps_gives_the_orders_of_the_last_alone_and_shows_deletions(
    tmp_path: Path,
) -> None:
    judge(Home(tmp_path / "year"), Home(tmp_path / "alone"), count=365, nights=365, looks=50)
