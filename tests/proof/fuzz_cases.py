"""Damaged files by number, and the worker that ingests them: one case, one home, one outcome.

A case is drawn from its number alone, so that a finding can be looked at again.
"""

import io
import os
import random
import resource
import shutil
import tempfile
import traceback
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.ingest.contracts import Extract
from pipelines.ingest.faults import IngestRefused
from pipelines.ingest.load import Ingest
from pipelines.ingest.manifests import read_manifests
from pipelines.ingest.stage import ingest_extracts
from pipelines.paths import HomePaths
from tests import ingest_files

MEMORY_BYTES = 6 << 30
# A file that makes the reader ask for more has defeated it.

Case = tuple[str, bytes, dict[str, Any]]


def _rows(count: int) -> list[tuple[str, str, datetime, float, str]]:
    begin = datetime(2025, 1, 31, 9, 30)
    status = ("paid", "void")
    return [
        (f"{1000 + i}", f"K{i:04}", begin + timedelta(hours=7 * i), 10.25 + i, status[i % 7 == 0])
        for i in range(count)
    ]


HEADINGS = ("Order", "Customer", "Placed", "Amount", "State")


def _table(count: int) -> list[list[Any]]:
    return [list(HEADINGS), *map(list, _rows(count))]


def _csv(count: int, delimiter: str = ",") -> bytes:
    rows = [*_table(count)]
    rows[3][4] = "paid"
    rows[2][1] = 'said "Ü", twice\nK0002'
    return ingest_files.csv_text(rows, delimiter).encode()


def _parquet(count: int) -> bytes:
    columns = zip(*_rows(count), strict=True)
    return ingest_files.parquet(dict(zip(HEADINGS, map(pa.array, columns), strict=True)))


def _ndjson(count: int) -> bytes:
    objects = [dict(zip(HEADINGS, (*row[:2], str(row[2]), *row[3:]), strict=True)) for row in _rows(count)]
    return ingest_files.ndjson(objects).encode()


BASES: dict[str, Callable[[], bytes]] = {
    "orders.csv": lambda: _csv(30),
    "orders.tsv": lambda: _csv(30, "\t"),
    "wide.csv": lambda: _csv(30, ";").decode().encode("utf-16"),
    "orders.csv.gz": lambda: ingest_files.gzipped(_csv(60)),
    "orders.zip": lambda: ingest_files.zipped({"orders.csv": _csv(60)}),
    "book.zip": lambda: ingest_files.zipped({"orders.xlsx": ingest_files.xlsx(_table(10))}),
    "orders.xlsx": lambda: ingest_files.xlsx(_table(20)),
    "orders.xls": lambda: ingest_files.xls([[str(cell) for cell in row] for row in _table(20)]),
    "orders.ods": lambda: ingest_files.ods(_table(20)),
    "orders.parquet": lambda: _parquet(40),
    "orders.ndjson": lambda: _ndjson(30),
}
SUFFIXES = (".csv", ".tsv", ".csv.gz", ".zip", ".xlsx", ".xls", ".ods", ".parquet", ".ndjson", "")
TYPES = ("csv", "ndjson", "parquet", "spreadsheet")


def case_of(number: int) -> Case:
    """The file's name, its bytes and the `format` of its contract."""
    chance = random.Random(number)
    name = chance.choice(list(BASES))
    content = BASES[name]()
    chosen: dict[str, Any] = {}
    match chance.randrange(10):
        case 0:
            content = chance.randbytes(chance.choice((1, 4, 100, 5000)))
        case 1:
            content = content[:8] + chance.randbytes(chance.choice((8, 300)))
        case 2:
            other = BASES[chance.choice(list(BASES))]()
            content += other
        case 3:
            name = f"mislabelled{chance.choice(SUFFIXES)}"
        case 4:
            chosen["type"] = chance.choice(TYPES)
        case 5 if content.startswith(b"PK"):
            content = _damaged_directory(content, chance)
        case 6 if content.startswith(b"PK"):
            content = _damaged_inside(content, chance)
        case 5 | 6 if name.endswith(".gz"):
            content = ingest_files.gzipped(_damaged(_csv(60), chance))
        case _:
            for _ in range(chance.choice((1, 1, 1, 2, 5))):
                content = _damaged(content, chance)
    if chance.random() < 0.1:
        name = f"mislabelled{chance.choice(SUFFIXES)}"
    if chance.random() < 0.1:
        chosen |= chance.choice(
            ({"delimiter": ";"}, {"delimiter": "blanks"}, {"encoding": "utf-16"}, {"quote": ""},
             {"encoding": "utf-8"}, {"header_rows": 3, "names_row": "joined"}, {"type": chance.choice(TYPES)})
        )  # fmt: skip
    return f"landed/{name}", content or b"\n", chosen


def _damaged(content: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(content)
    if not damaged:
        return content
    begin = chance.randrange(len(damaged))
    length = chance.choice((1, 2, 8, 64, len(damaged) // 3))
    match chance.randrange(8):
        case 0:
            return bytes(damaged[: chance.choice((begin, len(damaged) - 1, max(1, len(damaged) - 20)))])
        case 1 | 2:
            for _ in range(chance.choice((1, 1, 3, 20))):
                damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        case 3:
            damaged[begin : begin + length] = bytes(length)
        case 4:
            del damaged[begin : begin + length]
        case 5:
            damaged[begin:begin] = damaged[begin : begin + length] * chance.choice((1, 3, 400))
        case 6:
            damaged[begin:begin] = chance.choice(
                (
                    b'"',
                    b"\r",
                    b"\n\n",
                    b"\0",
                    b"\xff\xfe",
                    b"\xef\xbb\xbf",
                    b"\x1a",
                    b"9" * 400,
                    b"{" * 5000,
                    b"[" * 9000,
                )
            )
        case _:
            digits = [place for place, byte in enumerate(damaged) if chr(byte).isdigit()]
            for place in chance.sample(digits, min(len(digits), chance.choice((1, 2, 10)))):
                damaged[place : place + 1] = chance.choice((b"9", b"9999999", b"-1", b"1048576", b"0"))[:1]
            if digits:
                place = chance.choice(digits)
                damaged[place:place] = chance.choice((b"99", b"9999999", b"99999999999999999999"))
    return bytes(damaged)


def _damaged_inside(archive: bytes, chance: random.Random) -> bytes:
    """One member damaged and packed again, so that its checksum is right."""
    with zipfile.ZipFile(io.BytesIO(archive)) as before:
        name = chance.choice(before.namelist())
        content = before.read(name)
    return ingest_files.rezipped(archive, name, _damaged(content, chance))


def _damaged_directory(archive: bytes, chance: random.Random) -> bytes:
    """What the archive says of its members: names, sizes, places, and how they are packed."""
    with zipfile.ZipFile(io.BytesIO(archive)) as before:
        members = {name: before.read(name) for name in before.namelist()}
    method = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    damaged = bytearray(ingest_files.zipped(members, method))
    directory = damaged.index(b"PK\x01\x02")
    for _ in range(chance.choice((1, 2, 4))):
        place = chance.choice((chance.randrange(40), chance.randrange(directory, len(damaged))))
        damaged[place] = chance.choice((0, 255, chance.randrange(256)))
    return bytes(damaged)


CONTRACT: dict[str, Any] = {
    "kind": "orders",
    "files": "landed/*",
    "key": ["order_id"],
    "columns": {
        "order_id": "Order",
        "customer_id": {"from": "Customer"},
        "ordered_at": "Placed",
        "gross_amount": "Amount",
        "status": {"from": "State", "map": {"paid": "completed", "void": "cancelled"}},
    },
}


def outcome_of(number: int, folder: Path) -> str:
    """How the case ended: `loaded`, `refused`, or what was wrong with that end."""
    name, content, chosen = case_of(number)
    paths = HomePaths(folder)
    path = paths.landing / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    share = random.Random(-number).choice((0.01, 1))
    extract = Extract.model_validate({**CONTRACT, "format": chosen, "max_rejected_share": share})
    night = Ingest(paths, "Europe/Berlin", "EUR", b"a secret for tests alone", date(2026, 1, 2))
    try:
        ingest_extracts(night, {"orders": extract})
    except IngestRefused as refusal:
        if name not in str(refusal):
            return f"a message without the file's name: {refusal}"
        ended = "refused"
    except BaseException:  # noqa: BLE001 - whatever it is, it is the finding
        return f"a traceback: {traceback.format_exc()}"
    else:
        ended = "loaded"
    return _untidy(paths, ended) or ended


def _untidy(paths: HomePaths, ended: str) -> str | None:
    """What the lake holds that it may not: scratch, drafts, Parquet without manifest, counts that disagree."""
    odd = [*paths.lake.glob(".scratch-*"), *paths.lake.glob("**/*.draft")]
    if odd:
        return f"left behind: {odd}"
    manifests = list(read_manifests(paths.manifests, "orders"))
    committed = {output for manifest in manifests for output in manifest.outputs.values()}
    held = {each.relative_to(paths.lake).as_posix() for each in paths.lake.glob("**/*.parquet")}
    if committed != held or (ended == "loaded" and len(manifests) != 1):
        return f"manifests name {sorted(committed)}, the lake holds {sorted(held)}"
    for manifest in manifests:
        counts = [
            _count(paths.lake / manifest.outputs[table]) if table in manifest.outputs else 0
            for table in ("orders", "rows")
        ]
        told = [manifest.rows_loaded, manifest.rows_rejected]
        if counts != told or manifest.rows_read != sum(told):
            return f"the manifest tells {manifest.rows_read} = {told}, the Parquet files hold {counts}"
    return None


def _count(path: Path) -> int:
    with duckdb.connect() as connection:
        return int(
            connection.execute("select count(*) from read_parquet($path)", {"path": str(path)}).fetchall()[0][
                0
            ]
        )


def work(requests: Connection) -> None:
    """Answer each number with its outcome until the other side hangs up."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    while True:
        try:
            number = requests.recv()
        except EOFError:
            return
        folder = Path(tempfile.mkdtemp(prefix="treue-fuzz-"))
        try:
            requests.send(outcome_of(number, folder))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
