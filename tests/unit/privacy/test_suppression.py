"""The list that keeps erased persons out: what it holds, and what becomes of it when the secret is changed."""

import json
from datetime import date
from pathlib import Path

import pytest

from pipelines.ingest.pseudonyms import identifier_key, secret_fingerprint
from pipelines.privacy.suppression import (
    SecretBeforeMissing,
    SuppressionUnreadable,
    add_marks,
    mark_of_document,
    mark_of_person,
    read_suppression,
)
from tests.conftest import SECRET, Home

NEW = b"the secret after the rotation"
SETTINGS = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2025-01-01
extracts:
  shop_orders:
    kind: orders
    files: "*.csv"
    key: [order_id]
    columns: {order_id: id, customer_id: customer, ordered_at: at, gross_amount: amount}
"""
HEADING = "id,customer,at,amount\n"


def suppressed(home: Home, identifier: str, secret: bytes = SECRET) -> None:
    mark = mark_of_person(secret, identifier_key(secret, "customer", identifier))
    add_marks(home.paths.suppressed, secret_fingerprint(secret), [mark])


def test_a_mark_is_no_pseudonym_and_differs_by_secret_person_and_document() -> None:
    key = identifier_key(SECRET, "customer", "4711")
    marks = {
        mark_of_person(SECRET, key),
        mark_of_person(NEW, key),
        mark_of_person(SECRET, identifier_key(SECRET, "customer", "4712")),
        mark_of_document(SECRET, "shop_orders", "4711"),
        mark_of_document(SECRET, "till", "4711"),
    }
    assert len(marks) == 5
    assert key not in marks


def test_the_list_holds_marks_by_the_fingerprint_of_their_secret_and_nothing_else(home: Home) -> None:
    suppressed(home, "4711")
    suppressed(home, "4712")
    suppressed(home, "4711")
    listed = json.loads(home.paths.suppressed.read_text("utf-8"))
    assert {fingerprint: len(marks) for fingerprint, marks in listed.items()} == {
        secret_fingerprint(SECRET): 2
    }


def test_a_suppressed_person_is_left_out_whatever_else_is_wrong_with_the_row(home: Home) -> None:
    suppressed(home, "4711")
    home.land("a.csv", HEADING + "1,4711,2025-05-01,1\n2,4711,never,1\n3,4712,2025-05-01,1\n")
    (manifest,) = home.ingest(home.settings(SETTINGS)).read
    assert (manifest.rows_read, manifest.rows_loaded) == (3, 1)
    assert manifest.rejected_by_reason == {"left_out:erased": 2}


def test_erased_rows_are_no_fault_of_the_file(home: Home) -> None:
    suppressed(home, "4711")
    home.land("a.csv", HEADING + "1,4711,2025-05-01,1\n")
    report = home.ingest(home.settings(SETTINGS))
    assert report.warnings == ["1 of 1 rows are left out as erased, as told"]


def test_files_of_which_nothing_is_left_stay_files_of_their_own(home: Home) -> None:
    from pipelines.ingest.lake import lake_files

    suppressed(home, "4711")
    home.land("a.csv", HEADING + "1,4711,2025-05-01,1\n")
    home.land("b.csv", HEADING + "2,4711,2025-05-01,1\n")
    settings = home.settings(SETTINGS)
    home.ingest(settings)
    files = lake_files(home.paths, settings, SECRET)
    assert [(file.path, file.repeated_row_count) for file in files] in (
        [("a.csv", 0), ("b.csv", 0)],
        [("b.csv", 0), ("a.csv", 0)],
    )


def test_after_a_change_of_the_secret_nothing_is_read_without_the_one_before(home: Home) -> None:
    suppressed(home, "4711")
    home.land("a.csv", HEADING + "1,4711,2025-05-01,1\n")
    with pytest.raises(SecretBeforeMissing, match="Give that secret in TREUE_SECRET_BEFORE"):
        home.ingest(home.settings(SETTINGS), secret=NEW)


def test_with_the_secret_before_the_person_stays_out_under_the_new_one(home: Home) -> None:
    from pipelines.ingest.load import Ingest
    from pipelines.ingest.stage import ingest_extracts

    suppressed(home, "4711")
    suppressed(home, "4712", NEW)
    home.land("a.csv", HEADING + "1,4711,2025-05-01,1\n2,4712,2025-05-01,1\n3,4713,2025-05-01,1\n")
    settings = home.settings(SETTINGS)
    night = Ingest(home.paths, "Europe/Berlin", "EUR", NEW, date(2026, 1, 2), (SECRET,))
    (manifest,) = ingest_extracts(night, settings.extracts).read
    assert manifest.rejected_by_reason == {"left_out:erased": 2}
    assert manifest.rows_loaded == 1


def test_a_damaged_list_stops_everything(tmp_path: Path) -> None:
    file = tmp_path / "suppressed.json"
    file.write_text('{"0123": [', "utf-8")
    with pytest.raises(SuppressionUnreadable, match="restore it from a backup"):
        read_suppression(file, SECRET)


def test_a_contract_may_not_leave_rows_out_as_erased(home: Home) -> None:
    from pipelines.settings_file import SettingsError

    text = SETTINGS + "    leave_out: [{column: state, values: [x], reason: erased}]\n"
    with pytest.raises(SettingsError, match="erased is the reason of rows whose persons were erased"):
        home.settings(text)


def test_secrets_of_before_are_given_with_blanks_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.resources import HomeResource

    home = HomeResource(root="/nowhere")
    monkeypatch.delenv("TREUE_SECRET_BEFORE", raising=False)
    assert home.secrets_before == ()
    monkeypatch.setenv("TREUE_SECRET_BEFORE", "first second")
    # A single secret may hold a blank itself.
    assert set(home.secrets_before) == {b"first", b"second", b"first second"}
