"""Rows keep their line through every format, and rows that can't be split are counted at their line."""

import gzip
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.ingest.contracts import FileFormat
from pipelines.ingest.readers import keep_rows, read_source


def read(
    path: Path, wanted: list[str | int], **chosen: object
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    with duckdb.connect() as connection:
        scratch = path.parent
        source = read_source(connection, path, path.name, FileFormat.model_validate(chosen), wanted, scratch)
        columns = ", ".join(source.names[column] for column in wanted)
        keep_rows(connection, source, columns, "kept")
        rows = connection.execute("select * from kept order by line").fetchall()
        return rows, connection.execute("select line, reason from unsplit order by line").fetchall()


def write(folder: Path, content: str | bytes, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_lines_count_headings_records_with_breaks_inside_quotes_and_broken_rows(tmp_path: Path) -> None:
    text = 'a;b;c\n1;2;3\n4;"x\ny";6\n7;8\n9;10;11;12\n16;17;18\n\n19;"a""b";20\n'
    rows, unsplit = read(write(tmp_path, text), ["c", "b"], delimiter=";")
    assert rows[:3] == [(2, "3", "2"), (3, "6", "x\ny"), (6, "18", "17")]
    assert rows[3][1:] == ("20", 'a"b')
    assert unsplit == [(4, "too_few_columns"), (5, "too_many_columns")]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_and_line_end_gives_the_same_cells(
    tmp_path: Path, delimiter: str, line_end: str
) -> None:
    text = line_end.join(delimiter.join(row) for row in (["a", "b"], ["1", "ä"], ["", "3"])) + line_end
    assert read(write(tmp_path, text), ["a", "b"], delimiter=delimiter)[0] == [(2, "1", "ä"), (3, None, "3")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_stated_encodings_give_the_same_cells(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "Straße,x\nGröße,1\n".encode(encoding))
    stated = "utf-8" if encoding == "utf-8-sig" else encoding
    assert read(path, ["Straße"], encoding=stated)[0] == [(2, "Größe")]


def test_the_euro_sign_of_windows_survives(tmp_path: Path) -> None:
    assert read(write(tmp_path, "a,b\n€ 5,1\n".encode("cp1252")), ["a"], encoding="cp1252")[0] == [(2, "€ 5")]


def test_gzip_is_recognised_by_its_bytes(tmp_path: Path) -> None:
    assert read(write(tmp_path, gzip.compress(b"a,b\n1,2\n"), "odd.name"), ["b"])[0] == [(2, "2")]


def test_runs_of_blanks_split_and_rows_of_another_width_do_not(tmp_path: Path) -> None:
    text = " id  date value\r\n 00001 19970101  11.77\r\n 00002 19970112\r\n 00003  19970102  20.76\r\n"
    rows, unsplit = read(write(tmp_path, text), ["id", "value"], delimiter="blanks")
    assert rows == [(2, "00001", "11.77"), (4, "00003", "20.76")]
    assert unsplit == [(3, "too_few_columns")]


def test_columns_of_a_file_without_headings_go_by_position(tmp_path: Path) -> None:
    assert read(write(tmp_path, "1,2,3\n4,5,6\n"), [3, 1], header_rows=0)[0] == [(1, "3", "1"), (2, "6", "4")]


def test_a_file_with_headings_alone_has_no_rows(tmp_path: Path) -> None:
    assert read(write(tmp_path, "a,b\n"), ["a"]) == ([], [])


def test_parquet_and_spreadsheet_give_the_text_of_their_cells(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"id": [13085.0, None], "on": pd.to_datetime(["2025-12-31 18:05", "2026-01-01 00:00"]), "n": [1, 2]}
    )
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_excel(tmp_path / "a.xlsx", index=False, sheet_name="Antworten")
    rows, _ = read(tmp_path / "a.parquet", ["id", "on"], type="parquet")
    assert rows == [(1, "13085.0", "2025-12-31 18:05:00"), (2, None, "2026-01-01 00:00:00")]
    rows, _ = read(tmp_path / "a.xlsx", ["id", "on"], type="spreadsheet", sheet="Antworten")
    assert rows == [(2, "13085", "2025-12-31 18:05:00"), (3, None, "2026-01-01 00:00:00")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.just("good"), st.just("short"), st.just("long"), st.just("quoted"),
        ),
        max_size=60,
    )
)  # fmt: skip
def test_every_record_is_either_a_row_or_unsplit_and_keeps_its_number(
    tmp_path: Path, shapes: list[str]
) -> None:
    cells = {"good": "{n},b,c", "short": "{n},b", "long": "{n},b,c,d", "quoted": '{n},"b\nb",c'}
    body = [cells[shape].format(n=number) for number, shape in enumerate(shapes, start=2)]
    rows, unsplit = read(write(tmp_path, "\n".join(["a,b,c", *body]) + "\n"), ["a"])
    assert all(str(line) == a for line, a in rows)
    expected = [line for line, shape in enumerate(shapes, start=2) if shape in ("short", "long")]
    assert [line for line, _ in unsplit] == expected
    assert len(rows) + len(unsplit) == len(shapes)
