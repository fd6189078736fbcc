"""The stage in the graph: light to load, true to its keys, and whole when it is materialised."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
from dagster import AssetKey, materialize

from pipelines.metrics.assets import METRICS_ASSETS
from pipelines.metrics.purchases.assets import PURCHASE_ASSETS
from pipelines.metrics.result_tables import TABLES
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
LINES = {
    "opening": 1000,
    "new": 300,
    "reactivated": 40,
    "expansion": 120,
    "contraction": 50,
    "lost": 100,
    "given_back": 0,
    "closing": 1310,
    "returned": 970,
    "kept": 850,
}
# Catalogue 4.10.
BRIDGE = ", ".join(
    [f"cast({amount} as decimal(18,2)) as {line}_sum" for line, amount in LINES.items()]
    + [f"cast({amount * 10} as decimal(38,4)) as {line}_square_sum" for line, amount in LINES.items()]
    + [f"cast(9000 as decimal(38,4)) as {line}_opening_product_sum" for line in ("returned", "kept")]
)
MARTS = f"""
create schema marts;
create table marts.survey_score_counts as
select
    'kunden' as survey, construct as item, construct, low as scale_low, high as scale_high,
    false as low_is_good, 'all' as period_grain, {CELL},
    cast(high - s as integer) as score, cast(100 as bigint) as answer_count,
    cast(100 as decimal(38, 9)) as weight_sum, 'all' as version, 'all' as scale_name
from (values ('recommend', 0, 10), ('overall_satisfaction', 1, 5)) as q (construct, low, high),
    range(4) as r (s);
create table marts.sci_level_counts as
select
    'kunden' as survey, 'all' as period_grain, {CELL}, 4 as satisfaction_level, 4 as repurchase_level,
    cast(l as integer) as recommend_level, cast(50 as bigint) as unit_count,
    cast(50 as decimal(38, 9)) as weight_sum
from range(5) as r (l);
create table marts.weighting_cell_counts as
select
    'kunden' as survey, 'recommend' as item, 'all' as period_grain, date '2023-01-01' as period_start_date,
    cast(1 as integer) as combination_number, cast(d as integer) as value_decile, 'promoter' as nps_class,
    cast(50 as bigint) as answer_count
from range(1, 3) as r (d);
create table marts.weighting_combinations as
select cast(1 as integer) as combination_number, 'all' as segment_name, 'all' as segment_value;
create table marts.population_margins as
select 'all' as period_grain, {CELL}, cast(d as integer) as value_decile, cast(500 as bigint) as customer_count
from range(3) as r (d);
create table marts.survey_score_pairs as
select
    'kunden' as survey, 'recommend' as item, 'year' as period_grain, {CELL}, 'before' as lag,
    cast(10 as integer) as score, cast(s as integer) as other_score, cast(50 as decimal(38, 18)) as weight_product_sum
from (values (10), (8)) as r (s);
insert into marts.survey_score_counts by name
select
    'kunden' as survey, 'all' as item, 'secure_customer_index' as construct, -3 as scale_low, 4 as scale_high,
    false as low_is_good, 'all' as period_grain, {CELL}, s as score, 50 as answer_count, 50 as weight_sum,
    'all' as version, 'all' as scale_name
from (values (4), (3), (2), (1), (-3)) as r (s);
create table marts.survey_unit_counts as
select
    survey, item, period_grain, period_start_date, segment_name, segment_value, base,
    cast(sum(answer_count) as bigint) as unit_count, cast(0 as bigint) as overlap_count
from marts.survey_score_counts, (values ('answered'), ('complete')) as b (base)
where base = 'answered' or (item = 'all' and score > 0)
group by survey, item, period_grain, period_start_date, segment_name, segment_value, base;
create table marts.reason_counts as
select
    'kunden' as survey, 'all' as period_grain, date '2023-01-01' as period_start_date, nps_class, 'price' as reason,
    cast(named as bigint) as respondent_count, cast(100 as bigint) as base_count
from (values ('promoter', 10), ('passive', 20), ('detractor', 50)) as c (nps_class, named);
create table marts.invitation_counts as
select
    'kunden' as survey, 'all' as period_grain, {CELL}, cast(500 as bigint) as chosen_count,
    cast(450 as bigint) as sent_count, cast(400 as bigint) as delivered_count, cast(100 as bigint) as response_count,
    cast(90 as bigint) as complete_count;
create table marts.class_outcome_counts as
select
    'nps' as metric, 'kunden' as survey, class, cast(90 as integer) as horizon_days,
    cast(100 as bigint) as customer_count, cast(bought as bigint) as repurchased_count,
    cast(bought as bigint) as occasion_sum, cast(bought as bigint) as occasion_square_sum,
    cast(10 * bought as decimal(18, 2)) as net_amount_sum,
    cast(100 * bought as decimal(38, 4)) as net_amount_square_sum
from (values ('promoter', 60), ('passive', 40), ('detractor', 20)) as c (class, bought);
create table marts.driver_patterns as
select
    'kunden' as survey, 'all' as period_grain, date '2023-01-01' as period_start_date, 'price' as attributes,
    [1, 1] as scale_lows, [5, 5] as scale_highs, [cast(s as integer), cast(s as integer)] as pattern,
    cast(40 as bigint) as unit_count
from range(1, 6) as r (s);
create table marts.scale_patterns as
select
    'kunden' as survey, 'trust' as scale_name, 'a,b' as items, [1, 1] as scale_lows, [5, 5] as scale_highs,
    [false, false] as low_is_goods, 'all' as period_grain, {CELL}, [cast(s as integer), null] as pattern,
    cast(40 as bigint) as unit_count
from range(1, 6) as r (s)
union all
select
    'kunden', 'trust', 'a,b', [1, 1], [5, 5], [false, false], 'all', {CELL}, [cast(s as integer), cast(s as integer)],
    cast(40 as bigint)
from range(1, 6) as r (s);
create table marts.retention_counts as
select
    'quarter' as period_grain, {CELL}, cast(200 as bigint) as opening_active_count,
    cast(150 as bigint) as retained_count, cast(50 as bigint) as lost_count, cast(30 as bigint) as new_count,
    cast(20 as bigint) as reactivated_count, cast(0 as bigint) as new_and_lost_count,
    cast(200 as bigint) as closing_active_count;
create table marts.repeat_purchase_counts as
select
    'quarter' as period_grain, {CELL}, cast(200 as bigint) as customer_count, cast(200 as bigint) as buyer_count,
    cast(50 as bigint) as repeat_buyer_count, cast(400 as bigint) as order_count,
    cast(100 as bigint) as returning_order_count, cast(800 as bigint) as order_count_square_sum,
    cast(100 as bigint) as returning_order_count_square_sum,
    cast(200 as bigint) as returning_order_count_product_sum, cast(4000 as decimal(18,2)) as net_amount_sum,
    cast(2000 as decimal(18,2)) as returning_net_amount_sum, cast(90000 as decimal(38,4)) as net_amount_square_sum,
    cast(45000 as decimal(38,4)) as returning_net_amount_square_sum,
    cast(45000 as decimal(38,4)) as returning_net_amount_product_sum;
create table marts.matured_repeat_counts as
select
    'quarter' as period_grain, {CELL}, cast(150 as bigint) as matured_count,
    cast(60 as bigint) as matured_repeat_count;
create table marts.revenue_bridge_counts as
select
    'orders' as revenue_source, 'quarter' as period_grain, {CELL}, 'EUR' as currency,
    cast(150 as bigint) as customer_count, cast(120 as bigint) as opening_customer_count, lines.*
from (
    select
        {BRIDGE}
) as lines;
create table marts.tenure_counts as
select
    'second_purchase' as event, 'all' as segment_name, 'all' as segment_value, cast(-1 as bigint) as entry_day,
    cast(exit_day as bigint) as exit_day, exit_day < 400 as is_event, cast(20 as bigint) as customer_count
from (values (10), (20), (30), (400)) as tenures (exit_day);
create table marts.cohort_counts as
select
    'month' as period_grain, date '2023-01-01' as cohort_start_date, age, 'all' as segment_name,
    'all' as segment_value, 'EUR' as currency, cast(100 as bigint) as cohort_size,
    cast(case age when 0 then 100 when 1 then 40 end as bigint) as retained_count,
    cast(case age when 0 then 120 when 1 then 45 end as bigint) as order_count,
    cast(case age when 0 then 2400.5 when 1 then 800 end as decimal(18,2)) as net_amount
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
create table marts.purchase_histories as
select
    fit, cast(frequency as bigint) as frequency, cast(frequency * 7 as bigint) as recency_days,
    cast(frequency * 7 + idle as bigint) as age_days, cast(10 as bigint) as customer_count
from (values ('full'), ('calibration')) as fits (fit), range(5) as x (frequency), (values (7), (300)) as i (idle);
create table marts.spend_histories as
select
    fit, cast(frequency as bigint) as frequency, cast(frequency * spend as decimal(18,2)) as spend_sum,
    cast(10 as bigint) as customer_count
from (values ('full'), ('calibration')) as fits (fit), range(1, 5) as x (frequency), (values (10), (30)) as s (spend);
create table marts.holdout_purchases as
select
    frequency, recency_days, age_days, cast(0 as bigint) as window_occasion_count,
    case when age_days - recency_days = 7 then frequency else 0 end as holdout_occasion_count, customer_count
from marts.purchase_histories where fit = 'calibration';
create table marts.customer_values as
select
    'a' as customer_key, cast(0 as bigint) as frequency, cast(0 as bigint) as recency_days,
    cast(7 as bigint) as age_days, cast(0 as bigint) as spend_frequency, cast(0 as decimal(18,2)) as spend_sum,
    cast(5 as decimal(18,2)) as net_amount_365, cast(null as bigint) as rfm_recency_score,
    cast(null as bigint) as rfm_frequency_score, cast(null as bigint) as rfm_monetary_score,
    cast(null as text) as rfm_segment;
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
        figures = dict(
            connection.execute(
                "select metric, value from metrics.metric_values where weighting <> 'raked'"
            ).fetchall()
        )
        shared = connection.execute("select reason, shared_rank from metrics.reasons").fetchall()
        validity = connection.execute(
            "select class, round(repurchase_share_validity, 12) from metrics.class_outcomes "
            "where repurchase_share_validity is not null"
        ).fetchall()
        ((as_of_date,),) = connection.execute(
            "select distinct as_of_date from metrics.metric_values"
        ).fetchall()
    assert as_of_date == date.fromisoformat(day)
    assert figures["nps_points"] == 50
    assert figures["csat_share"] == 0.5
    assert figures["sci_share"] == 0.25
    assert (figures["retention_rate"], figures["churn_rate"]) == (0.75, 0.25)
    assert (figures["customers_new"], figures["customers_closing"]) == (30, 200)
    assert (figures["repeat_purchase_rate"], figures["matured_repeat_purchase_rate"]) == (0.25, 0.4)
    assert (figures["returning_order_share"], figures["returning_revenue_share"]) == (0.25, 0.5)
    assert (figures["gross_revenue_retention_rate"], figures["net_revenue_retention_ratio"]) == (0.85, 0.97)
    assert figures["pooled_month_retention_rate"] == 0.4
    assert figures["second_purchase_median_days"] == 20
    assert figures["clv_simple_revenue"] == 180
    assert figures["delivered_response_rate"] == 0.25
    assert shared == [("price", 1)]
    assert validity == [("promoter", 0.4)]
    # Whoever bought in the holdout had bought a week before it.
    assert figures["churn_inactivity_days"] == 7
