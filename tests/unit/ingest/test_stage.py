"""A file is read once, keyed by bytes, contract and secret, and only what a manifest commits counts."""

from datetime import date

import pytest

from pipelines.ingest.lake import committed, lake_files, lake_hash, last_event_day
from pipelines.ingest.pseudonyms import identifier_key, secret_fingerprint
from tests.conftest import SECRET, Home, RawRows
from tests.unit.ingest.test_bad_input import GOOD, HEADER, ORDERS


def test_the_pseudonym_is_the_hmac_of_id_space_and_normalised_identifier(
    home: Home, raw_rows: RawRows
) -> None:
    home.land("orders/a.csv", HEADER + GOOD + GOOD.replace("0042", "").replace("1001", "1002"))
    home.ingest(home.settings(ORDERS))
    expected = identifier_key(SECRET, "shop", "42")
    assert raw_rows("orders", "order_id, id_space, identifier_key") == [
        ("1001", "shop", expected),
        ("1002", None, None),
    ]


def test_a_long_secret_gives_the_same_pseudonyms_in_sql_and_python(home: Home, raw_rows: RawRows) -> None:
    home.land("orders/a.csv", HEADER + GOOD)
    home.ingest(home.settings(ORDERS), secret=b"x" * 100)
    assert raw_rows("orders", "identifier_key") == [(identifier_key(b"x" * 100, "shop", "42"),)]


def test_known_files_are_not_read_again_and_new_ones_are(home: Home) -> None:
    settings = home.settings(ORDERS)
    home.land("orders/a.csv", HEADER + GOOD)
    assert len(home.ingest(settings).read) == 1
    home.land("orders/b.csv", HEADER + GOOD.replace("1001", "1002"))
    report = home.ingest(settings)
    assert [m.path for m in report.read] == ["orders/b.csv"]
    assert [m.path for m in report.known] == ["orders/a.csv"]


def test_another_contract_or_secret_reads_the_files_again_and_leaves_the_old_rows_out(home: Home) -> None:
    home.land("orders/a.csv", HEADER + GOOD)
    home.ingest(home.settings(ORDERS))
    changed = home.settings(ORDERS.replace("id_space: shop", "id_space: web"))
    assert len(home.ingest(changed).read) == 1
    assert len(lake_files(home.paths, changed, SECRET)) == 1
    assert len(home.ingest(changed, secret=b"another").read) == 1
    assert secret_fingerprint(b"another") != secret_fingerprint(SECRET)


def test_the_same_bytes_delivered_twice_are_loaded_once_and_counted(home: Home) -> None:
    settings = home.settings(ORDERS)
    home.land("orders/a.csv", HEADER + GOOD)
    home.land("orders/again.csv", HEADER + GOOD)
    home.ingest(settings)
    (file,) = lake_files(home.paths, settings, SECRET)
    assert (file.rows_loaded, file.repeated_row_count) == (1, 1)


def test_rows_without_a_manifest_do_not_count(home: Home) -> None:
    settings = home.settings(ORDERS)
    home.land("orders/a.csv", HEADER + GOOD)
    home.ingest(settings)
    (manifest,) = home.paths.manifests.glob("*/*.json")
    manifest.unlink()
    assert lake_files(home.paths, settings, SECRET) == []
    assert len(home.ingest(settings).read) == 1


@pytest.mark.parametrize(
    ("pattern", "name", "initial", "expected"),
    [
        ("orders/*_{delivered:%Y-%m-%d}.csv", "orders/x_2025-12-31.csv", "", date(2025, 12, 31)),
        ("orders/*.csv", "orders/x_2025-12-31.csv", "", date(2026, 1, 2)),
        ("orders/*.csv", "orders/x.csv", "    initial_load: true\n", date(1900, 1, 1)),
    ],
)
def test_a_row_is_known_from_its_delivery_else_from_the_day_it_was_seen_unless_initial(
    home: Home, raw_rows: RawRows, pattern: str, name: str, initial: str, expected: date
) -> None:
    home.land(name, HEADER + GOOD)
    text = ORDERS.replace("orders/*.csv*", pattern).replace(
        "    kind: orders\n", f"    kind: orders\n{initial}"
    )
    home.ingest(home.settings(text), seen_on=date(2026, 1, 2))
    assert raw_rows("orders", "known_on") == [(expected,)]


def test_the_day_a_file_was_first_seen_stays(home: Home) -> None:
    settings = home.settings(ORDERS)
    home.land("orders/a.csv", HEADER + GOOD)
    home.ingest(settings, seen_on=date(2026, 1, 2))
    home.ingest(settings, seen_on=date(2026, 3, 4))
    extract = settings.extracts["shop_orders"]
    (manifest,) = committed(home.paths, "shop_orders", extract, settings.time_zone, settings.currency, SECRET)
    assert manifest.known_on == "2026-01-02"


def test_the_last_event_is_the_latest_local_day_in_the_committed_files(home: Home) -> None:
    settings = home.settings(ORDERS)
    home.land(
        "orders/a.csv",
        HEADER + GOOD + GOOD.replace("1001", "1002").replace("31.12.2025 18:05", "01.01.2026 00:10"),
    )
    home.ingest(settings)
    files = lake_files(home.paths, settings, SECRET)
    assert last_event_day(files) == date(2026, 1, 1)
    assert len(lake_hash(files)) == 16
