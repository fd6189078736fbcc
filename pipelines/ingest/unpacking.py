"""Archives opened: a delivered .gz or .zip becomes the one data file that it holds, in scratch.

Recognised by their bytes, not their names. What must stay out: what the data file says.
"""

import gzip
import lzma
import shutil
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from pipelines.ingest.faults import FileFault

GZIP_MARK = b"\x1f\x8b"
ZIP_MARK = b"PK\x03\x04"
SPREADSHEET_SUFFIXES = (".xlsx", ".xlsm", ".ods")
# These are zip archives too, and are read as what they are.
ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, RuntimeError, OSError, ValueError,
    IndexError, OverflowError,
)  # fmt: skip
# What the library raises for archives that are damaged in one place or another; a RuntimeError if one wants a password.
AGAIN = "Have it delivered again; none of its rows was taken"


def unpacked(path: Path, relative: str, scratch: Path, *, is_spreadsheet: bool) -> tuple[Path, str]:
    """The data file and the name that tells its kind; the file itself where it is no archive."""
    with path.open("rb") as handle:
        head = handle.read(4)
    if not head:
        raise FileFault(
            relative,
            "the file is empty (0 bytes)",
            "Ask for it again, or take it out of landing/ if it was sent by mistake",
        )
    name = PurePosixPath(relative).name.lower()
    if head.startswith(GZIP_MARK):
        inner = name.removesuffix(".gz") if name.endswith(".gz") else name
        return _gunzipped(path, relative, scratch / "unpacked"), inner
    is_spreadsheet = (is_spreadsheet and not name.endswith(".zip")) or name.endswith(SPREADSHEET_SUFFIXES)
    if head == ZIP_MARK and not is_spreadsheet and not _is_spreadsheet(path):
        return _unzipped(path, relative, scratch / "unpacked")
    return path, name


def _gunzipped(path: Path, relative: str, target: Path) -> Path:
    try:
        with gzip.open(path, "rb") as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileFault(relative, f"the gzip archive is damaged or cut off ({error})", AGAIN) from None
    return _not_empty(target, relative)


def _is_spreadsheet(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name in ("[Content_Types].xml", "mimetype") for name in archive.namelist())
    except ZIP_ERRORS:
        return False


def _unzipped(path: Path, relative: str, target: Path) -> tuple[Path, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [
                each
                for each in archive.infolist()
                if not each.is_dir()
                and not each.filename.startswith("__MACOSX/")
                and not PurePosixPath(each.filename).name.startswith(".")
            ]
            if len(members) != 1:
                listed = ", ".join(repr(each.filename[:60]) for each in members[:5]) or "none"
                raise FileFault(
                    relative,
                    f"the zip archive must hold one data file and holds {len(members)} ({listed})",
                    "Deliver each file by itself, or each in an archive of its own",
                )
            with archive.open(members[0]) as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
    except ZIP_ERRORS as error:
        raise FileFault(relative, f"the zip archive is damaged or locked ({error})", AGAIN) from None
    return _not_empty(target, relative), PurePosixPath(members[0].filename).name.lower()


def _not_empty(target: Path, relative: str) -> Path:
    if target.stat().st_size == 0:
        raise FileFault(relative, "the archive holds an empty file", "Ask for it again")
    return target
