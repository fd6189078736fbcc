"""The stage in the graph: light to load, true to its keys, and whole when it is materialised."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
from dagster import AssetKey, materialize

from pipelines.metrics.assets import METRICS_ASSETS
from pipelines.metrics.columns import TABLES
from pipelines.metrics.purchases.assets import PURCHASE_ASSETS
from pipelines.metrics.surveys.assets import SURVEY_ASSETS
from pipelines.partitions import AS_OF_DAYS
from pipelines.paths import HomePaths
from pipelines.resources import HomeResource
from pipelines.settings import load_settings
from pipelines.transform.build import create_build

ALL_ASSETS = (*SURVEY_ASSETS, *PURCHASE_ASSETS, *METRICS_ASSETS)

SETTINGS = """
company: Teehaus
time_zone: Europe/Berlin
currency: EUR
history_start: 2023-01-01
extracts:
  orders:
    kind: orders
    files: orders/*.csv
    delivery: full
    key: [order_id]
    format: {type: csv}
    columns:
      order_id: id
      customer_id: {from: customer, id_space: shop}
      ordered_at: at
      gross_amount: amount
"""

CELL = "date '2023-01-01' as period_start_date, 'all' as segment_name, 'all' as segment_value"
MARTS = f"""
create schema marts;
create table marts.survey_score_counts as
select
    'kunden' as survey, construct as question, construct, low as scale_low, high as scale_high,
    false as low_is_good, 'all' as period_grain, {CELL},
    cast(high - s as integer) as score, cast(100 as bigint) as unit_count
from (values ('recommend', 0, 10), ('overall_satisfaction', 1, 5)) as q (construct, low, high),
    range(4) as r (s);
create table marts.sci_level_counts as
select
    'kunden' as survey, 'all' as period_grain, {CELL}, 4 as satisfaction_level, 4 as repurchase_level,
    cast(l as integer) as recommend_level, cast(50 as bigint) as unit_count
from range(5) as r (l);
create table marts.retention_counts as
select
    'quarter' as period_grain, {CELL}, cast(200 as bigint) as opening_active_count,
    cast(150 as bigint) as retained_count;
create table marts.repeat_purchase_counts as
select
    'quarter' as period_grain, {CELL}, cast(200 as bigint) as buyer_count,
    cast(50 as bigint) as repeat_buyer_count;
create table marts.cohort_counts as
select
    'month' as period_grain, date '2023-01-01' as cohort_start_date, age, 'all' as segment_name,
    'all' as segment_value, cast(100 as bigint) as cohort_size,
    cast(case age when 0 then 100 when 1 then 40 end as bigint) as retained_count
from range(3) as r (age);
create table marts.value_moments as
select
    'quarter' as period_grain, {CELL}, 'EUR' as currency, cast(120 as bigint) as customer_count,
    cast(100 as bigint) as buyer_count, cast(60 as bigint) as opening_count,
    cast(40 as bigint) as retained_count, cast(20 as bigint) as lost_count,
    cast(400 as bigint) as order_count,
    cast(6000 as decimal(18,2)) as net_amount_sum, cast(600000 as decimal(38,4)) as net_amount_square_sum,
    cast(6000 as decimal(18,2)) as net_amount_buyer_sum,
    cast(2500 as decimal(18,2)) as net_amount_opening_sum,
    cast(0 as decimal(18,2)) as net_amount_lost_sum;
create table marts.customer_facts as
select
    'a' as customer_key, true as has_purchased, date '2021-01-01' as first_purchase_date,
    date '2023-01-01' as last_purchase_date, cast(1 as bigint) as order_count,
    cast(1 as bigint) as purchase_occasion_count, cast(5 as decimal(18,2)) as gross_amount,
    cast(0 as decimal(18,2)) as refunded_amount, cast(5 as decimal(18,2)) as net_amount, true as is_active,
    cast(null as date) as last_responded_date, cast(null as text) as nps_class,
    cast(null as text) as sci_class, cast(null as date) as registered_date;
"""
# The marts of a small company, written by hand: one cell of each, with figures that come out round.


def test_loading_the_assets_loads_no_scientific_library() -> None:
    program = (
        "import sys, pipelines.metrics.surveys.assets, pipelines.metrics.purchases.assets;"
        "print(sorted({'pandas', 'scipy', 'statsmodels', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


def test_there_is_one_asset_per_table_of_the_stage_with_group_owner_and_description() -> None:
    assert {assets.key for assets in ALL_ASSETS} == {AssetKey(["metrics", table.name]) for table in TABLES}
    for assets in ALL_ASSETS:
        spec = assets.get_asset_spec()
        assert (spec.group_name, list(spec.owners)) == ("metrics", ["team:treue"])
        assert spec.description


def test_the_stage_leaves_every_table_of_its_day_in_the_build(tmp_path: Path) -> None:
    day = str(AS_OF_DAYS.get_first_partition_key())
    paths = HomePaths(tmp_path)
    paths.settings_file.write_text(SETTINGS, encoding="utf-8")
    create_build(paths.build_file, date.fromisoformat(day), "now", load_settings(tmp_path), [], "no files")
    with duckdb.connect(str(paths.build_file)) as connection:
        connection.execute(MARTS)
    home = HomeResource(root=str(tmp_path))
    result = materialize(list(ALL_ASSETS), partition_key=day, resources={"home": home})
    assert result.success
    with duckdb.connect(str(paths.build_file), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'metrics'"
        ).fetchall()
        assert {name for (name,) in names} == {table.name for table in TABLES}
        figures = dict(connection.execute("select metric, value from metrics.metric_values").fetchall())
        ((as_of_date,),) = connection.execute(
            "select distinct as_of_date from metrics.metric_values"
        ).fetchall()
    assert as_of_date == date.fromisoformat(day)
    assert figures["nps_points"] == 50
    assert figures["csat_share"] == 0.5
    assert figures["sci_share"] == 0.25
    assert (figures["retention_rate"], figures["churn_rate"]) == (0.75, 0.25)
    assert figures["repeat_purchase_rate"] == 0.25
    assert figures["clv_simple_revenue"] == 180
