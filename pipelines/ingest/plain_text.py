"""Text files made plain: unpacked, in UTF-8 and known to be whole, before anything splits them into rows."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from pipelines.ingest.faults import FileFault

CHUNK_BYTES = 1 << 20


def plain_text(path: Path, relative: str, encoding: str, scratch: Path) -> Path:
    """A UTF-8 file with the same text: the file itself where it is one already, else a copy in scratch."""
    with path.open("rb") as handle:
        head = handle.read(4)
    if not head:
        raise FileFault(
            relative,
            "the file is empty (0 bytes)",
            "Ask for it again, or take it out of landing/ if it was sent by mistake",
        )
    is_packed = head.startswith(b"\x1f\x8b")
    chunks = _unpacked(path, relative) if is_packed else _chunks(path)
    name = codecs.lookup(encoding).name
    if name == "utf-8" and not is_packed and not head.startswith(codecs.BOM_UTF8):
        for _ in _decoded(chunks, relative, name):
            pass
        return path
    copy = scratch / "plain.txt"
    with copy.open("w", encoding="utf-8", newline="") as target:
        for text in _decoded(chunks, relative, "utf-8-sig" if name == "utf-8" else name):
            target.write(text)
    if copy.stat().st_size == 0:
        raise FileFault(relative, "the archive holds an empty file", "Ask for it again")
    return copy


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        yield from _read(handle)


def _read(handle: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    while chunk := handle.read(CHUNK_BYTES):
        yield chunk


def _unpacked(path: Path, relative: str) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as handle:
            yield from _read(handle)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileFault(
            relative,
            f"the gzip archive is damaged or cut off ({error})",
            "Have it delivered again; none of its rows was taken",
        ) from None


def _decoded(chunks: Iterator[bytes], relative: str, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    try:
        for chunk in chunks:
            text = decoder.decode(chunk)
            line += text.count("\n")
            yield text
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        if isinstance(error.object, bytes):
            line += error.object[: error.start].count(b"\n")
        raise FileFault(
            f"{relative} line {line}",
            f"not {encoding}: {error.reason}",
            "State the file's encoding in `format`, such as encoding: cp1252 for exports of Windows programs",
        ) from None
