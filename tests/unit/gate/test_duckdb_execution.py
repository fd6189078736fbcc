from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from pipelines.gate.duckdb_execution import BUFFERED_ROWS, TooManyRows, register_dialect


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "numbers.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table numbers as select i from range(5000) as t (i)")
    return file


def rows_after_the_connection_is_back(url: str, count: int) -> list[tuple[int, ...]]:
    """Fetch as Great Expectations does: from a result whose connection has been handed back."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            result = connection.execute(sa.text(f"select i from numbers order by i limit {count}"))
        return [tuple(row) for row in result.fetchall()]
    finally:
        engine.dispose()


def test_buffered_rows_outlive_their_transaction(database: Path) -> None:
    register_dialect()
    rows = rows_after_the_connection_is_back(f"duckdb+buffered:///{database}", BUFFERED_ROWS)
    assert rows == [(i,) for i in range(BUFFERED_ROWS)]


def test_reading_beyond_the_buffer_is_an_error_and_never_a_shorter_result(database: Path) -> None:
    register_dialect()
    with pytest.raises(TooManyRows, match=f"only the first {BUFFERED_ROWS} rows"):
        rows_after_the_connection_is_back(f"duckdb+buffered:///{database}", BUFFERED_ROWS + 1)


def test_plain_duckdb_engine_still_loses_them(database: Path) -> None:
    # When this fails, duckdb-engine keeps its rows: delete pipelines/gate/duckdb_execution.py and use duckdb://.
    assert rows_after_the_connection_is_back(f"duckdb:///{database}", 10) == []


def test_buffered_rows_come_in_portions(database: Path) -> None:
    register_dialect()
    engine = sa.create_engine(f"duckdb+buffered:///{database}")
    with engine.connect() as connection:
        result = connection.execute(sa.text("select i from numbers order by i limit 5"))
        portions = [result.fetchone(), result.fetchmany(2), result.fetchall(), result.fetchall()]
    engine.dispose()
    assert portions == [(0,), [(1,), (2,)], [(3,), (4,)], []]
