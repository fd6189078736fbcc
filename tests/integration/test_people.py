"""Nobody whom the extracts name is found in anything that the pipeline made of them.

Parquet and DuckDB are searched by query, since they pack their texts, everything else byte by byte; what the
search would find is planted first.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.demo.questionnaire import COMMENTS
from tests.integration.homes import NightlyHome


class People:
    """Who stands in the extracts of a demo home, and how to find them."""

    def __init__(self, home: NightlyHome) -> None:
        (file,) = (home.paths.landing / "kunden").iterdir()
        with file.open(encoding="cp1252", newline="") as handle:
            rows = list(csv.DictReader(handle, delimiter=";"))
        numbers = {row["Kundennummer"] for row in rows}
        assert all(re.fullmatch("0000[0-9]{4}|000[0-9]{5}", number) for number in numbers)
        assert all(row["E-Mail"].endswith("@example.org") for row in rows)
        self.spelled_numbers = {form for n in numbers for form in (n, n.lstrip("0"), n.lstrip("0") + ".0")}
        self.names = {row[column] for row in rows for column in ("Vorname", "Nachname")}
        # What comments tell of their writers.
        self.told = {"0170 5550123", "Frau Schäfer"}
        assert all(any(part in comment for comment in COMMENTS) for part in self.told)

    @property
    def patterns(self) -> list[str]:
        """Regular expressions for addresses, names, what comments tell, and numbers as the shop prints them."""
        number = "(^|[^0-9A-Za-z.])000[0-9]{5}($|[^0-9A-Za-z])"
        number_of_the_swiss_shop = "CH-[0-9]{6}"
        return ["@example[.]org", *sorted(self.names | self.told), number, number_of_the_swiss_shop]

    def traces(self, files: Iterable[Path]) -> list[str]:
        """Where any of them is found: the file, and in tables the column."""
        with duckdb.connect() as connection:
            connection.execute(
                "create table numbers as select unnest($1) as spelled", [sorted(self.spelled_numbers)]
            )
            return [trace for file in files for trace in self._in_file(connection, file)]

    def _in_file(self, connection: duckdb.DuckDBPyConnection, file: Path) -> Iterator[str]:
        if file.suffix == ".parquet":
            yield from self._in_table(connection, file, f"read_parquet('{file}')")
        elif file.suffix == ".duckdb":
            connection.execute(f"attach '{file}' as searched (read_only)")
            tables = "select schema_name, table_name from duckdb_tables() where database_name = 'searched'"
            for schema, table in connection.execute(tables).fetchall():
                yield from self._in_table(connection, file, f'searched.{schema}."{table}"')
            connection.execute("detach searched")
        else:
            yield from self._in_bytes(file)

    def _in_table(self, connection: duckdb.DuckDBPyConnection, file: Path, table: str) -> Iterator[str]:
        for column, data_type, *_ in connection.execute(f"describe select * from {table}").fetchall():
            if not data_type.startswith("VARCHAR"):
                continue
            ((hits,),) = connection.execute(
                f'select count(*) from {table} where regexp_matches("{column}"::text, $1) '
                f'or "{column}"::text in (select spelled from numbers)',
                ["|".join(self.patterns)],
            ).fetchall()
            if hits:
                yield f"{file}, {table}: {column} in {hits} rows"

    def _in_bytes(self, file: Path) -> Iterator[str]:
        # JSON may spell a letter beyond ASCII by its number.
        spellings = {
            form for each in self.patterns for form in (each, json.dumps(each)[1:-1].replace("\\", "\\\\"))
        }
        found = re.search("|".join(sorted(spellings)).encode(), file.read_bytes())
        if found:
            yield f"{file}: {found.group()!r}"


@pytest.fixture(scope="session")
def people(second_draw: NightlyHome) -> People:
    """The people of a demo company."""
    return People(second_draw)


def plant(folder: Path, text: str) -> list[Path]:
    """One file of every sort that the search must be able to look into, with this text somewhere in it."""
    row = f"select 'a1b2' as pseudonym, '{text}' as note"
    parquet, database, log, record = (folder / name for name in ("a.parquet", "b.duckdb", "c.log", "d.json"))
    duckdb.execute(f"copy ({row}) to '{parquet}' (format parquet)")
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"create table t as {row}")
    log.write_text(f"2026-01-01 04:00 something about {text}, and on\n", encoding="utf-8")
    record.write_text(json.dumps({"note": text}), encoding="ascii")
    return [parquet, database, log, record]


@pytest.mark.parametrize(
    "text", ["anna.mueller.1001@example.org", "Jürgen", "Krüger", "00001001", "CH-000012", "Frau Schäfer"]
)
def test_the_search_for_people_finds_one_that_was_planted(people: People, tmp_path: Path, text: str) -> None:
    files = plant(tmp_path, text)
    assert [trace.split(",")[0].split(": ")[0] for trace in people.traces(files)] == [
        str(file) for file in files
    ]


def test_the_search_for_people_finds_a_number_without_its_zeros_in_a_column(
    people: People, tmp_path: Path
) -> None:
    parquet, database, *_ = plant(tmp_path, "1001.0")
    assert len(people.traces([parquet, database])) == 2


def test_nobody_whom_the_extracts_name_is_found_in_what_the_pipeline_made(
    second_draw: NightlyHome, people: People
) -> None:
    paths = second_draw.paths
    folders = (paths.lake, paths.build, paths.warehouse, paths.dagster)
    files = [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()]
    suffixes = [file.suffix for file in files]
    assert suffixes.count(".parquet") > 15
    # The build, the published file and the kept one.
    assert suffixes.count(".duckdb") == 3
    assert suffixes.count(".db") >= 3
    assert people.traces(files) == []
