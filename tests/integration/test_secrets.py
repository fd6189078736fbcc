"""No secret is kept or said: none stands below the home, in the database or in what any command says.

The texts are searched for by the module that searches for persons, in rows of tables and in bytes of everything else.
"""

import base64
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from pipelines.privacy.search import Needles, files_below, traces
from tests.integration.journeys import Odd
from tests.integration.odd_home import SECRETS

FORMS: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: quote(text, safe=""),
    lambda text: text.encode().hex(),
    lambda text: base64.b64encode(text.encode()).decode().rstrip("=")[:-1],
)
# As it is, in an address, as hex and as base64.
PIECES = [piece for text in SECRETS.values() for piece in text.replace("/", ":").split(":")]
# Of a password with odd signs every piece is one.


def test_no_secret_stands_in_any_file_of_the_home_in_whatever_form(odd: Odd) -> None:
    needles = Needles(tuple(form(text) for form in FORMS for text in PIECES))
    files = files_below(odd.home.paths.root)
    assert len(files) > 50
    assert traces(files, needles) == []


def test_no_command_says_a_secret_also_where_it_fails_over_one(odd: Odd) -> None:
    assert len(odd.said) == 6
    for what, said in odd.said.items():
        assert [piece for piece in PIECES if piece in said] == [], what


def test_what_fails_is_said_with_what_to_do(odd: Odd) -> None:
    for what in ("a database that is gone", "an address with odd signs"):
        assert "PostgreSQL database that TREUE_POSTGRES_URL names cannot be reached" in odd.said[what]
    assert "address 1 of TREUE_ALERT_URLS (json) was not reached" in odd.said["a trial of alerts"]
    assert "No alert: address 1 of TREUE_ALERT_URLS" in odd.said["a day before all"]
    assert "No alert: address 2 of TREUE_ALERT_URLS" in odd.said["a night without its survey"]


def test_no_secret_stands_in_the_database(odd: Odd) -> None:
    texts = {text for column in odd.in_postgres.values() for text in column}
    assert [piece for piece in PIECES if any(piece in text for text in texts)] == []


def test_the_search_would_find_one(odd: Odd, tmp_path: Path) -> None:
    needles = Needles(tuple(PIECES))
    for number, piece in enumerate(PIECES):
        (tmp_path / f"{number}.log").write_text(f"connecting to {piece}@host", encoding="utf-8")
    assert len(traces(files_below(tmp_path), needles)) == len(PIECES)
