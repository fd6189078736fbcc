"""Bad input for a home of the demo company: how it happens, how it is mended, and what a run must say of it.

What must stay out: running, and what else a home goes through.
"""

import gzip
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from openpyxl import load_workbook

from tests.integration.homes import NightlyHome

HEADER = "Bestellnummer;Bestelldatum;Kundennummer;Betrag (€);Erstattet (€);Status;Verkaufsweg;Zahlungsart"
ORDER = "ZZ0000001;31.12.2025 18:05;00001001;20,00;0,00;bezahlt;App;PayPal"
SOLD_TWICE = "bestellungen/bestellungen_2026-01-11.csv"
BAD_ANSWERS = "umfrage/kundenbefragung_2025-12-05.xlsx"


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a file, and what a run must say of it: place (the file in it) and remedy."""

    file: str
    happens: Callable[[NightlyHome], None]
    place: str
    remedy: str

    def is_mended(self, home: NightlyHome) -> None:
        """Take the file out of landing, or put it back there."""
        file, aside = home.paths.landing / self.file, home.paths.root / "aside.csv"
        if file.exists():
            file.unlink()
        else:
            shutil.move(aside, file)


def _land(name: str, *lines: str) -> Callable[[NightlyHome], None]:
    """Land one more file of orders."""

    def happens(home: NightlyHome) -> None:
        text = "\r\n".join([*lines, ""]) if lines else ""
        (home.paths.landing / name).write_text(text, encoding="cp1252", newline="")

    return happens


def _land_answers(home: NightlyHome) -> None:
    """Land one more spreadsheet of two responses, the second of which scores 11 on a scale that ends with 10."""
    book = load_workbook(home.paths.landing / "umfrage" / "kundenbefragung_2025-07-05.xlsx")
    sheet = book["Antworten"]
    sheet.delete_rows(4, sheet.max_row)
    column = next(cell.column for cell in sheet[1] if str(cell.value).startswith("Wie wahrscheinlich"))
    for row, recommend in ((2, 8), (3, 11)):
        sheet.cell(row, 1).value = f"A2025-X{row}"
        sheet.cell(row, column).value = recommend
    book.save(home.paths.landing / BAD_ANSWERS)


def _land_cut_archive(name: str) -> Callable[[NightlyHome], None]:
    """Land a gzip archive of which the last bytes are missing."""
    packed = gzip.compress(f"{HEADER}\r\n{ORDER}\r\n".encode("cp1252"))

    def happens(home: NightlyHome) -> None:
        (home.paths.landing / name).write_bytes(packed[:-12])

    return happens


def _take_away(name: str) -> Callable[[NightlyHome], None]:
    """Take a file out of landing."""

    def happens(home: NightlyHome) -> None:
        shutil.move(home.paths.landing / name, home.paths.root / "aside.csv")

    return happens


def _orders(day: int) -> str:
    return f"bestellungen/bestellungen_2026-01-{day:02}.csv"


UNREADABLE = {
    "missing file": Fault(
        "kunden/kunden_2026-01-01.csv",
        _take_away("kunden/kunden_2026-01-01.csv"),
        "extract shop_customers: no file matches 'kunden/kunden_{delivered:%Y-%m-%d}.csv' below",
        "Put the file there",
    ),
    "empty file": Fault(
        _orders(2), _land(_orders(2)), f"{_orders(2)}: the file is empty", "Ask for it again"
    ),
    "wrong delimiter": Fault(
        _orders(3),
        _land(_orders(3), HEADER.replace(";", "|"), ORDER.replace(";", "|")),
        f"{_orders(3)} line 1: the column 'Bestellnummer' is missing",
        "'|' would: see format.delimiter",
    ),
    "missing column": Fault(
        _orders(4),
        _land(_orders(4), HEADER.replace("Betrag (€)", "Betrag (EUR)"), ORDER),
        f"{_orders(4)} line 1: the column 'Betrag (€)' is missing",
        "Did you mean 'Betrag (EUR)'?",
    ),
    "unknown status value": Fault(
        _orders(5),
        _land(_orders(5), HEADER, ORDER, ORDER.replace("bezahlt", "verschenkt")),
        f"such as 'verschenkt' first in {_orders(5)} line 3",
        "allowed: 'bezahlt', 'teilweise erstattet', 'erstattet', 'storniert'",
    ),
    "unparseable date": Fault(
        _orders(6),
        _land(_orders(6), HEADER, ORDER, ORDER.replace("31.12.2025", "31.13.2025")),
        f"such as '31.13.2025 18:05' first in {_orders(6)} line 3",
        "by '%d.%m.%Y %H:%M'",
    ),
    "score outside its scale": Fault(
        BAD_ANSWERS, _land_answers, f"such as '11' first in {BAD_ANSWERS} line 3", "allowed: 0 to 10"
    ),
    "truncated gzip": Fault(
        _orders(7),
        _land_cut_archive(_orders(7)),
        f"{_orders(7)}: the gzip archive is damaged or cut off",
        "Have it delivered again",
    ),
}
# Each of them alone refuses the night; a run tells all that it meets.


def sell_twice(home: NightlyHome, *, for_another_amount: bool) -> None:
    """Deliver an order a second time, as it was or for another amount."""
    first = home.paths.landing / "bestellungen" / "bestellungen_2023-04-01.csv"
    cells = first.read_text(encoding="cp1252").splitlines()[1].split(";")
    if for_another_amount:
        cells[3] = "99.999,00"
    _land(SOLD_TWICE, HEADER, ";".join(cells))(home)


def edit_settings(home: NightlyHome, before: str, after: str) -> int:
    """Replace a text of treue.yml, which must stand there once; the number of its line."""
    text = home.paths.settings_file.read_text(encoding="utf-8")
    assert text.count(before) == 1
    home.paths.settings_file.write_text(text.replace(before, after), encoding="utf-8")
    return text[: text.index(before)].count("\n") + 1


def published_bytes(home: NightlyHome) -> dict[str, str]:
    """A hash of every file below warehouse/: what readers see, and the record of releases."""
    files = (path for path in home.paths.warehouse.rglob("*") if path.is_file())
    return {
        path.relative_to(home.paths.warehouse).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
