"""Text files made plain: in UTF-8 and known to be valid throughout, before anything splits them into rows."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from pipelines.ingest.faults import FileFault

CHUNK_BYTES = 1 << 20
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SNIFFED_BYTES = 4096
FALLBACK = "cp1252"
# What Windows programs write where they do not write Unicode; nearly every byte means something in it.


def plain_text(path: Path, relative: str, stated: str | None, scratch: Path) -> tuple[Path, str]:
    """A UTF-8 file with the same text (the file itself where it is one) and the encoding that it had."""
    encoding = _marked(path) or _stated(stated)
    if encoding == "utf-8":
        try:
            for _ in _decoded(path, relative, encoding):
                pass
        except FileFault:
            if stated is not None:
                raise
            encoding = FALLBACK
        else:
            return path, encoding
    copy = scratch / "plain.txt"
    with copy.open("w", encoding="utf-8", newline="") as target:
        for text in _decoded(path, relative, encoding):
            target.write(text)
    return copy, encoding


def _marked(path: Path) -> str | None:
    """The encoding that the first bytes give away, whatever was stated: a mark, or the zeros of UTF-16."""
    with path.open("rb") as handle:
        head = handle.read(SNIFFED_BYTES)
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 > len(head) and min(even, odd) * 20 < len(head):
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _stated(encoding: str | None) -> str:
    return codecs.lookup(encoding).name if encoding else "utf-8"


def _decoded(path: Path, relative: str, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(CHUNK_BYTES):
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
