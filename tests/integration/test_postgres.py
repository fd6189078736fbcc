"""What readers of a PostgreSQL database see: the same release as those of the file, whole, through every fault."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.privacy.erasure import complete_pending
from pipelines.publish.descriptions import published_tables
from pipelines.publish.postgres import MADE_BY, ONE_AT_A_TIME, PostgresTarget
from pipelines.publish.postgres_tables import PostgresFault
from pipelines.publish.releases import PENDING, read_releases
from pipelines.publish.targets import (
    TargetBehind,
    drop_what_is_no_longer_read,
    releases_seen,
    renew_database,
)
from tests import erasure_home
from tests.conftest import Postgres, run
from tests.erasure_home import ErasureHome, key_of
from tests.unit.publish.conftest import SmallHome

YEAR_END = date(2025, 12, 31)
NEW_YEAR = date(2026, 1, 1)
SUMMER = date(2025, 6, 30)
ONE_ORDER_LESS = "delete from marts.orders where order_key = 'o12'"
SCHEMAS = "select nspname from pg_namespace where nspname like 'loyalty%' order by 1"


@pytest.fixture
def small_home(tmp_path: Path) -> SmallHome:
    return SmallHome(tmp_path / "home")


@pytest.fixture
def target(postgres: Postgres) -> PostgresTarget:
    return PostgresTarget(postgres.new_database(), "loyalty_reader")


def seen(home: SmallHome, target: PostgresTarget) -> dict[str, str]:
    return releases_seen(home.paths.warehouse_file, target)


@contextmanager
def session(target: PostgresTarget, *statements: str) -> Iterator[None]:
    """Another session of the database, in a transaction in which these statements were run."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(target.url) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            if cursor.description:
                cursor.fetchall()
        yield
        connection.rollback()


def test_the_database_holds_what_the_file_holds(small_home: SmallHome, target: PostgresTarget) -> None:
    small_home.publish_day(YEAR_END, postgres=target)
    for name, table in published_tables().items():
        columns = ", ".join(
            f"cast({c} as text)"
            for (c,) in small_home.query(
                "select column_name from duckdb_columns() where schema_name = 'loyalty' and data_type not in "
                f"('DOUBLE', 'BOOLEAN') and table_name = '{name}' order by column_index"
            )
        )
        said = f"select {columns} from loyalty.{name} order by {', '.join(table.key)}"
        assert run(target.url, said) == small_home.query(said), name
    doubles = "select metric, value, ci_low, ci_high, is_publishable from loyalty.metric_values order by all"
    ordered = doubles.replace("order by all", "order by metric, value nulls last, ci_low nulls last")
    assert run(target.url, ordered) == small_home.query(ordered)


def test_the_manifest_says_what_a_snapshot_of_the_database_must_hold(
    small_home: SmallHome, target: PostgresTarget
) -> None:
    small_home.publish_day(YEAR_END, postgres=target)
    [release] = read_releases(small_home.paths.releases)
    assert set(release.tables["orders"].decimal_sums) >= {"gross_amount", "net_amount"}
    for name, table in release.tables.items():
        sums = "".join(f", coalesce(sum({column}), 0)::text" for column in table.decimal_sums)
        [(count, *found)] = run(target.url, f"select count(*){sums} from loyalty.{name}")
        assert count == table.row_count
        assert [Decimal(str(each)) for each in found] == [
            Decimal(each) for each in table.decimal_sums.values()
        ]


def test_types_keys_indexes_and_words_are_those_of_the_documentation(
    small_home: SmallHome, target: PostgresTarget
) -> None:
    small_home.publish_day(YEAR_END, postgres=target)
    types = dict(
        run(
            target.url,
            "select attname::text, format_type(atttypid, atttypmod) from pg_attribute "
            "where attrelid = 'loyalty.orders'::regclass and attnum > 0",
        )
    )
    assert types["ordered_at"] == "timestamp without time zone"
    assert types["net_amount"] == "numeric(18,2)"
    assert (types["order_key"], types["ordered_date"], types["is_purchase"]) == ("text", "date", "boolean")
    keys = run(
        target.url,
        "select c.relname::text, array_agg(a.attname::text order by array_position(i.indkey::int2[], a.attnum)) "
        "from pg_index i join pg_class c on c.oid = i.indrelid "
        "join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey) "
        "where i.indisprimary and c.relnamespace = 'loyalty'::regnamespace group by 1",
    )
    assert {name: tuple(key) for name, key in keys} == {  # type: ignore[call-overload]
        name: table.key for name, table in published_tables().items()
    }
    words = run(
        target.url,
        "select c.relname::text, coalesce(a.attname::text, ''), d.description from pg_description d "
        "join pg_class c on c.oid = d.objoid and c.relnamespace = 'loyalty'::regnamespace and c.relkind = 'r' "
        "left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0",
    )
    assert {(name, column): said for name, column, said in words} == {
        **{(name, ""): table.description for name, table in published_tables().items()},
        **{(n, column): said for n, t in published_tables().items() for column, said in t.columns.items()},
    }
    indexed = run(target.url, "select indexdef from pg_indexes where schemaname = 'loyalty' order by 1")
    assert any("loyalty.orders" in str(each) and "(customer_key)" in str(each) for (each,) in indexed)


def test_the_reading_role_reads_what_is_published_and_nothing_else(
    small_home: SmallHome, target: PostgresTarget
) -> None:
    small_home.publish_day(YEAR_END, postgres=target)
    small_home.publish_day(NEW_YEAR, postgres=target)
    as_reader = "set local role loyalty_reader"
    assert run(target.url, as_reader, "select count(*) from loyalty.customers") != [(0,)]
    assert run(target.url, "select rolcanlogin from pg_roles where rolname = 'loyalty_reader'") == [(False,)]
    for forbidden in ("delete from loyalty.customers", "create table loyalty.mine (i int)"):
        with pytest.raises(Exception, match="permission denied"):
            run(target.url, as_reader, forbidden)


def test_a_role_that_cannot_be_made_is_told_with_the_statement_that_makes_it(
    small_home: SmallHome, target: PostgresTarget
) -> None:
    small_home.publish_day(YEAR_END)
    [(database,)] = run(target.url, "select current_database()::text")
    run(target.url, "create role publisher login", f"grant create on database {database} to publisher")
    plain = PostgresTarget(target.url.replace("//postgres", "//publisher", 1), "analysts")
    with pytest.raises(PostgresFault, match=r'create role "analysts" nologin'):
        small_home.publish_day(NEW_YEAR, postgres=plain)
    assert small_home.current() == "2025-12-31.1"
    small_home.publish(postgres=PostgresTarget(plain.url, None))
    assert small_home.current() == "2026-01-01.1"


def test_any_text_arrives_and_a_key_may_be_longer_than_an_index_takes(
    small_home: SmallHome, target: PostgresTarget
) -> None:
    odd = "it's \"; drop schema loyalty; -- ../ \n\t\\ \\N {} \U0001f33b"
    # Of random characters: what repeats itself is compressed, and fits all the same.
    long = "(select string_agg(md5(i::text), '' order by i) from range(320) as numbers (i))"
    small_home.publish_day(
        YEAR_END,
        f"update metrics.metric_values set segment_value = {long} where segment_name <> 'all'",
        "update marts.orders set channel = '" + odd.replace("'", "''") + "' where order_key = 'o1'",
        "update marts.orders set channel = 'a' || chr(0) || 'b' where order_key = 'o2'",
        postgres=target,
    )
    assert run(
        target.url, "select channel from loyalty.orders where order_key in ('o1', 'o2') order by order_key"
    ) == [
        (odd,),
        ("a\ufffdb",),
    ]
    lengths = "select max(length(segment_value)) from loyalty.metric_values"
    assert run(target.url, lengths) == [(320 * 32,)]
    hashed = "select tablename::text from pg_indexes where schemaname = 'loyalty' and indexdef like '%md5%' order by 1"
    assert run(target.url, hashed) == [("metric_history",), ("metric_values",)]


def test_a_database_that_cannot_be_reached_keeps_every_target_where_it_is(
    small_home: SmallHome, target: PostgresTarget
) -> None:
    small_home.publish_day(YEAR_END, postgres=target)
    nowhere = PostgresTarget("postgresql://anna:secret-word@127.0.0.1:9/loyalty", "loyalty_reader")
    with pytest.raises(PostgresFault, match="cannot be reached") as fault:
        small_home.publish_day(NEW_YEAR, postgres=nowhere)
    assert "secret-word" not in str(fault.value)
    assert seen(small_home, target) == {"duckdb": "2025-12-31.1", "postgres": "2025-12-31.1"}
    assert [file.name for file in small_home.paths.releases.iterdir() if file.name.endswith(PENDING)] == []
    assert [file.name for file in small_home.paths.releases.glob("*.duckdb")] == ["2025-12-31.1.duckdb"]


def test_a_connection_lost_while_loading_leaves_every_target_its_release(
    small_home: SmallHome, target: PostgresTarget
) -> None:
    small_home.publish_day(YEAR_END, postgres=target)
    small_home.build(NEW_YEAR)
    small_home.pass_gate()
    faults: list[Exception] = []

    def publish() -> None:
        try:
            small_home.publish(postgres=target)
        except PostgresFault as fault:
            faults.append(fault)

    with session(target, f"select pg_advisory_lock({ONE_AT_A_TIME})"):
        publishing = threading.Thread(target=publish)
        publishing.start()
        waiting = "from pg_stat_activity where wait_event = 'advisory' and datname = current_database()"
        while publishing.is_alive() and not run(target.url, f"select pid {waiting}"):
            time.sleep(0.02)
        run(target.url, f"select pg_terminate_backend(pid) {waiting}")
        publishing.join()
    assert "terminating connection" in str(faults[0])
    assert seen(small_home, target) == {"duckdb": "2025-12-31.1", "postgres": "2025-12-31.1"}
    assert run(target.url, SCHEMAS) == [("loyalty",)]


def test_what_a_killed_load_left_is_dropped_by_the_next(
    small_home: SmallHome, target: PostgresTarget
) -> None:
    run(target.url, "create schema loyalty_next", f"comment on schema loyalty_next is '{MADE_BY}'")
    run(target.url, "create table loyalty_next.half (i int)")
    small_home.publish_day(YEAR_END, postgres=target)
    assert run(target.url, SCHEMAS) == [("loyalty",)]
    assert run(target.url, "select to_regclass('loyalty.half') is null") == [(True,)]


def test_a_schema_of_somebody_else_is_never_replaced(small_home: SmallHome, target: PostgresTarget) -> None:
    run(target.url, "create schema loyalty", "create table loyalty.points (customer int)")
    with pytest.raises(PostgresFault, match="a schema loyalty that Treue did not make"):
        small_home.publish_day(YEAR_END, postgres=target)
    assert run(target.url, "select count(*) from loyalty.points") == [(0,)]
    assert not small_home.paths.warehouse_file.exists()


def test_a_run_killed_between_the_two_swaps_is_put_right_by_the_next_publication(
    small_home: SmallHome, target: PostgresTarget
) -> None:
    small_home.publish_day(YEAR_END, postgres=target)
    small_home.publish_day(NEW_YEAR)
    assert seen(small_home, target) == {"duckdb": "2026-01-01.1", "postgres": "2025-12-31.1"}
    small_home.roll_back("2026-01-01.1", reason="The database is behind.", postgres=target)
    assert seen(small_home, target) == {"duckdb": "2026-01-01.1", "postgres": "2026-01-01.1"}


def test_a_swap_that_the_database_refuses_is_told_and_the_release_of_the_file_counts(
    small_home: SmallHome, target: PostgresTarget
) -> None:
    small_home.publish_day(YEAR_END, postgres=target)
    small_home.build(NEW_YEAR)
    small_home.pass_gate()
    with (
        session(target, "alter schema loyalty rename to loyalty_renamed_by_hand"),
        pytest.raises(TargetBehind, match=r"is published to .* and not to PostgreSQL"),
    ):
        small_home.publish(postgres=target)
    assert [release.release_id for release in read_releases(small_home.paths.releases)] == [
        "2025-12-31.1",
        "2026-01-01.1",
    ]
    assert seen(small_home, target) == {"duckdb": "2026-01-01.1", "postgres": "2025-12-31.1"}
    small_home.publish(postgres=target)
    assert seen(small_home, target) == {"duckdb": "2026-01-01.2", "postgres": "2026-01-01.2"}


def test_whoever_reads_keeps_the_old_tables_and_they_are_dropped_by_the_next_run(
    small_home: SmallHome, target: PostgresTarget
) -> None:
    small_home.publish_day(YEAR_END, postgres=target)
    with session(target, "select count(*) from loyalty.orders"):
        small_home.publish_day(NEW_YEAR, postgres=target)
        assert seen(small_home, target)["postgres"] == "2026-01-01.1"
        [kept] = drop_what_is_no_longer_read(target)
        assert kept == "loyalty_old_1: it is still being read"
    small_home.publish_day(NEW_YEAR, postgres=target)
    assert drop_what_is_no_longer_read(target) == []
    assert run(target.url, SCHEMAS) == [("loyalty",)]


def test_a_view_that_somebody_built_upon_the_tables_is_never_dropped_and_is_named(
    small_home: SmallHome, target: PostgresTarget
) -> None:
    small_home.publish_day(YEAR_END, postgres=target)
    run(target.url, "create view public.my_orders as select * from loyalty.orders")
    small_home.publish_day(NEW_YEAR, postgres=target)
    [kept] = drop_what_is_no_longer_read(target)
    assert "view my_orders depends on table loyalty_old_1.orders" in kept
    assert run(target.url, "select count(*) from public.my_orders") == [(14,)]
    run(target.url, "drop view public.my_orders")
    assert drop_what_is_no_longer_read(target) == []


def test_a_backfill_leaves_readers_their_release_in_both_targets(
    small_home: SmallHome, target: PostgresTarget
) -> None:
    small_home.publish_day(YEAR_END, postgres=target)
    small_home.publish_day(SUMMER, ONE_ORDER_LESS, postgres=target)
    assert seen(small_home, target) == {"duckdb": "2025-12-31.1", "postgres": "2025-12-31.1"}
    assert run(target.url, "select count(*) from loyalty.orders") == [(14,)]
    assert run(target.url, "select count(distinct release_id) from loyalty.metric_history") == [(2,)]


def test_a_release_is_taken_back_in_both_targets(small_home: SmallHome, target: PostgresTarget) -> None:
    small_home.publish_day(YEAR_END, ONE_ORDER_LESS, postgres=target)
    small_home.publish_day(NEW_YEAR, postgres=target)
    small_home.roll_back("2025-12-31.1", by="Anna", postgres=target)
    assert seen(small_home, target) == {"duckdb": "2025-12-31.1", "postgres": "2025-12-31.1"}
    assert run(target.url, "select count(*) from loyalty.orders") == [(13,)]
    assert run(
        target.url, "select taken_back_by from loyalty.releases where release_id = '2026-01-01.1'"
    ) == [("Anna",)]


@pytest.fixture(scope="module")
def with_eva(tmp_path_factory: pytest.TempPathFactory) -> ErasureHome:
    return erasure_home.make_home(tmp_path_factory.mktemp("erasure") / "home")


def holds_eva(target: PostgresTarget) -> bool:
    """Whether her pseudonym stands in any table of any schema of the database."""
    tables = run(
        target.url,
        "select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables "
        "where schemaname like 'loyalty%'",
    )
    return any(
        run(target.url, f"select count(*) from {table} as t where t::text like '%{key_of('customer')}%'")
        != [(0,)]
        for (table,) in tables
    )


def test_a_person_who_is_erased_is_gone_from_the_database_too(
    with_eva: ErasureHome, target: PostgresTarget, tmp_path: Path
) -> None:
    home = with_eva.copy(tmp_path / "home")
    renew_database(home.paths.warehouse_file, target, published_tables())
    with session(target, "select count(*) from loyalty.orders"):
        # The next run could not drop what it had replaced.
        renew_without_dropping(home, target)
    assert holds_eva(target)
    home.erase(postgres=target)
    assert not holds_eva(target)
    assert run(target.url, SCHEMAS) == [("loyalty",)]


def renew_without_dropping(home: ErasureHome, target: PostgresTarget) -> None:
    small = SmallHome.__new__(SmallHome)
    small.paths = home.paths
    small.roll_back("2025-12-31.1", postgres=target)
    assert run(target.url, SCHEMAS) == [("loyalty",), ("loyalty_old_1",)]


def test_an_erasure_that_cannot_reach_the_database_stays_pending_until_it_can(
    with_eva: ErasureHome, target: PostgresTarget, tmp_path: Path
) -> None:
    home = with_eva.copy(tmp_path / "home")
    renew_database(home.paths.warehouse_file, target, published_tables())
    nowhere = PostgresTarget("postgresql://anna:secret-word@127.0.0.1:9/loyalty", None)
    with pytest.raises(PostgresFault, match="cannot be reached"):
        home.erase(postgres=nowhere)
    assert home.paths.pending_erasure.exists()
    assert holds_eva(target)
    told = complete_pending(home.paths, target)
    assert told is not None
    assert not home.paths.pending_erasure.exists()
    assert not holds_eva(target)
