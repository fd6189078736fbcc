"""What is older than the company keeps it goes, stays gone, and is no longer counted on."""

from datetime import date

import pytest

from pipelines.ingest.faults import IngestRefused
from pipelines.ingest.lake import lake_files, lake_hash
from pipelines.ingest.manifests import Manifest, read_manifests
from pipelines.ingest.pseudonyms import secret_fingerprint
from pipelines.privacy.pruned import DayPruned, note_pruned, require_day
from pipelines.privacy.retention import prune
from pipelines.settings import Settings
from tests.conftest import SECRET, Home

AS_OF = date(2026, 1, 31)
SETTINGS = """\
company: Blumenhaus Linde
time_zone: Europe/Berlin
currency: EUR
history_start: 2025-01-01
retention: {retention}
extracts:
  shop_orders:
    kind: orders
    files: "orders/*_{{delivered:%Y-%m-%d}}.csv"
    key: [order_id]
    max_rejected_share: 0.9
    columns: {{order_id: id, customer_id: customer, ordered_at: at, gross_amount: amount}}
  people:
    kind: customers
    files: "people/*_{{delivered:%Y-%m-%d}}.csv"
    delivery: full
    key: [customer_id]
    columns: {{customer_id: customer}}
  survey:
    kind: survey_responses
    files: "survey/*_{{delivered:%Y-%m-%d}}.csv"
    key: [response_id]
    columns: {{response_id: id, responded_at: at}}
    questions:
      - {{id: recommend, column: score, construct: recommend, scale: [0, 10]}}
      {comment}
"""
COMMENT = "- {id: words, column: comment, construct: comment}"
HEADING = "id,customer,at,amount\n"


def with_retention(home: Home, retention: str, comment: str = "") -> Settings:
    return home.settings(SETTINGS.format(retention=retention, comment=comment))


@pytest.fixture
def read(home: Home) -> Home:
    """A home after a night: files of last summer and of this winter."""
    home.land(
        "orders/old_2025-06-01.csv", HEADING + "1,C1,2025-05-01,1\n2,C2,2025-05-31,1\n3,C1,31.31.2025,1\n"
    )
    home.land("orders/late_2025-06-02.csv", HEADING + "4,C1,2025-05-01,1\n5,C2,2026-01-01,1\n")
    home.land("orders/new_2026-01-15.csv", HEADING + "6,C1,2025-05-01,1\n7,C1,32.31.2025,1\n")
    home.land("people/p_2025-05-01.csv", "customer\nC1\nC2\n")
    home.land("people/p_2025-06-01.csv", "customer\nC1\nC2\nC3\n")
    home.land("survey/s_2025-06-01.csv", "id,at,score,comment\nR1,2025-05-05,9,long ago\n")
    home.land(
        "survey/s_2026-01-15.csv",
        "id,at,score,comment\nR2,2025-11-01,9,in autumn\nR3,2026-01-09,3,just now\n",
    )
    home.ingest(with_retention(home, "{comments_days: 400}", COMMENT), seen_on=date(2026, 1, 16))
    return home


def counted(home: Home, settings: Settings) -> set[str]:
    return {file.path for file in lake_files(home.paths, settings, SECRET)}


def manifests(home: Home, extract: str) -> dict[str, Manifest]:
    return {each.path: each for each in read_manifests(home.paths.manifests, extract)}


ALL = {
    "orders/old_2025-06-01.csv",
    "orders/late_2025-06-02.csv",
    "orders/new_2026-01-15.csv",
    "people/p_2025-05-01.csv",
    "people/p_2025-06-01.csv",
    "survey/s_2025-06-01.csv",
    "survey/s_2026-01-15.csv",
}
TOO_OLD = {"orders/old_2025-06-01.csv", "people/p_2025-05-01.csv", "survey/s_2025-06-01.csv"}


def test_without_retention_nothing_is_pruned(read: Home) -> None:
    settings = with_retention(read, "{comments_days: 400}", COMMENT)
    before = {file: file.read_bytes() for file in read.paths.lake.rglob("*") if file.is_file()}
    assert "0 comment(s)" in prune(read.paths, settings, SECRET, AS_OF)
    assert {file: file.read_bytes() for file in read.paths.lake.rglob("*") if file.is_file()} == before
    require_day(read.paths.pruned, date(2025, 1, 1))


def test_files_go_whose_newest_event_and_delivery_are_too_old(read: Home) -> None:
    settings = with_retention(read, "{raw_days: 90, comments_days: 400}", COMMENT)
    assert "3 file(s)" in prune(read.paths, settings, SECRET, AS_OF)
    assert counted(read, settings) == ALL - TOO_OLD


def test_the_manifest_of_a_pruned_file_stays_and_says_so(read: Home) -> None:
    settings = with_retention(read, "{raw_days: 90, comments_days: 400}", COMMENT)
    before = manifests(read, "shop_orders")["orders/old_2025-06-01.csv"]
    prune(read.paths, settings, SECRET, AS_OF)
    after = manifests(read, "shop_orders")["orders/old_2025-06-01.csv"]
    assert (after.pruned_on, after.outputs) == ("2026-01-31", {})
    assert (after.rows_read, after.rows_loaded, after.rows_rejected) == (3, 2, 1)
    assert not [file for file in read.paths.lake.rglob("*.parquet") if before.file_id in file.name]


def test_a_pruned_file_that_still_lies_in_landing_is_not_read_again(read: Home) -> None:
    settings = with_retention(read, "{raw_days: 90, comments_days: 400}", COMMENT)
    prune(read.paths, settings, SECRET, AS_OF)
    report = read.ingest(settings, seen_on=date(2026, 2, 1))
    assert report.read == []
    assert not {manifest.path for manifest in report.known} & TOO_OLD


def test_the_same_day_is_made_of_the_same_files_each_time_after_a_prune(read: Home) -> None:
    settings = with_retention(read, "{raw_days: 90, comments_days: 400}", COMMENT)
    hashes = []
    for night in (1, 2, 3):
        prune(read.paths, settings, SECRET, AS_OF)
        read.ingest(settings, seen_on=date(2026, 2, night))
        hashes.append(lake_hash(lake_files(read.paths, settings, SECRET)))
    assert len(set(hashes)) == 1


def test_neither_is_it_under_another_contract_or_secret(read: Home) -> None:
    settings = with_retention(read, "{raw_days: 90, comments_days: 400}", COMMENT)
    prune(read.paths, settings, SECRET, AS_OF)
    report = read.ingest(settings, seen_on=date(2026, 2, 1), secret=b"another secret")
    assert {manifest.path for manifest in report.read} == ALL - TOO_OLD


def test_a_pruned_file_is_not_missed_when_it_is_gone_from_landing(read: Home) -> None:
    settings = with_retention(read, "{raw_days: 90, comments_days: 400}", COMMENT)
    prune(read.paths, settings, SECRET, AS_OF)
    for path in TOO_OLD:
        (read.paths.landing / path).unlink()
    report = read.ingest(settings, seen_on=date(2026, 2, 1), secret=b"another secret")
    assert not [told for told in report.warnings if "not in landing" in told]


def test_what_the_record_names_counts_no_more_before_its_rows_are_gone(read: Home) -> None:
    settings = with_retention(read, "{raw_days: 90, comments_days: 400}", COMMENT)
    old = manifests(read, "shop_orders")["orders/old_2025-06-01.csv"]
    note_pruned(read.paths.pruned, AS_OF, {"shop_orders": [old.content_hash]})
    assert counted(read, settings) == ALL - {"orders/old_2025-06-01.csv"}
    prune(read.paths, settings, SECRET, AS_OF)
    assert manifests(read, "shop_orders")["orders/old_2025-06-01.csv"].outputs == {}


def test_days_before_the_latest_prune_are_refused_and_others_are_not(read: Home) -> None:
    settings = with_retention(read, "{raw_days: 90, comments_days: 400}", COMMENT)
    prune(read.paths, settings, SECRET, AS_OF)
    require_day(read.paths.pruned, AS_OF)
    with pytest.raises(DayPruned, match="Runs are possible from 2026-01-31 on"):
        require_day(read.paths.pruned, date(2026, 1, 30))


def test_what_was_read_with_an_earlier_secret_goes_once_it_was_read_again(read: Home) -> None:
    settings = with_retention(read, "{comments_days: 400}", COMMENT)
    (read.paths.landing / "orders/old_2025-06-01.csv").unlink()
    with pytest.raises(IngestRefused, match="not in landing/ any more"):
        read.ingest(settings, seen_on=date(2026, 2, 1), secret=b"another secret")
    assert "6 file(s) read under an earlier contract or secret" in prune(
        read.paths, settings, b"another secret", AS_OF
    )
    left = {
        each.path: each.secret_fingerprint for each in read_manifests(read.paths.manifests, "shop_orders")
    }
    assert left["orders/old_2025-06-01.csv"] == secret_fingerprint(SECRET)
    assert left["orders/new_2026-01-15.csv"] == secret_fingerprint(b"another secret")


def test_pruning_again_changes_nothing(read: Home) -> None:
    settings = with_retention(read, "{raw_days: 90, rejects_days: 90, comments_days: 80}", COMMENT)
    prune(read.paths, settings, SECRET, AS_OF)
    before = {file: file.read_bytes() for file in read.paths.root.rglob("*") if file.is_file()}
    prune(read.paths, settings, SECRET, AS_OF)
    assert {file: file.read_bytes() for file in read.paths.root.rglob("*") if file.is_file()} == before


def test_values_of_old_rejected_rows_go_and_their_counts_stay(read: Home) -> None:
    import duckdb

    settings = with_retention(read, "{rejects_days: 90, comments_days: 400}", COMMENT)
    assert "1 value(s)" in prune(read.paths, settings, SECRET, AS_OF)
    files = {file.path: file for file in lake_files(read.paths, settings, SECRET)}
    rows = [
        duckdb.sql(f"select reason, value from '{files[path].outputs['rows']}'").fetchall()
        for path in ("orders/old_2025-06-01.csv", "orders/new_2026-01-15.csv")
    ]
    assert rows == [[("unreadable_date", None)], [("unreadable_date", "32.31.2025")]]
    assert manifests(read, "shop_orders")["orders/old_2025-06-01.csv"].rejects_pruned_on == "2026-01-31"


def comments(home: Home) -> list[str]:
    import duckdb

    files = home.paths.lake / "raw" / "survey_comments" / "*" / "*.parquet"
    return [text for (text,) in duckdb.sql(f"select comment from '{files}' order by comment").fetchall()]


def test_comments_are_kept_apart_only_on_request_and_only_for_their_days(read: Home) -> None:
    assert comments(read) == ["in autumn", "just now", "long ago"]
    settings = with_retention(read, "{comments_days: 80}", COMMENT)
    assert "2 comment(s)" in prune(read.paths, settings, SECRET, AS_OF)
    assert comments(read) == ["just now"]
    assert counted(read, settings) == ALL


def test_comments_that_are_too_old_when_they_come_are_not_read(home: Home) -> None:
    home.land(
        "survey/s_2026-01-15.csv",
        "id,at,score,comment\nR2,2025-10-01,9,in autumn\nR3,2026-01-09,3,just now\n",
    )
    home.land("orders/a_2026-01-15.csv", HEADING)
    home.land("people/p_2026-01-15.csv", "customer\n")
    home.ingest(with_retention(home, "{comments_days: 80}", COMMENT), seen_on=date(2026, 1, 16))
    assert comments(home) == ["just now"]


def test_no_build_knows_of_comments(read: Home) -> None:
    import duckdb

    from pipelines.transform.build import create_build

    settings = with_retention(read, "{comments_days: 400}", COMMENT)
    create_build(read.paths.build_file, AS_OF, "now", settings, lake_files(read.paths, settings, SECRET), "x")
    with duckdb.connect(str(read.paths.build_file)) as connection:
        tables = connection.execute("select table_name from information_schema.tables").fetchall()
        asked = connection.execute("select question from context.questions").fetchall()
    assert "survey_comments" not in {name for (name,) in tables}
    assert asked == [("recommend",)]


def test_whoever_asks_for_comments_has_to_say_for_how_long(home: Home) -> None:
    from pipelines.settings_file import SettingsError

    with pytest.raises(SettingsError, match="comments are kept only for a time: state retention"):
        with_retention(home, "{raw_days: 900}", COMMENT)


def test_a_comment_has_no_scale(home: Home) -> None:
    from pipelines.settings_file import SettingsError

    comment = "- {id: words, column: comment, construct: comment, scale: [0, 10]}"
    with pytest.raises(SettingsError, match="a comment is kept as it was written"):
        with_retention(home, "{comments_days: 90}", comment)
