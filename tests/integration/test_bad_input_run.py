"""Bad input in a home that has a release: the run says file, place and remedy, and readers keep what they have.

Every fault meets a home of its own, a copy of one whose night has run. What each reader finds in a bad file is
the business of the unit tests of ingest; here the whole command is run.
"""

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.integration.conftest import NightlyHome

HEADER = "Bestellnummer;Bestelldatum;Kundennummer;Betrag (€);Erstattet (€);Status;Verkaufsweg;Zahlungsart"
ORDER = "ZZ0000001;31.12.2025 18:05;00001001;20,00;0,00;bezahlt;App;PayPal"
NEW_ORDERS = "bestellungen/bestellungen_2026-01-02.csv"
NEW_ANSWERS = "umfrage/kundenbefragung_2025-12-05.xlsx"


def land_orders(home: NightlyHome, *lines: str, name: str = NEW_ORDERS) -> None:
    """Land one more file of orders."""
    (home.paths.landing / name).write_text("\r\n".join([*lines, ""]), encoding="cp1252", newline="")


def land_answers(home: NightlyHome, recommend: int) -> None:
    """Land one more spreadsheet of two responses, the second of which has this score."""
    book = load_workbook(home.paths.landing / "umfrage" / "kundenbefragung_2025-07-05.xlsx")
    sheet = book["Antworten"]
    sheet.delete_rows(4, sheet.max_row)
    column = next(cell.column for cell in sheet[1] if str(cell.value).startswith("Wie wahrscheinlich"))
    for row in (2, 3):
        sheet.cell(row, 1).value = f"A2025-X{row}"
        sheet.cell(row, column).value = 8
    sheet.cell(3, column).value = recommend
    book.save(home.paths.landing / NEW_ANSWERS)


def edit_settings(home: NightlyHome, before: str, after: str) -> None:
    """Replace a text of treue.yml, which must stand there once."""
    text = home.paths.settings_file.read_text(encoding="utf-8")
    assert text.count(before) == 1
    home.paths.settings_file.write_text(text.replace(before, after), encoding="utf-8")


def land_twice_sold(home: NightlyHome, amount: str = "99.999,00") -> None:
    """Land an order under the number of one that was delivered before, with another amount."""
    first = home.paths.landing / "bestellungen" / "bestellungen_2023-04-01.csv"
    number = first.read_text(encoding="cp1252").splitlines()[1].split(";")[0]
    land_orders(home, HEADER, ORDER.replace("ZZ0000001", number).replace("20,00", amount))


def cut_archive(home: NightlyHome) -> None:
    """Land a gzip archive of which the last bytes are missing."""
    packed = gzip.compress(f"{HEADER}\r\n{ORDER}\r\n".encode("cp1252"))
    (home.paths.landing / NEW_ORDERS).write_bytes(packed[:-12])


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and the file, the place in it and the remedy that the run must name."""

    happens: Callable[[NightlyHome], object]
    file: str
    place: str
    remedy: str


FAULTS = {
    "missing file": Fault(
        lambda home: next((home.paths.landing / "kunden").iterdir()).unlink(),
        file="kunden/kunden_{delivered:%Y-%m-%d}.csv",
        place="extract shop_customers",
        remedy="Put the file there",
    ),
    "empty file": Fault(
        lambda home: (home.paths.landing / NEW_ORDERS).touch(),
        file=NEW_ORDERS,
        place="the file is empty (0 bytes)",
        remedy="Ask for it again",
    ),
    "wrong delimiter": Fault(
        lambda home: land_orders(home, HEADER.replace(";", "|"), ORDER.replace(";", "|")),
        file=NEW_ORDERS,
        place="line 1",
        remedy="'|' would: see format.delimiter",
    ),
    "missing column": Fault(
        lambda home: land_orders(home, HEADER.replace("Betrag (€)", "Betrag (EUR)"), ORDER),
        file=NEW_ORDERS,
        place="line 1: the column 'Betrag (€)' is missing",
        remedy="Did you mean 'Betrag (EUR)'?",
    ),
    "unknown status": Fault(
        lambda home: land_orders(home, HEADER, ORDER, ORDER.replace("bezahlt", "verschenkt")),
        file=NEW_ORDERS,
        place="such as 'verschenkt' first in bestellungen/bestellungen_2026-01-02.csv line 3",
        remedy="allowed: 'bezahlt', 'teilweise erstattet', 'erstattet', 'storniert'",
    ),
    "unparseable date": Fault(
        lambda home: land_orders(home, HEADER, ORDER, ORDER.replace("31.12.2025", "31.13.2025")),
        file=NEW_ORDERS,
        place="such as '31.13.2025 18:05' first in bestellungen/bestellungen_2026-01-02.csv line 3",
        remedy="'%d.%m.%Y %H:%M'",
    ),
    "score outside its scale": Fault(
        lambda home: land_answers(home, recommend=11),
        file=NEW_ANSWERS,
        place="such as '11' first in umfrage/kundenbefragung_2025-12-05.xlsx line 3",
        remedy="allowed: 0 to 10",
    ),
    "one order number with two amounts": Fault(
        land_twice_sold,
        file=NEW_ORDERS,
        place="bestellungen/bestellungen_2026-01-02.csv line 2",
        remedy="state delivery: changes",
    ),
    "truncated archive": Fault(
        cut_archive,
        file=NEW_ORDERS,
        place="the gzip archive is damaged or cut off",
        remedy="Have it delivered again",
    ),
    "typo in the settings": Fault(
        lambda home: edit_settings(home, "delivery: full", "delivry: full"),
        file="treue.yml",
        place="line 25, extracts.shop_customers.delivry: unknown key 'delivry'",
        remedy="did you mean 'delivery'?",
    ),
    "pattern that matches no file": Fault(
        lambda home: edit_settings(home, "bestellungen/bestellungen_{", "bestellungen/bestellung_{"),
        file="bestellungen/bestellung_{delivered:%Y-%m-%d}.csv",
        place="extract shop_orders: no file matches",
        remedy="correct `files`",
    ),
}


def published_bytes(home: NightlyHome) -> dict[str, str]:
    """A hash of every file below warehouse/: what readers see, and the record of releases."""
    files = (path for path in home.paths.warehouse.rglob("*") if path.is_file())
    return {
        str(path.relative_to(home.paths.warehouse)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


@pytest.fixture
def shop(small_shop: NightlyHome, tmp_path: Path) -> NightlyHome:
    """A home with a release, to be harmed."""
    return small_shop.copy(tmp_path / "home")


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_file_place_and_remedy_and_nothing_is_published(
    shop: NightlyHome, name: str
) -> None:
    fault = FAULTS[name]
    before = published_bytes(shop)
    assert {"treue.duckdb", "releases/2025-12-31.1.json", "history/2025-12-31.1.parquet"} == set(before)
    fault.happens(shop)
    code, said = shop.call("run")
    assert code != 0
    assert "Traceback" not in said
    for part in (fault.file, fault.place, fault.remedy):
        assert part in said
    assert published_bytes(shop) == before


def test_all_faults_of_a_night_are_told_at_once_and_once_mended_the_night_publishes(
    shop: NightlyHome,
) -> None:
    before = published_bytes(shop)
    orders_before = shop.value("select count(*) from loyalty.orders")
    responses_before = shop.value("select count(*) from loyalty.survey_responses")
    empty = shop.paths.landing / "bestellungen" / "bestellungen_2026-01-03.csv"
    empty.touch()
    land_orders(shop, HEADER, ORDER.replace("31.12.2025", "31.13.2025"))
    land_answers(shop, recommend=11)
    code, said = shop.call("run")
    assert code != 0
    assert "bestellungen/bestellungen_2026-01-03.csv: the file is empty" in said
    assert "bestellungen/bestellungen_2026-01-02.csv line 2" in said
    assert "umfrage/kundenbefragung_2025-12-05.xlsx line 3" in said
    assert published_bytes(shop) == before

    # An order number with two amounts is found only once the files themselves can be read.
    land_twice_sold(shop)
    empty.unlink()
    code, said = shop.call("run")
    assert code != 0
    assert "stand in several rows that differ" in said
    assert published_bytes(shop) == before

    land_orders(shop, HEADER, ORDER)
    land_answers(shop, recommend=9)
    shop.run()
    assert shop.value("select release_id from loyalty.releases where is_current") == "2025-12-31.2"
    assert shop.value("select count(*) from loyalty.orders") == orders_before + 1
    assert shop.value("select count(*) from loyalty.survey_responses") == responses_before + 2


def test_without_the_key_of_the_pseudonyms_the_run_says_how_to_make_one(shop: NightlyHome) -> None:
    before = published_bytes(shop)
    shop.secret = ""
    code, said = shop.call("run")
    assert code != 0
    assert "Traceback" not in said
    assert "TREUE_SECRET is not set" in said
    assert "openssl rand -hex 32" in said
    assert published_bytes(shop) == before
