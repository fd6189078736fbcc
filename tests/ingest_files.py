"""Files as exports write them, made from rows: what the tests of ingest feed it."""

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

Rows = Sequence[Sequence[Any]]


def csv_text(rows: Rows, delimiter: str = ",", line_end: str = "\n", *, quote_all: bool = False) -> str:
    """Delimited text; a cell is quoted where it must be, or always."""
    return "".join(
        delimiter.join(_csv_cell(cell, delimiter, quote_all=quote_all) for cell in row) + line_end
        for row in rows
    )


def _csv_cell(cell: Any, delimiter: str, *, quote_all: bool) -> str:
    text = "" if cell is None else str(cell)
    needs_quotes = quote_all or any(sign in text for sign in (delimiter, '"', "\n", "\r"))
    return '"' + text.replace('"', '""') + '"' if needs_quotes else text


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return buffer.getvalue()


def rezipped(archive: bytes, name: str, content: bytes) -> bytes:
    """The archive with other content in one member, all else as it was."""
    with zipfile.ZipFile(io.BytesIO(archive)) as before:
        members = {each: before.read(each) for each in before.namelist()}
    return zipped({**members, name: content}, zipfile.ZIP_STORED)


def xlsx(rows: Rows, sheet: str = "Sheet1") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def ods(rows: Rows, sheet: str = "Tabelle1") -> bytes:
    """A smallest OpenDocument spreadsheet, closed like LibreOffice's by a million empty rows."""
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    rest = (
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}><office:body><office:spreadsheet>'
        f'<table:table table:name="{escape(sheet)}">{body}{rest}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    listed = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    return zipped(
        {
            "mimetype": kind.encode(),
            "META-INF/manifest.xml": listed.encode(),
            "content.xml": content.encode(),
        },
        zipfile.ZIP_STORED,
    )


def _ods_cell(cell: Any) -> str:
    match cell:
        case None | "":
            return "<table:table-cell/>"
        case datetime():
            value = f'office:value-type="date" office:date-value="{cell.isoformat()}"'
        case date():
            value = f'office:value-type="date" office:date-value="{cell.isoformat()}"'
        case int() | float():
            value = f'office:value-type="float" office:value="{cell}"'
        case _:
            value = 'office:value-type="string"'
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(cell).split("\n"))
    return f"<table:table-cell {value}>{lines}</table:table-cell>"


def xls(rows: Rows, sheet: str = "Sheet1") -> bytes:
    """A smallest Excel 97 workbook (BIFF8 in a compound file): texts and numbers."""
    name = sheet.encode("utf-16-le")
    start, end = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)), _record(0x000A, b"")
    place = len(start) + len(_record(0x0085, bytes(8 + len(name)))) + len(end)
    listed = _record(0x0085, struct.pack("<IHBB", place, 0, len(sheet), 1) + name)
    cells = b"".join(
        _xls_cell(row, column, cell)
        for row, texts in enumerate(rows)
        for column, cell in enumerate(texts)
        if cell not in (None, "")
    )
    begun = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    width = max((len(row) for row in rows), default=0)
    size = _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    return _compound_file(start + listed + end + begun + size + cells + end)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _xls_cell(row: int, column: int, cell: Any) -> bytes:
    if isinstance(cell, int | float):
        return _record(0x0203, struct.pack("<HHHd", row, column, 0, cell))
    text = str(cell).encode("utf-16-le")
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text) // 2, 1) + text)


def _compound_file(stream: bytes) -> bytes:
    """The stream `Workbook` in a compound file of 512-byte sectors: table, directory, stream."""
    free, last, table = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    count = len(stream) // 512
    chain = [table, last, *range(3, 2 + count), last]
    assert len(chain) <= 128, "one sector of the table holds no more"
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, last, 0, last, 0)
    header += struct.pack("<109I", 0, *[free] * 108)

    def entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
        text = (name + "\0").encode("utf-16-le")
        links = struct.pack("<HBBIII", len(text), kind, 1, free, free, child)
        return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", first, size)

    directory = entry("Root Entry", 5, 1, last, 0) + entry("Workbook", 2, free, 2, len(stream))
    filled = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    return header + filled + directory.ljust(512, b"\0") + stream


def parquet(columns: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), buffer)
    return buffer.getvalue()


def ndjson(objects: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects)
