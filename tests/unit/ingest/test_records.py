"""Manifests and ledgers of another version, or damaged ones: read again from landing, or refused in words."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pipelines.ingest.faults import IngestRefused
from pipelines.ingest.lake import lake_files
from pipelines.ingest.ledger import LedgerUnreadable, read_ledger
from tests.conftest import SECRET, Home
from tests.unit.ingest.test_deliveries import MONDAY, ONE, SETTINGS, TUESDAY, TWO, files, known, night, table

UNDATED = SETTINGS.replace("*_{delivered:%Y-%m-%d}.csv", "*.csv")


def without_cells_hash(held: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in held.items() if name != "cells_hash"}


def with_a_field_of_later(held: dict[str, Any]) -> dict[str, Any]:
    return {**held, "rows_guessed": 3}


def with_text_for_a_number(held: dict[str, Any]) -> dict[str, Any]:
    return {**held, "rows_read": "many"}


@pytest.mark.parametrize("change", [without_cells_hash, with_a_field_of_later, with_text_for_a_number])
def test_a_manifest_of_another_version_is_made_anew_from_landing_and_the_day_it_was_seen_stays(
    home: Home, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    home.land("a.csv", table(ONE))
    night(home, UNDATED, MONDAY)
    (manifest,) = home.paths.manifests.glob("*/*.json")
    whole = manifest.read_bytes()
    manifest.write_text(json.dumps(change(json.loads(whole))), encoding="utf-8")
    assert files(home, UNDATED) == []
    assert [each.path for each in night(home, UNDATED, TUESDAY).read] == ["a.csv"]
    assert manifest.read_bytes() == whole
    assert known(home, UNDATED) == [("a.csv", MONDAY, None)]


@pytest.mark.parametrize("content", [b"", b'{"extract": "shop", "ki', b"[1]", b"\xff\xfe\x00"])
def test_a_damaged_manifest_is_made_anew_from_landing(home: Home, content: bytes) -> None:
    home.land("a.csv", table(ONE))
    night(home, UNDATED, MONDAY)
    (manifest,) = home.paths.manifests.glob("*/*.json")
    whole = manifest.read_bytes()
    manifest.write_bytes(content)
    night(home, UNDATED, TUESDAY)
    assert manifest.read_bytes() == whole


def test_a_damaged_manifest_of_a_file_that_is_gone_is_told(home: Home) -> None:
    path = home.land("a.csv", table(ONE))
    home.land("b.csv", table(TWO))
    night(home, UNDATED, MONDAY)
    (manifest,) = (
        file
        for file in home.paths.manifests.glob("*/*.json")
        if json.loads(file.read_bytes())["path"] == "a.csv"
    )
    manifest.write_bytes(b"{")
    path.unlink()
    with pytest.raises(IngestRefused, match=r"not in landing/ any more, first a\.csv"):
        night(home, UNDATED, TUESDAY)


@pytest.mark.parametrize(
    "content", [b"", b'{"a.csv": [{"content_hash', b"[]", b'{"a.csv": [{"content": "x"}]}']
)
def test_a_damaged_ledger_is_refused_with_its_name_and_what_to_do(home: Home, content: bytes) -> None:
    home.land("a.csv", table(ONE))
    night(home, UNDATED, MONDAY)
    ledger = home.paths.lake / "deliveries" / "shop.json"
    ledger.write_bytes(content)
    with pytest.raises(IngestRefused) as caught:
        night(home, UNDATED.replace("    key:", "    on_problem: warn\n    key:"), TUESDAY)
    assert str(caught.value).startswith(
        f"{ledger}: the ledger of extract shop is damaged or of another version"
    )
    assert ledger.read_bytes() == content
    with pytest.raises(LedgerUnreadable, match="Restore it from a backup"):
        lake_files(home.paths, home.settings(UNDATED), SECRET)
    ledger.unlink()
    night(home, UNDATED, TUESDAY)
    assert known(home, UNDATED) == [("a.csv", TUESDAY, None)]


def test_a_ledger_from_before_deliveries_had_a_day_is_read(home: Home) -> None:
    home.land("a_2025-12-01.csv", table(ONE))
    night(home, SETTINGS, MONDAY)
    ledger = home.paths.lake / "deliveries" / "shop.json"
    whole = ledger.read_bytes()
    held = json.loads(whole)
    del held["a_2025-12-01.csv"][0]["delivered_on"]
    ledger.write_text(json.dumps(held), encoding="utf-8")
    assert [each.delivered_on for each in read_ledger(home.paths, "shop")["a_2025-12-01.csv"]] == [None]
    night(home, SETTINGS, TUESDAY)
    assert ledger.read_bytes() == whole
