"""Text files made plain: in UTF-8 and known to be valid throughout, before anything splits them into rows."""

import codecs
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipelines.ingest.faults import FileFault

CHUNK_BYTES = 1 << 20
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SNIFFED_BYTES = 4096
FALLBACK = "cp1252"
# What Windows programs write where they do not write Unicode; nearly every byte means something in it.


def plain_text(path: Path, relative: str, stated: str | None, scratch: Path) -> tuple[Path, str]:
    """A UTF-8 file with the same text (the file itself where it is one) and the encoding that it had.

    Its lines end alike: where some ended in CR LF and others in LF alone, all of them end in LF.
    """
    encoding = _marked(path) or _stated(stated)
    if encoding == "utf-8":
        try:
            if not _has_mixed_ends(_decoded(path, relative, encoding)):
                return path, encoding
        except NotInEncoding as fault:
            if stated is not None or fault.is_damage:
                raise
            encoding = FALLBACK
    copy = scratch / "plain.txt"
    with copy.open("w", encoding="utf-8", newline="") as target:
        for text in _with_plain_ends(_decoded(path, relative, encoding)):
            target.write(text)
    return copy, encoding


class NotInEncoding(FileFault):
    """Bytes that mean nothing in the encoding; damage, where the text before them could only be in this one."""

    is_damage: bool = False


def _has_mixed_ends(texts: Iterable[str]) -> bool:
    plain = windows = 0
    last = ""
    for text in texts:
        plain += text.count("\n")
        if "\r" in text or last == "\r":
            windows += text.count("\r\n") + (last == "\r" and text.startswith("\n"))
        last = text[-1:] or last
    return 0 < windows < plain


def _with_plain_ends(texts: Iterable[str]) -> Iterator[str]:
    held = ""
    for text in texts:
        whole = held + text
        # Half of a CR LF waits for its other half.
        held = "\r" if whole.endswith("\r") else ""
        yield whole.removesuffix(held).replace("\r\n", "\n")
    yield held


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
    is_ascii = True
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(CHUNK_BYTES):
                text = decoder.decode(chunk)
                line += text.count("\n")
                is_ascii = is_ascii and text.isascii()
                yield text
            yield decoder.decode(b"", final=True)
    except UnicodeError as error:
        before = error.object[: error.start] if isinstance(error, UnicodeDecodeError) else b""
        reason = getattr(error, "reason", None) or str(error)
        fault = NotInEncoding(
            f"{relative} line {line + before.count(bytes([10]))}",
            f"not {encoding}: {reason}",
            "State the file's encoding in `format`, such as encoding: cp1252 for exports of Windows programs; if it "
            f"is {encoding}, the file is damaged: have it delivered again",
        )
        fault.is_damage = not is_ascii or not before.isascii() or reason == "unexpected end of data"
        raise fault from None
