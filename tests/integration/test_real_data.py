"""Three real data sets through the same job by YAML alone: every figure as an analyst reads it.

All figures are read from the published warehouse; where one is counted independently, it is counted in the
source file by other means than the pipeline's.
"""

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.integration.homes import NightlyHome, Row
from tests.integration.journeys import REAL_FILES

AGREEMENT = ("Strongly Disagree", "Disagree", "Neither Agree nor Disagree", "Agree", "Strongly Agree")
FREQUENCY = ("Never", "Rarely", "Sometimes", "Often", "All of the time")
SHARE = ("None of it", "Some of it", "About half of it", "Most of it", "All of it")
ABILITY = ("Not at all able", "Slightly able", "Neutral", "Moderately able", "Extremely able")
KNOWLEDGE = ("Little or no knowledge of topic", "Some knowledge of topic", "Extensive knowledge of topic")
MOTIVATION = (
    "Less motivated", "Slightly less motivated", "No change in motivation", "More motivated", "Much more motivated",
)  # fmt: skip
LIKERT_ITEMS = {
    "recommend": ("Recommend", AGREEMENT),
    "worth": ("Worth", AGREEMENT),
    "trainers_considerate": ("TrainersConsiderate", FREQUENCY),
    "new_information": ("NewInformation", SHARE),
    "mcq_post_ability": ("MCQPostAbility", ABILITY),
    "knowledge_feedback_post": ("KnowledgeFeedbackPost", KNOWLEDGE),
    "motivation_novice_post": ("MotivationNovicePost", MOTIVATION),
}
# Item: their column, and its labels from 1 upwards. One item at least of every scale of the survey.


def left_out(home: NightlyHome, reason: str) -> Row:
    return home.one("select treatment, row_count from loyalty.left_out where reason = ?", reason)


def figure(home: NightlyHome, metric: str) -> Row:
    return home.one(
        "select value, n from loyalty.metric_values where metric = ? and period_grain = 'all' "
        "and segment_name = 'all'",
        metric,
    )


def read_by_the_run(home: NightlyHome) -> list[Row]:
    """Extract, rows read, loaded and rejected, and rows of repeated files, as the build of the run counts them."""
    return home.query_build(
        "select extract, sum(rows_read), sum(rows_loaded), sum(rows_rejected), sum(repeated_row_count) "
        "from context.files group by extract order by extract"
    )


# Online Retail II


def test_every_line_of_online_retail_is_read_and_either_loaded_or_rejected(
    online_retail: NightlyHome,
) -> None:
    assert read_by_the_run(online_retail) == [("invoices", 525_461, 525_461, 0, 0)]


def test_all_invoices_are_orders_but_the_three_that_are_no_sales(
    online_retail: NightlyHome, real_data: Path
) -> None:
    source = str(real_data / REAL_FILES["online_retail"])
    (invoices,) = duckdb.execute(f"select count(distinct Invoice) from '{source}'").fetchall()[0]
    assert invoices == 28_816
    assert online_retail.value("select count(*) from loyalty.orders") == 28_816 - 3
    assert left_out(online_retail, "not_a_sale") == ("dropped", 3)


def test_cancellations_are_orders_of_their_own_with_no_gross_and_no_purchase(
    online_retail: NightlyHome,
) -> None:
    assert online_retail.one(
        "select count(*), count(*) filter (is_purchase), sum(gross_amount), count(*) filter (net_amount > 0) "
        "from loyalty.orders where status = 'cancellation'"
    ) == (4_592, 0, Decimal("0.00"), 1)
    # One document of the retailer cancels a quantity of +1, which adds money: published, and warned of. One of the
    # models finds no optimum in it, which is told as well.
    assert online_retail.query(
        'select unnest(from_json(warnings, \'[{"expectation": "VARCHAR"}]\')).expectation from loyalty.releases'
    ) == [("a cancellation adds no money",), ("every model converged",)]


def test_lines_without_a_customer_are_kept_as_guest_orders_outside_customer_figures(
    online_retail: NightlyHome, real_data: Path
) -> None:
    source = str(real_data / REAL_FILES["online_retail"])
    found = duckdb.execute(
        "select count(*), count(*) filter (Invoice like 'A%'), count(distinct Invoice) "
        f"filter (Invoice not like 'A%') from '{source}' where \"Customer ID\" is null"
    ).fetchall()
    assert found == [(107_927, 3, 5_226)]
    # The three adjustments have no customer either: they are no sales, so they are not kept.
    assert left_out(online_retail, "no_customer") == ("kept", 107_927 - 3)
    assert online_retail.value("select count(*) from loyalty.orders where customer_key is null") == 5_226


def test_all_known_customers_are_there_and_those_with_a_purchase_marked(online_retail: NightlyHome) -> None:
    assert online_retail.one("select count(*), count(*) filter (has_purchased) from loyalty.customers") == (
        4_383,
        4_312,
    )


def test_purchases_of_known_customers_add_up_to_their_gross_amount(online_retail: NightlyHome) -> None:
    assert online_retail.one(
        "select count(*), count(distinct customer_key), sum(gross_amount) from loyalty.orders "
        "where is_purchase and customer_key is not null"
    ) == (19_213, 4_312, Decimal("8832003.26"))
    assert online_retail.one("select sum(order_count), sum(gross_amount) from loyalty.customers") == (
        19_213,
        Decimal("8832003.26"),
    )


def test_the_lines_behind_these_purchases_are_rounded_once_per_order(online_retail: NightlyHome) -> None:
    # Some prices have three decimals: the sum of the orders is not the sum of the lines.
    assert online_retail.query_build(
        "select count(*), count(distinct order_id), sum(line_amount) from staging.stg_order_line_rows "
        "where left_out_reason is null and identifier_key is not null and status = 'completed' "
        "and quantity > 0 and unit_price > 0"
    ) == [(407_664, 19_213, Decimal("8832003.2740"))]


def test_customers_with_two_or_more_purchases_are_the_repeat_purchase_rate(
    online_retail: NightlyHome,
) -> None:
    assert online_retail.value("select count(*) from loyalty.customers where order_count >= 2") == 2_893
    value, n = figure(online_retail, "repeat_purchase_rate")
    assert n == 4_312
    assert value == pytest.approx(2_893 / 4_312, abs=1e-12)


def test_cancellations_of_known_customers_come_off_in_net(online_retail: NightlyHome) -> None:
    assert online_retail.one(
        "select sum(refunded_amount), sum(net_amount) from loyalty.orders where customer_key is not null"
    ) == (Decimal("483794.70"), Decimal("8832003.26") - Decimal("483794.70"))
    assert online_retail.one("select sum(refunded_amount), sum(net_amount) from loyalty.customers") == (
        Decimal("483794.70"),
        Decimal("8832003.26") - Decimal("483794.70"),
    )


def test_invoices_with_lines_at_two_times_are_one_order_at_the_earlier_one(
    online_retail: NightlyHome, real_data: Path
) -> None:
    source = str(real_data / REAL_FILES["online_retail"])
    earliest = (
        f"select Invoice, min(InvoiceDate::timestamp) as earliest_at, count(distinct InvoiceDate) as times "
        f"from '{source}' where Invoice not like 'A%' group by Invoice"
    )
    times = f"select times > 1 as is_torn, earliest_at from ({earliest})"
    assert duckdb.execute(f"select count(*) from ({times}) where is_torn").fetchall() == [(41,)]
    (later,) = duckdb.execute(
        f"select count(*) from '{source}' as l join ({earliest}) as e using (Invoice) "
        "where l.InvoiceDate::timestamp > e.earliest_at"
    ).fetchall()[0]
    assert left_out(online_retail, "lines_disagree_on_time") == ("kept", later)
    # In London local time, where the shop is: the warehouse speaks in UTC.
    london = duckdb.execute(
        f"select timezone('UTC', timezone('Europe/London', earliest_at)) as at, count(*) from ({times}) "
        "group by all order by all"
    ).fetchall()
    assert (
        online_retail.query("select ordered_at, count(*) from loyalty.orders group by all order by all")
        == london
    )


# CDNOW


def test_every_row_of_cdnow_is_an_order_of_a_known_customer(cdnow: NightlyHome) -> None:
    assert read_by_the_run(cdnow) == [("purchases", 69_659, 69_659, 0, 0)]
    assert cdnow.one(
        "select count(*), count(customer_key), count(distinct customer_key), sum(gross_amount), sum(net_amount) "
        "from loyalty.orders"
    ) == (69_659, 69_659, 23_570, Decimal("2500315.63"), Decimal("2500315.63"))
    assert cdnow.one("select count(*), sum(net_amount) from loyalty.customers") == (
        23_570,
        Decimal("2500315.63"),
    )


def test_cohorts_of_cdnow_have_their_published_sizes(cdnow: NightlyHome) -> None:
    assert cdnow.query(
        "select cohort_start_date::text, cohort_size, retention_rate from loyalty.cohort_retention "
        "where period_grain = 'month' and age = 0 and segment_name = 'all' order by 1"
    ) == [("1997-01-01", 7_846, 1.0), ("1997-02-01", 8_476, 1.0), ("1997-03-01", 7_248, 1.0)]


def test_the_january_cohort_is_active_in_the_following_months_as_published(cdnow: NightlyHome) -> None:
    rows = cdnow.query(
        "select retained_count, retention_rate, ci_low < retention_rate and retention_rate < ci_high "
        "from loyalty.cohort_retention where period_grain = 'month' and cohort_start_date = '1997-01-01' "
        "and age between 1 and 4 and segment_name = 'all' order by age"
    )
    assert [count for count, _, _ in rows] == [1_157, 964, 810, 679]
    assert [rate for _, rate, _ in rows] == pytest.approx(
        [c / 7_846 for c in (1_157, 964, 810, 679)], abs=1e-12
    )
    assert all(is_inside for *_, is_inside in rows)


def test_purchases_of_one_day_are_one_occasion_and_those_with_two_days_have_bought_again(
    cdnow: NightlyHome, real_data: Path
) -> None:
    days = {tuple(line.split()[:2]) for line in (real_data / REAL_FILES["cdnow"]).open().readlines()[1:]}
    assert cdnow.value("select sum(purchase_occasion_count) from loyalty.customers") == len(days)
    assert cdnow.value("select count(*) from loyalty.customers where purchase_occasion_count >= 2") == 11_516
    value, n = figure(cdnow, "repeat_purchase_rate")
    assert n == 23_570
    assert value == pytest.approx(11_516 / 23_570, abs=1e-12)


# The Carpentries


def test_the_recommendation_of_the_carpentries_has_its_known_score(carpentries: NightlyHome) -> None:
    assert read_by_the_run(carpentries) == [("instructor_training", 967, 967, 0, 0)]
    value, n = figure(carpentries, "nps_points")
    assert n == 889
    assert value == pytest.approx(100 * (501 - 71) / 889, abs=1e-9)
    assert value == pytest.approx(48.369, abs=5e-4)
    assert carpentries.query(
        "select class, count(*) from loyalty.survey_answers where construct = 'recommend' "
        "group by class order by class"
    ) == [("detractor", 71), ("passive", 317), ("promoter", 501)]


@pytest.mark.parametrize("item", LIKERT_ITEMS)
def test_a_likert_item_is_scored_from_its_labels(
    carpentries: NightlyHome, real_data: Path, item: str
) -> None:
    column, labels = LIKERT_ITEMS[item]
    with (real_data / REAL_FILES["carpentries"]).open(encoding="utf-8", newline="") as file:
        # Some blanks of the file are no-break spaces, which split() takes for blanks too.
        answers = [" ".join(row[column].split()) for row in csv.DictReader(file)]
    scores = [labels.index(answer) + 1 for answer in answers if answer in labels]
    assert {answer for answer in answers if answer not in labels} == {""}
    count, mean, construct, low, high = carpentries.one(
        "select count(*), sum(score) / count(*), min(construct), min(scale_low), max(scale_high) "
        "from loyalty.survey_answers where question = ?",
        item,
    )
    assert (count, construct, low, high) == (len(scores), "likert", 1, len(labels))
    assert mean == pytest.approx(sum(scores) / len(scores), abs=1e-12)


def test_anonymous_answers_count_in_the_survey_and_in_no_customer_row(carpentries: NightlyHome) -> None:
    assert carpentries.one("select count(*), count(customer_key) from loyalty.survey_responses") == (967, 0)
    assert carpentries.value("select count(*) from loyalty.customers") == 0
    assert left_out(carpentries, "no_customer") == ("kept", 967)


def test_a_kind_that_nobody_declares_gives_typed_empty_tables(
    carpentries: NightlyHome, demo: NightlyHome
) -> None:
    types = "select column_name, data_type from duckdb_columns() where table_name = ? order by column_index"
    for table in ("orders", "customers", "cohort_retention"):
        assert carpentries.value(f"select count(*) from loyalty.{table}") == 0
        assert carpentries.query(types, table) == demo.query(types, table)


# All of them


@pytest.mark.parametrize("name", REAL_FILES)
def test_rows_read_are_rows_in_the_tables_and_rows_left_out(
    name: str, request: pytest.FixtureRequest, real_data: Path
) -> None:
    home: NightlyHome = request.getfixturevalue(name)
    ((_, rows_read, loaded, rejected, repeated),) = read_by_the_run(home)
    dropped = home.value(
        "select coalesce(sum(row_count), 0) from loyalty.left_out where treatment = 'dropped'"
    )
    ((in_tables,),) = home.query_build(
        "select (select count(*) from staging.stg_orders) + (select count(*) from staging.stg_order_lines) "
        "+ (select count(*) from staging.stg_customers) + (select count(*) from staging.stg_survey_responses)"
    )
    assert rows_read == loaded + rejected
    assert rows_read + repeated == in_tables + dropped
