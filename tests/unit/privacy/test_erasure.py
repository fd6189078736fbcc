"""Whoever asked for it is gone from lake, build, warehouse and records, and stays gone; everybody else is untouched."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.gate.fingerprint import fingerprint
from pipelines.ingest.manifests import Manifest, read_manifests
from pipelines.privacy.plan import write_pending
from pipelines.privacy.planning import OtherSecret
from pipelines.privacy.requests import RequestFault
from pipelines.privacy.search import Needles, files_below, traces
from pipelines.publish.releases import current_release, read_releases
from pipelines.resources import HomeResource
from tests import erasure_home
from tests.erasure_home import EVA, ErasureHome, answers, evas_order, key_of, orders

WORDS = Needles(tuple(EVA.values()), frozenset(map(key_of, ("customer", "email", "phone"))))


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> ErasureHome:
    return erasure_home.make_home(tmp_path_factory.mktemp("erasure") / "home")


@pytest.fixture(scope="module")
def erased(origin: ErasureHome, tmp_path_factory: pytest.TempPathFactory) -> ErasureHome:
    """The home after the erasure; copy it before changing it."""
    home = origin.copy(tmp_path_factory.mktemp("erased") / "home")
    home.erase()
    return home


@pytest.fixture
def home(origin: ErasureHome, tmp_path: Path) -> ErasureHome:
    return origin.copy(tmp_path / "home")


def hits(home: ErasureHome, needles: Needles = WORDS) -> set[str]:
    """Where the person stands, outside landing."""
    folders = (path for path in home.paths.root.iterdir() if path != home.paths.landing and path.is_dir())
    return {
        trace.file.relative_to(home.paths.root).parts[0] for trace in traces(files_below(*folders), needles)
    }


def certificate(home: ErasureHome, name: str = "2026-01-05-1") -> dict[str, object]:
    read: dict[str, object] = json.loads((home.paths.privacy / f"erasure-{name}.json").read_text("utf-8"))
    return read


def manifests(home: ErasureHome, extract: str) -> dict[str, Manifest]:
    return {each.path: each for each in read_manifests(home.paths.manifests, extract)}


def test_the_person_stands_in_lake_build_warehouse_and_records_before(origin: ErasureHome) -> None:
    assert hits(origin) == {"lake", "build", "warehouse", "dagster"}


def test_the_person_stands_nowhere_outside_landing_afterwards(erased: ErasureHome) -> None:
    assert hits(erased) == set()
    assert certificate(erased)["pseudonyms_left"] == {}


def test_the_certificate_counts_what_went_and_names_nobody(erased: ErasureHome) -> None:
    told = certificate(erased)
    assert told["identifiers_asked"] == 1
    assert told["identifiers_erased"] == 3
    assert told["rows_erased"] == {
        "dagster": 1,
        "lake/raw/customer_attributes/people": 1,
        "lake/raw/customers/people": 1,
        "lake/raw/orders/shop_orders": 3,
        "lake/raw/refunds/shop_refunds": 1,
        "lake/raw/survey_answers/survey": 1,
        "lake/raw/survey_responses/survey": 1,
        "lake/rejected/shop_orders": 1,
        "lake/rejected/survey": 1,
        "warehouse/customers": 2,
        "warehouse/orders": 4,
        "warehouse/survey_answers": 5,
        "warehouse/survey_responses": 1,
    }


def test_rows_in_landing_are_named_by_file_and_line_for_their_owner(erased: ErasureHome) -> None:
    listed = (erased.paths.privacy / "landing-2026-01-05-1.csv").read_text("utf-8").splitlines()
    assert listed[1:] == [
        "orders/a_2025-12-10.csv,22,a row of shop_orders",
        "orders/a_2025-12-10.csv,23,a row of shop_orders",
        "orders/b_2025-12-20.csv.gz,22,a row of shop_orders",
        "refunds/refunds.csv,3,a row of shop_refunds",
        "people/p_2025-12-01.csv,7,a row of people",
        "people/p_2025-12-21.csv,7,a row of people",
        "survey/wave1.xlsx,14,a row of survey",
        "survey/wave2.csv,14,a row of survey",
    ]


def test_every_file_of_landing_that_holds_the_person_is_named(erased: ErasureHome) -> None:
    landing = erased.paths.landing
    holding = {trace.file.relative_to(landing).as_posix() for trace in traces(files_below(landing), WORDS)}
    listed = (erased.paths.privacy / "landing-2026-01-05-1.csv").read_text("utf-8").splitlines()
    assert holding <= {line.split(",")[0] for line in listed[1:]}


def test_rows_read_are_still_rows_loaded_and_rows_left_out(origin: ErasureHome, erased: ErasureHome) -> None:
    for extract in ("shop_orders", "shop_refunds", "people", "survey"):
        before, after = manifests(origin, extract), manifests(erased, extract)
        for path, manifest in after.items():
            assert manifest.rows_read == manifest.rows_loaded + manifest.rows_rejected
            assert manifest.rows_rejected == sum(manifest.rejected_by_reason.values())
            assert manifest.rows_read == before[path].rows_read
            assert (
                manifest.erased_on == ("2026-01-05" if manifest.rows_erased else None) or not manifest.outputs
            )
            if "rows" in manifest.outputs:
                rejected = duckdb.sql(
                    f"select count(*) from '{erased.paths.lake / manifest.outputs['rows']}'"
                ).fetchall()
                assert rejected == [(manifest.rows_rejected,)]
    assert manifests(erased, "shop_orders")["orders/a_2025-12-10.csv"].rejected_by_reason == {
        "left_out:erased": 2
    }


def test_an_erased_row_leaves_no_line_no_column_and_no_value(erased: ErasureHome) -> None:
    rows = erased.raw("select line, column_name, value from {rows} where reason = 'left_out:erased'")
    assert set(rows) == {(None, None, None)}


def test_rejected_rows_of_a_file_that_nobody_can_look_into_again_lose_their_values(
    origin: ErasureHome, erased: ErasureHome
) -> None:
    reason = "select line, value is null from {rows} where reason = 'unreadable_date' order by line"
    assert origin.raw(reason) == [(12, False), (23, False)]
    assert erased.raw(reason) == [(12, True)]


def test_everybody_elses_rows_stay_as_they_were(origin: ErasureHome, erased: ErasureHome) -> None:
    mine = f"('{key_of('customer')}', '{key_of('email')}')"
    for table in ("orders", "customers", "survey_responses"):
        others = f"from {{{table}}} where identifier_key not in {mine} order by all"
        assert origin.raw(f"select * {others}") == erased.raw(f"select * {others}")
        assert erased.raw(f"select * from {{{table}}} order by all") == erased.raw(f"select * {others}")
    assert erased.raw("select order_id from {refunds}") == [("A100",)]


def test_no_parquet_is_left_that_no_manifest_names(home: ErasureHome) -> None:
    left_by_a_killed_run = home.paths.lake / "raw" / "orders" / "shop_orders" / "0123456789.parquet"
    left_by_a_killed_run.write_bytes(b"PAR1 whatever a killed run has left PAR1")
    home.erase()
    named = {
        str(home.paths.lake / output)
        for extract in ("shop_orders", "shop_refunds", "people", "survey")
        for manifest in manifests(home, extract).values()
        for output in manifest.outputs.values()
    }
    assert {str(file) for file in home.paths.lake.rglob("*.parquet")} == named


def test_the_published_file_is_made_again_and_its_release_with_it(
    origin: ErasureHome, erased: ErasureHome
) -> None:
    before, after = (current_release(read_releases(each.paths.releases)) for each in (origin, erased))
    assert before is not None
    assert after is not None
    assert after.erased_on == date(2026, 1, 5)
    assert after.tables["orders"].row_count == before.tables["orders"].row_count - 4
    with duckdb.connect(str(erased.paths.warehouse_file), read_only=True) as connection:
        for name, table in after.tables.items():
            found = fingerprint(connection, "loyalty", name)
            assert (found.row_count, found.digest) == (table.row_count, table.fingerprint)
    (row,) = erased.published(
        "select row_count, erased_on, row_counts::json ->> 'orders' from loyalty.releases"
    )
    assert row == (sum(table.row_count for table in after.tables.values()), date(2026, 1, 5), "10")
    assert erased.paths.warehouse_file.stat().st_mode & 0o777 == 0o444


def test_figures_that_were_published_stay(origin: ErasureHome, erased: ErasureHome) -> None:
    for table in ("metric_values", "metric_history", "cohort_retention", "left_out"):
        rows = f"select * from loyalty.{table} order by all"
        assert origin.published(rows) == erased.published(rows)


def test_descriptions_stay_in_the_published_file(origin: ErasureHome, erased: ErasureHome) -> None:
    columns = "select table_name, column_name, comment, is_nullable from duckdb_columns()"
    said = f"{columns} where table_name <> 'releases' order by all"
    assert origin.published(said) == erased.published(said)


def test_erasing_again_changes_nothing(erased: ErasureHome, tmp_path: Path) -> None:
    home = erased.copy(tmp_path / "home")
    before = {file: file.read_bytes() for file in files_below(home.paths.root)}
    home.erase(f"customer:{EVA['customer']}", f"email:{EVA['email']}")
    after = {file: file.read_bytes() for file in files_below(home.paths.root)}
    changed = {
        file.relative_to(home.paths.root).as_posix() for file in after if after[file] != before.get(file)
    }
    assert changed == {"privacy/erasure-2026-01-05-2.json", "privacy/landing-2026-01-05-2.csv"}
    assert certificate(home, "2026-01-05-2")["rows_erased"] == {}


def test_the_next_deliveries_do_not_bring_the_person_back(erased: ErasureHome, tmp_path: Path) -> None:
    home = erased.copy(tmp_path / "home")
    home.land("orders/c_2026-01-06.csv", orders(400, 3, evas_order("A906"), evas_order("A907", at="never")))
    home.land("refunds/more.csv", b"id,order,at,amount\nE3,A901,2025-12-22,2.00\nE4,A101,2025-12-22,2.00\n")
    report = home.night(date(2026, 1, 7))
    assert hits(home) == set()
    told = {manifest.path: manifest for manifest in report.read}
    assert told["orders/c_2026-01-06.csv"].rejected_by_reason == {"left_out:erased": 2}
    assert told["orders/c_2026-01-06.csv"].rows_loaded == 3
    assert told["refunds/more.csv"].rejected_by_reason == {"left_out:erased": 1}


def test_a_row_of_several_persons_is_left_out_if_one_of_them_is_erased(
    erased: ErasureHome, tmp_path: Path
) -> None:
    home = erased.copy(tmp_path / "home")
    shared = evas_order("A908", mail="someone1@example.com")
    other = ["A909", "KD-100001", EVA["email"], "2025-12-07 10:00", "1", "completed", ""]
    home.land("orders/c_2026-01-06.csv", orders(400, 1, shared, other))
    report = home.night(date(2026, 1, 7))
    assert [manifest.rows_loaded for manifest in report.read] == [1]


def test_a_file_read_anew_gives_the_rows_that_the_erasure_left(erased: ErasureHome, tmp_path: Path) -> None:
    home = erased.copy(tmp_path / "home")
    tables = ("orders", "customers", "survey_responses", "survey_answers")
    here = "where file_id not in (select file_id from {orders} where order_id = 'A300')"
    kept = {table: erased.raw(f"select * from {{{table}}} {here} order by all") for table in tables}
    cells = {path: each.cells_hash for path, each in manifests(home, "shop_orders").items()}
    for folder in ("raw", "rejected", "manifests"):
        shutil.rmtree(home.paths.lake / folder)
    home.night(date(2026, 1, 7))
    again = {table: home.raw(f"select * from {{{table}}} order by all") for table in tables}
    assert again == kept
    read_anew = {path: each.cells_hash for path, each in manifests(home, "shop_orders").items()}
    assert read_anew == {path: cells[path] for path in read_anew}


def test_a_file_from_which_the_owner_deleted_the_rows_counts_once_beside_its_copy(tmp_path: Path) -> None:
    home = erasure_home.make_home(tmp_path / "home")
    saved_again = (home.paths.landing / "orders/a_2025-12-10.csv").read_bytes() + b"\n"
    home.land("orders/copy_2025-12-22.csv", saved_again)
    home.night(date(2026, 1, 5))
    orders_before = home.raw("select count(*) from {orders}")
    home.erase()
    home.land("orders/a_2025-12-10.csv", orders(100, 20))
    home.night(date(2026, 1, 6))
    assert orders_before == [(20 + 21 + 9 + 2,)]
    assert home.raw("select count(*) from {orders}") == [(20 + 20 + 9,)]


def test_a_dry_run_says_what_would_go_and_changes_nothing(home: ErasureHome) -> None:
    before = {file: file.read_bytes() for file in files_below(home.paths.root)}
    plan, _ = home.plan()
    assert plan.counts["lake/raw/orders/shop_orders"] == 3
    assert {file: file.read_bytes() for file in files_below(home.paths.root)} == before


def test_an_erasure_that_was_begun_is_completed_before_anything_else(home: ErasureHome) -> None:
    plan, _ = home.plan()
    write_pending(home.paths, plan)
    HomeResource(root=str(home.paths.root)).complete_erasure()
    assert not home.paths.pending_erasure.exists()
    assert hits(home) == {"dagster"}


def test_somebody_who_stands_nowhere_is_kept_out_all_the_same(home: ErasureHome) -> None:
    report = home.erase("email:nobody@example.org")
    assert "Found nowhere" in report
    home.land("survey/wave3.csv", b"id,mail,at,score,comment\nR950,Nobody@example.org,2026-01-02,9,\n")
    assert [manifest.rows_loaded for manifest in home.night(date(2026, 1, 7)).read] == [0]


def test_a_file_read_under_another_contract_goes_whole(home: ErasureHome) -> None:
    text = home.paths.settings_file.read_text("utf-8")
    home.paths.settings_file.write_text(
        text.replace("mail, ordered_at", "mail, channel: note, ordered_at"), "utf-8"
    )
    home.night()
    home.erase()
    assert hits(home) == set()
    assert certificate(home)["superseded_files_removed"] == 3


def test_an_erasure_with_another_secret_is_refused(home: ErasureHome) -> None:
    with pytest.raises(OtherSecret, match="was read with the TREUE_SECRET of now"):
        home.plan(secret=b"another secret")


def test_a_request_names_lines_that_cannot_be_used_and_never_what_stands_there(home: ErasureHome) -> None:
    with pytest.raises(
        RequestFault, match=r"line 2, 3: .* id spaces of treue.yml: customer, email, phone"
    ) as fault:
        home.plan("# asked in January", EVA["email"], f"mail:{EVA['email']}")
    assert EVA["email"] not in str(fault.value)


def test_a_request_inside_the_home_is_refused(home: ErasureHome) -> None:
    from pipelines.privacy.requests import read_requests

    request = home.paths.root / "request.txt"
    request.write_text(f"email:{EVA['email']}\n", "utf-8")
    with pytest.raises(RequestFault, match="lies inside the home"):
        read_requests(request, home.paths, home.settings.extracts, erasure_home.SECRET)


def test_a_record_in_which_somebody_typed_the_person_goes_and_the_others_stay(erased: ErasureHome) -> None:
    with closing(sqlite3.connect(erased.paths.dagster / "runs.db")) as connection:
        assert connection.execute("select run_id from run_tags").fetchall() == [("run-1",)]


def test_a_response_of_nobody_stays(home: ErasureHome) -> None:
    home.land(
        "survey/wave3.csv",
        erasure_home.ingest_files.csv_text(answers(300, 1, ["R960", "", "2025-12-09", "3", ""])).encode(),
    )
    home.night()
    home.erase()
    assert home.raw("select identifier_key from {survey_responses} where response_id = 'R960'") == [(None,)]
