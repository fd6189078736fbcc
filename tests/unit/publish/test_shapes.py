"""Published tables change their shape between versions of Treue; what was published before stays readable and can be
taken up again."""

import json
from datetime import date

import duckdb
import pytest

from pipelines.publish.duckdb_file import STORAGE_VERSION
from pipelines.publish.releases import read_releases
from tests.unit.publish.conftest import SmallHome

MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)


def of_an_earlier_version(home: SmallHome, release_id: str, *changes: str) -> None:
    """Let published, kept file and manifest of a release be those that an earlier version of Treue would have left."""
    earlier = home.paths.warehouse / "earlier.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{earlier}' as warehouse (storage_version '{STORAGE_VERSION}')")
        connection.execute(f"attach '{home.paths.warehouse_file}' as published (read_only)")
        connection.execute("copy from database published to warehouse")
        connection.execute("use warehouse")
        for change in changes:
            connection.execute(change)
        rows = connection.execute(
            "select table_name, estimated_size from duckdb_tables() where database_name = 'warehouse'"
        )
        row_counts = dict(rows.fetchall())
        connection.execute("use memory")
        connection.execute("detach warehouse")
    home.paths.release_file(release_id).unlink()
    home.paths.release_file(release_id).hardlink_to(earlier)
    earlier.replace(home.paths.warehouse_file)
    manifest = home.paths.releases / f"{release_id}.json"
    said = json.loads(manifest.read_text(encoding="utf-8"))
    for later in ("override", "restated_count", "restated"):
        del said[later]
    said["tables"] = {
        name: {"row_count": row_counts[name], "fingerprint": table["fingerprint"]}
        for name, table in said["tables"].items()
        if name in row_counts
    }
    manifest.write_text(json.dumps(said), encoding="utf-8")


def columns(home: SmallHome, table: str) -> dict[object, object]:
    rows = home.query(
        f"select column_name, data_type from duckdb_columns() where schema_name = 'loyalty' and table_name = '{table}'"
    )
    return dict(rows)  # type: ignore[arg-type]


def test_a_manifest_of_an_earlier_version_is_read(small_home: SmallHome) -> None:
    small_home.publish_day(MONDAY)
    of_an_earlier_version(small_home, "2026-01-05.1")
    [release] = read_releases(small_home.paths.releases)
    assert release.override is None
    assert release.tables["orders"].decimal_sums == {}
    assert small_home.publish_day(TUESDAY).compared_with == "2026-01-05.1"


def test_a_kept_release_of_an_earlier_shape_comes_back_in_its_shape_and_words(small_home: SmallHome) -> None:
    small_home.publish_day(MONDAY)
    of_an_earlier_version(
        small_home,
        "2026-01-05.1",
        "alter table loyalty.orders add column mood text",
        "comment on column loyalty.orders.mood is 'A column of old.'",
        "alter table loyalty.customers drop column lifecycle",
        "alter table loyalty.orders alter column is_purchase type text",
        "drop table loyalty.survival_tests",
        "create table loyalty.moods (mood text not null)",
        "comment on table loyalty.moods is 'A table of old. One row per mood.'",
        "comment on column loyalty.moods.mood is 'The mood.'",
    )
    small_home.publish_day(TUESDAY)
    assert "mood" not in columns(small_home, "orders")
    assert small_home.query("select count(*) from loyalty.survival_tests") is not None
    small_home.roll_back("2026-01-05.1")
    assert columns(small_home, "orders")["mood"] == "VARCHAR"
    assert columns(small_home, "orders")["is_purchase"] == "VARCHAR"
    assert "lifecycle" not in columns(small_home, "customers")
    assert columns(small_home, "survival_tests") == {}
    assert small_home.query("select comment from duckdb_columns() where column_name = 'mood' order by 1") == [
        ("A column of old.",),
        ("The mood.",),
    ]
    assert small_home.query("select release_id, is_current from loyalty.releases order by 1") == [
        ("2026-01-05.1", True),
        ("2026-01-06.1", False),
    ]
    assert columns(small_home, "releases")["taken_back_by"] == "VARCHAR"


def test_a_backfill_leaves_readers_the_shape_that_they_have(small_home: SmallHome) -> None:
    small_home.publish_day(TUESDAY)
    of_an_earlier_version(
        small_home,
        "2026-01-06.1",
        "alter table loyalty.orders add column mood text",
        "comment on column loyalty.orders.mood is 'A column of old.'",
        "drop table loyalty.survival_tests",
    )
    backfill = small_home.publish_day(MONDAY)
    assert not backfill.became_current
    assert columns(small_home, "orders")["mood"] == "VARCHAR"
    assert columns(small_home, "survival_tests") == {}


@pytest.mark.parametrize(
    ("change", "said", "before", "now"),
    [
        ("alter table metrics.metric_values drop column n_overlap", "max(n_overlap)", None, 3),
        ("alter table metrics.metric_values alter column n_overlap type text", "max(n_overlap)", 7, 3),
        (
            "alter table metrics.metric_values alter column n_overlap type text using 'seven'",
            "max(n_overlap)",
            None,
            3,
        ),
        ("alter table metrics.metric_values alter column n type double", "count(n) > 0", True, True),
    ],
    ids=["added", "retyped", "retyped beyond what can be said", "widened"],
)
def test_the_history_is_carried_over_in_the_columns_of_now(
    small_home: SmallHome, change: str, said: str, before: object, now: object
) -> None:
    small_home.publish_day(MONDAY, "update metrics.metric_values set n_overlap = 7")
    history = small_home.paths.history / "2026-01-05.1.parquet"
    with duckdb.connect() as connection:
        connection.execute("create schema metrics")
        connection.execute(f"create table metrics.metric_values as from '{history}'")
        connection.execute(change)
        connection.execute("alter table metrics.metric_values add column mood text")
        connection.execute(f"copy metrics.metric_values to '{history}' (format parquet)")
    small_home.publish_day(TUESDAY, "update metrics.metric_values set n_overlap = 3")
    assert small_home.query(
        f"select release_id, {said} from loyalty.metric_history group by all order by 1"
    ) == [("2026-01-05.1", before), ("2026-01-06.1", now)]
    assert set(columns(small_home, "metric_history")) == {*columns(small_home, "metric_values"), "release_id"}
    assert (
        columns(small_home, "metric_history")["n_overlap"]
        == columns(small_home, "metric_values")["n_overlap"]
    )
