"""A home in the middle of its life, in which one person stands everywhere, and the erasure of that person.

Extracts of every sort of delivery, a lake, a published warehouse, a build, Dagster's records; no dbt, so that a home is
made in a second. What must stay out: what is expected afterwards.
"""

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from pipelines.gate.suites import Finding
from pipelines.gate.tables import JUDGED_TABLES
from pipelines.gate.verdict import fingerprints, make_verdicts, write_verdicts
from pipelines.ingest.load import Ingest
from pipelines.ingest.pseudonyms import identifier_key
from pipelines.ingest.stage import IngestReport, ingest_extracts
from pipelines.paths import HomePaths
from pipelines.privacy.erasure import erase_persons
from pipelines.privacy.plan import Plan
from pipelines.privacy.planning import make_plan
from pipelines.privacy.requests import read_requests
from pipelines.privacy.search import Needles
from pipelines.publish.descriptions import published_tables
from pipelines.publish.postgres import PostgresTarget
from pipelines.publish.publication import publish_build
from pipelines.settings import Settings, load_settings
from tests import ingest_files
from tests.unit.gate.small_build import make_small_build

SECRET = b"a secret for tests alone"
TODAY = date(2026, 1, 5)
EVA = {
    "customer": "KD-884412",
    "email": "eva.sonnenschein@example.org",
    "phone": "+4915123456789",
    "name": "Sonnenschein",
}
# The number is what the shop knows; the address is what the survey tool knows.
SETTINGS = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2025-01-01
extracts:
  shop_orders:
    kind: orders
    files: "orders/*_{delivered:%Y-%m-%d}.*"
    key: [order_id]
    on_problem: warn
    max_rejected_share: 0.9
    columns: {order_id: id, customer_id: customer, email: mail, ordered_at: at, gross_amount: amount, status: status}
  shop_refunds:
    kind: refunds
    refunds_of: shop_orders
    files: "refunds/*.csv"
    key: [refund_id]
    columns: {refund_id: id, order_id: order, refunded_at: at, refund_amount: amount}
  people:
    kind: customers
    files: "people/*_{delivered:%Y-%m-%d}.csv"
    delivery: full
    key: [customer_id]
    columns: {customer_id: number, email: mail, phone: phone}
    attributes: {country: country}
  survey:
    kind: survey_responses
    files: "survey/*.*"
    key: [response_id]
    max_rejected_share: 0.9
    columns: {response_id: id, email: mail, responded_at: at}
    questions:
      - {id: recommend, column: score, construct: recommend, scale: [0, 10]}
"""
ORDERS = ["id", "customer", "mail", "at", "amount", "status", "note"]


class ErasureHome:
    """The home of one company, by its path."""

    def __init__(self, root: Path) -> None:
        self.paths = HomePaths(root)

    @property
    def settings(self) -> Settings:
        return load_settings(self.paths.root)

    @property
    def identity_file(self) -> Path:
        """The joined identifiers, as the models leave them; it lies outside the home."""
        return self.paths.root.with_name(f"{self.paths.root.name}.identity.duckdb")

    def ingest_of(self, day: date = TODAY, secret: bytes = SECRET, *before: bytes) -> Ingest:
        return Ingest(self.paths, "Europe/Berlin", "EUR", secret, day, before)

    def night(self, day: date = TODAY, secret: bytes = SECRET, *before: bytes) -> IngestReport:
        """Read what is new in landing."""
        return ingest_extracts(self.ingest_of(day, secret, *before), self.settings.extracts)

    def land(self, relative: str, content: bytes) -> None:
        place = self.paths.landing / relative
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    def plan(self, *lines: str, day: date = TODAY, secret: bytes = SECRET) -> tuple[Plan, Needles]:
        """What goes when these lines are asked for."""
        request = self.paths.root.with_name(f"{self.paths.root.name}.request.txt")
        request.write_text("\n".join(lines or (f"email:{EVA['email']}",)), encoding="utf-8")
        asked = read_requests(request, self.paths, self.settings.extracts, secret)
        request.unlink()
        return make_plan(self.ingest_of(day, secret), self.settings, asked, self.identity_file)

    def erase(
        self,
        *lines: str,
        day: date = TODAY,
        secret: bytes = SECRET,
        postgres: PostgresTarget | None = None,
    ) -> str:
        """Erase whom these lines name; what was said of it."""
        plan, needles = self.plan(*lines, day=day, secret=secret)
        return erase_persons(self.paths, plan, needles, postgres)

    def copy(self, root: Path) -> "ErasureHome":
        shutil.copytree(self.paths.root, root, symlinks=True)
        copied = ErasureHome(root)
        shutil.copyfile(self.identity_file, copied.identity_file)
        return copied

    def raw(self, sql: str) -> list[tuple[object, ...]]:
        """Ask the lake; `{orders}` is the list of the committed Parquet of a table."""
        from pipelines.ingest.lake import lake_files

        outputs: dict[str, list[str]] = {}
        for file in lake_files(self.paths, self.settings, SECRET):
            for table, place in file.outputs.items():
                outputs.setdefault(table, []).append(place)
        with duckdb.connect() as connection:
            return connection.execute(
                sql.format(**{table: f"read_parquet({those})" for table, those in outputs.items()})
            ).fetchall()

    def published(self, sql: str) -> list[tuple[object, ...]]:
        """Ask the warehouse as a reader would."""
        with duckdb.connect(str(self.paths.warehouse_file), read_only=True) as connection:
            return connection.execute(sql).fetchall()


def key_of(id_space: str, secret: bytes = SECRET) -> str:
    """One of the person's pseudonyms."""
    return identifier_key(secret, id_space, EVA[id_space])


def orders(first: int, count: int, *more: Sequence[object]) -> bytes:
    """Orders of other people, and whatever else."""
    rows = [
        [
            f"A{first + i}",
            f"KD-10000{i % 5}",
            f"someone{i % 5}@example.com",
            f"2025-12-{1 + i % 28:02} 10:00",
            "12.50",
            "completed",
            "",
        ]
        for i in range(count)
    ]
    return ingest_files.csv_text([ORDERS, *rows, *more]).encode()


def evas_order(number: str, at: str = "2025-12-06 11:00", mail: str = "") -> list[object]:
    return [number, EVA["customer"], mail, at, "99.00", "completed", f"for {EVA['name']}, {EVA['phone']}"]


def answers(first: int, count: int, *more: Sequence[object]) -> list[list[object]]:
    rows = [
        [f"R{first + i}", f"someone{i % 5}@example.com", f"2025-12-{1 + i % 28:02}", str(i % 11), "fine"]
        for i in range(count)
    ]
    return [["id", "mail", "at", "score", "comment"], *rows, *map(list, more)]


def people(*more: Sequence[object]) -> bytes:
    rows = [[f"KD-10000{i}", f"someone{i}@example.com", "", "DE", f"Person {i}"] for i in range(5)]
    return ingest_files.csv_text([["number", "mail", "phone", "country", "name"], *rows, *more]).encode()


def make_home(root: Path) -> ErasureHome:
    """A night over files in which Eva stands, as customer, as address, in rejected rows and in unread columns."""
    home = ErasureHome(root)
    home.paths.landing.mkdir(parents=True)
    home.paths.settings_file.write_text(SETTINGS, encoding="utf-8")
    loud = EVA["email"].upper()
    # Rejected for its date, and for its status; a guest order under her address.
    home.land("orders/a_2025-12-10.csv", orders(100, 20, evas_order("A901"), evas_order("A902", at="never")))
    home.land(
        "orders/b_2025-12-20.csv.gz",
        ingest_files.gzipped(orders(200, 20, ["A903", "", loud, "2025-12-19", "5", "completed", ""])),
    )
    home.land(
        "orders/gone_2025-12-21.csv", orders(300, 9, evas_order("A904"), evas_order("A905", at=EVA["phone"]))
    )
    home.land(
        "refunds/refunds.csv", b"id,order,at,amount\nE1,A100,2025-12-20,1.00\nE2,A901,2025-12-20,2.00\n"
    )
    home.land(
        "people/p_2025-12-01.csv", people([EVA["customer"], EVA["email"], EVA["phone"], "AT", EVA["name"]])
    )
    home.land(
        "people/p_2025-12-21.csv", people([EVA["customer"], EVA["email"], EVA["phone"], "AT", EVA["name"]])
    )
    home.land(
        "survey/wave1.xlsx",
        ingest_files.xlsx(answers(100, 12, ["R901", f" {loud} ", "2025-12-08", "9", f"I am {EVA['name']}"])),
    )
    home.land(
        "survey/wave2.csv",
        ingest_files.csv_text(
            answers(200, 12, ["R902", EVA["email"], "2025-12-09", "99", EVA["phone"]])
        ).encode("utf-16"),
    )
    home.night(date(2026, 1, 4))
    (home.paths.landing / "orders/gone_2025-12-21.csv").unlink()
    _join_identifiers(home)
    _publish(home)
    _leave_records(home)
    return home


def _join_identifiers(home: ErasureHome) -> None:
    """The customers, as the models would join them: whoever stands in one row is one."""
    customer = key_of("customer")
    rows = [(key_of(space), customer) for space in ("customer", "email", "phone")]
    rows += [(identifier_key(SECRET, "customer", f"KD-10000{i}"),) * 2 for i in range(5)]
    home.identity_file.unlink(missing_ok=True)
    with duckdb.connect(str(home.identity_file)) as connection:
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_customer_keys (identifier_key text, customer_key text)"
        )
        connection.executemany("insert into intermediate.int_customer_keys values (?, ?)", rows)


def _publish(home: ErasureHome) -> None:
    """A small release; Eva is its customer c0, and an order of hers stands under somebody else."""
    home.paths.build.mkdir()
    make_small_build(
        home.paths.build_file,
        *(
            f"update {table} set customer_key = '{key_of('customer')}' where customer_key = 'c0'"
            for table in ("marts.orders", "marts.survey_responses", "metrics.customers")
        ),
        "update marts.orders set order_key = md5('shop_orders|id|A903') where order_key = 'o7'",
    )
    passed = Finding(
        1, "the key is unique", "critical", passed=True, observed="0 rows", why="BI joins on it."
    )
    with duckdb.connect(str(home.paths.build_file)) as connection:
        now = fingerprints(connection)
        verdicts = make_verdicts({table: [passed] for table in JUDGED_TABLES}, now, now)
        write_verdicts(connection, verdicts, date(2025, 12, 31))
    with duckdb.connect(str(home.paths.build_file), read_only=True) as connection:
        moment = datetime(2026, 1, 4, 4, tzinfo=UTC)
        publish_build(connection, home.paths, published_tables(), "run-1", moment, keep_releases=7)


def _leave_records(home: ErasureHome) -> None:
    """What a run leaves beside its tables; somebody typed an address into a tag."""
    (home.paths.build / "dbt").mkdir()
    (home.paths.build / "dbt" / "dbt.log").write_text("04:00 done\n", encoding="utf-8")
    (home.paths.build / "nightly.log").write_text("04:00 done\n", encoding="utf-8")
    home.paths.dagster.mkdir()
    with closing(sqlite3.connect(home.paths.dagster / "runs.db")) as connection, connection:
        connection.execute("create table run_tags (run_id text, value text)")
        connection.executemany(
            "insert into run_tags values (?, ?)", [("run-1", "nightly"), ("run-2", EVA["email"])]
        )
