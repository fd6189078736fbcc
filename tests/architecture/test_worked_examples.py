"""The worked examples of the documentation are read as the page says: rows loaded, rejected and left out.

A block `text file=... loaded=...` is a file in landing, the next whole settings file reads it. What must stay out:
what the figures say about it.
"""

import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from pipelines.ingest.manifests import Manifest
from pipelines.ingest.rows import LEFT_OUT
from tests.architecture.test_docs import EXTRACTS, code_blocks
from tests.conftest import Home

SEEN_ON = date(2025, 2, 3)
# The day of the latest file on the page, so that none is overdue.
ENOUGH = 15
# Formats, shops and surveys that the page promises an example for.


@dataclass(frozen=True)
class Example:
    """A settings file and the files that stand above it on the page, with what is said of each."""

    settings: str
    files: dict[str, tuple[dict[str, str], str]]


def examples(page: Path) -> Iterator[Example]:
    """The examples that show a file, in the order of the page."""
    files: dict[str, tuple[dict[str, str], str]] = {}
    for info, text in code_blocks(page, r"(?:text|yaml)"):
        if "file" in info:
            files[info["file"]] = (info, text)
        elif info.get("title") == "treue.yml" and files:
            yield Example(text, files)
            files = {}
    assert not files, f"{page}: files without a settings file below them"


EXAMPLES = list(examples(EXTRACTS))


def as_delivered(name: str, info: dict[str, str], text: str) -> bytes:
    """The bytes that the shown text stands for, by the ends of the file's name."""
    inner, _, end = name.rpartition(".")
    match end:
        case "gz":
            return gzip.compress(as_delivered(inner, info, text))
        case "zip":
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr(Path(inner).name, as_delivered(inner, info, text))
            return packed.getvalue()
        case "xlsx":
            return as_spreadsheet(text)
        case _:
            return text.encode(info.get("encoding", "utf-8"))


def as_spreadsheet(text: str) -> bytes:
    """A workbook of one sheet, in which numbers and times of ISO form are cells of their type."""
    from openpyxl import Workbook

    book, saved = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for line in text.splitlines():
        sheet.append([typed(cell) for cell in line.split(",")])
    book.save(saved)
    return saved.getvalue()


def typed(cell: str) -> str | float | datetime:
    for reading in (float, datetime.fromisoformat):
        try:
            return reading(cell)
        except ValueError:
            continue
    return cell


def outcome(manifest: Manifest) -> dict[str, int]:
    left_out = sum(
        rows for reason, rows in manifest.rejected_by_reason.items() if reason.startswith(LEFT_OUT)
    )
    return {
        "loaded": manifest.rows_loaded,
        "rejected": manifest.rows_rejected - left_out,
        "left_out": left_out,
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: "_and_".join(example.files))
def test_a_worked_example_gives_the_rows_that_the_page_says(home: Home, example: Example) -> None:
    for name, (info, text) in example.files.items():
        home.land(name, as_delivered(name, info, text))
    report = home.ingest(home.settings(example.settings), SEEN_ON)
    said = {
        name: {count: int(info.get(count, 0)) for count in ("loaded", "rejected", "left_out")}
        for name, (info, _) in example.files.items()
    }
    assert {manifest.path: outcome(manifest) for manifest in report.read} == said


def test_the_page_shows_files_of_every_format_and_tool() -> None:
    assert len(EXAMPLES) >= ENOUGH
    names = " ".join(name for example in EXAMPLES for name in example.files)
    assert [end for end in (".csv", ".tsv.gz", ".tsv.zip", ".xlsx", ".ndjson") if end not in names] == []
