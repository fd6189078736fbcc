"""Reading in key order, writing with declared types, the customers' join."""

from collections.abc import Iterator
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from pipelines.metrics.columns import METRIC_VALUES, Column, Table
from pipelines.metrics.purchase_tables import COHORT_RETENTION
from pipelines.metrics.result_tables import CUSTOMERS, TABLES
from pipelines.metrics.tables import read_in_order, write_customer_scores, write_customers, write_rows
from pipelines.metrics.value_tables import CUSTOMER_SCORES, PURCHASE_FITS, PURCHASE_SCORES

EXAMPLE = Table(
    "example",
    "Grades of a shop's customers. One row per customer.",
    ("name",),
    (
        Column("name", "text", "The customer's name.", required=True),
        Column("n", "bigint", "How many."),
        Column("share", "double", "Which share."),
        Column("seen_date", "date", "When."),
        Column("is_seen", "boolean", "Whether."),
    ),
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def example_rows() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": ["b", "a"],
            "n": pd.array([2**60, None], dtype="Int64"),
            "share": [np.nan, 0.1],
            "seen_date": [pd.Timestamp("2025-03-30"), pd.NaT],
            "is_seen": [True, False],
        }
    )


def test_rows_are_written_with_the_declared_types_and_nan_as_null(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert write_rows(connection, EXAMPLE, example_rows()) == 2
    described = connection.execute("describe metrics.example").fetchall()
    assert [row[1] for row in described] == ["VARCHAR", "BIGINT", "DOUBLE", "DATE", "BOOLEAN"]
    assert connection.execute("select * from metrics.example order by name").fetchall() == [
        ("a", None, 0.1, None, False),
        ("b", 2**60, None, date(2025, 3, 30), True),
    ]


def test_writing_again_replaces_the_table(connection: duckdb.DuckDBPyConnection) -> None:
    write_rows(connection, EXAMPLE, example_rows())
    assert write_rows(connection, EXAMPLE, example_rows().iloc[:1]) == 1


def test_an_empty_table_has_its_types_too(connection: duckdb.DuckDBPyConnection) -> None:
    columns = {column.name: [] for column in METRIC_VALUES.columns}
    assert write_rows(connection, METRIC_VALUES, pd.DataFrame(columns, dtype=object)) == 0
    described = connection.execute("describe metrics.metric_values").fetchall()
    assert {row[0]: row[1] for row in described}["n_overlap"] == "BIGINT"


def test_table_and_columns_carry_their_descriptions(connection: duckdb.DuckDBPyConnection) -> None:
    write_rows(connection, EXAMPLE, example_rows())
    assert connection.execute(
        "select comment from duckdb_tables() where table_name = 'example'"
    ).fetchall() == [(EXAMPLE.description,)]
    comments = connection.execute(
        "select comment from duckdb_columns() where table_name = 'example'"
    ).fetchall()
    assert comments == [(column.description,) for column in EXAMPLE.columns]


def test_a_null_in_a_required_column_is_refused_and_the_old_table_stays(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    write_rows(connection, EXAMPLE, example_rows())
    with pytest.raises(duckdb.ConstraintException, match="name"):
        write_rows(connection, EXAMPLE, example_rows().assign(name=[None, "a"]))
    assert connection.execute("select count(*) from metrics.example").fetchall() == [(2,)]


def test_other_columns_than_declared_are_refused(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match=r"metrics\.example has the columns"):
        write_rows(connection, EXAMPLE, example_rows().drop(columns="n"))


def test_a_table_is_read_in_the_order_of_its_key(connection: duckdb.DuckDBPyConnection) -> None:
    write_rows(connection, EXAMPLE, example_rows())
    assert read_in_order(connection, "metrics.example", ("name", "n"), ("name",))["name"].tolist() == [
        "a",
        "b",
    ]


def test_every_table_says_its_grain_and_has_its_key_among_its_required_columns() -> None:
    for table in TABLES:
        assert "One row per " in table.description.rsplit(". ", maxsplit=1)[-1]
        assert set(table.key) <= {column.name for column in table.columns if column.required}
        assert len(set(table.column_names)) == len(table.columns)


def test_the_cohort_table_has_its_published_columns() -> None:
    assert COHORT_RETENTION.column_names == (
        *("period_grain", "cohort_start_date", "age", "segment_name", "segment_value", "cohort_size"),
        *(
            "retained_count",
            "retention_rate",
            "ci_low",
            "ci_high",
            "ci_level",
            "ci_method",
            "suppression_reason",
            "order_count",
            "net_revenue",
            "currency",
        ),
    )


def spend_parameters() -> pd.DataFrame:
    """A Gamma-Gamma of p = 2, q = 3 and gamma = 10: the mean of all is 2 x 10 / (3 - 1) = 10."""
    rows = pd.DataFrame({"parameter": ["p", "q", "gamma"], "value": [2.0, 3.0, 10.0]})
    others = dict.fromkeys(PURCHASE_FITS.column_names)
    told = {"model": "gamma_gamma", "fit": "full", "ci_level": 0.95, "unit": "currency", "customer_count": 10}
    return rows.assign(**{**others, **told, "is_converged": True, "is_chosen": True, **rows})[
        list(PURCHASE_FITS.column_names)
    ]


def scores() -> pd.DataFrame:
    """Half a purchase to come of the one, two of the other."""
    rows = pd.DataFrame(
        {
            "frequency": [1, 0],
            "recency_days": [229, 0],
            "age_days": [595, 0],
            "discounted_orders_365": [0.5, 2.0],
        }
    )
    told = {"customer_count": 1, "model": "mbg_nbd", "probability_alive": 0.25, "expected_orders_365": 2.5}
    flags = {"is_churned_by_inactivity": [True, False], "is_churned_by_model": None}
    return rows.assign(**told, **flags)[list(PURCHASE_SCORES.column_names)]


@pytest.fixture
def customer_build(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute(
        """
        create schema context;
        create schema marts;
        create table context.run as select date '2025-03-01' as as_of_date, 'EUR' as currency;
        create table marts.customer_facts (
            customer_key text, has_purchased boolean, first_purchase_date date, last_purchase_date date,
            order_count bigint, purchase_occasion_count bigint, gross_amount decimal(18,2),
            refunded_amount decimal(18,2), net_amount decimal(18,2), is_active boolean,
            last_responded_date date,
            nps_class text, sci_class text, registered_date date
        );
        insert into marts.customer_facts values
            ('lapsed', true, '2023-07-15', '2024-02-29', 2, 2, 30.10, 0.10, 30.00, false, null, null, null, null),
            ('today', true, '2025-03-01', '2025-03-01', 1, 1, 9.99, 0, 9.99, true, '2025-02-01',
                'promoter', 'secure', '2025-01-01'),
            ('visitor', false, null, null, 0, 0, 0, 0, 0, false, '2025-02-01', 'detractor', null, null);
        create table marts.customer_values (
            customer_key text, frequency bigint, recency_days bigint, age_days bigint, spend_frequency bigint,
            spend_sum decimal(18,2), net_amount_365 decimal(18,2), rfm_recency_score bigint,
            rfm_frequency_score bigint, rfm_monetary_score bigint, rfm_segment text
        );
        insert into marts.customer_values values
            ('lapsed', 1, 229, 595, 1, 20.00, 0, 1, 2, 3, 'slipping'),
            ('today', 0, 0, 0, 0, 0, 9.99, 5, 1, 1, 'new')
        """
    )
    write_rows(connection, PURCHASE_FITS, spend_parameters())
    write_rows(connection, PURCHASE_SCORES, scores())
    write_customer_scores(connection, CUSTOMER_SCORES)
    return connection


def test_customers_have_a_lifecycle_a_cohort_and_days_since_their_last_purchase(
    customer_build: duckdb.DuckDBPyConnection,
) -> None:
    assert write_customers(customer_build, CUSTOMERS) == 3
    found = customer_build.execute(
        """
        select customer_key, lifecycle, cohort_month_date, days_since_last_purchase, currency
        from metrics.customers order by customer_key
        """
    ).fetchall()
    assert found == [
        ("lapsed", "lapsed", date(2023, 7, 1), 366, "EUR"),
        ("today", "active", date(2025, 3, 1), 0, "EUR"),
        ("visitor", "never_purchased", None, None, "EUR"),
    ]
    types = {row[0]: row[1] for row in customer_build.execute("describe metrics.customers").fetchall()}
    assert types == {
        column.name: column.type.upper().replace("TEXT", "VARCHAR") for column in CUSTOMERS.columns
    }


def test_residual_value_is_expected_orders_times_what_gamma_gamma_expects_of_each(
    customer_build: duckdb.DuckDBPyConnection,
) -> None:
    """lapsed: E[M] = 2 (10 + 20) / (2 x 1 + 3 - 1) = 15, times 0.5. today: the mean of all, 10, times 2."""
    write_customers(customer_build, CUSTOMERS)
    found = customer_build.execute(
        """
        select
            customer_key, value_model, cast(expected_revenue_365 as double), is_churned_by_inactivity,
            is_churned_by_model, rfm_segment, cast(net_amount_365 as double)
        from metrics.customers order by customer_key
        """
    ).fetchall()
    assert found == [
        ("lapsed", "mbg_nbd", 7.5, True, None, "slipping", 0.0),
        ("today", "mbg_nbd", 20.0, False, None, "new", 9.99),
        ("visitor", None, None, None, None, None, 0.0),
    ]


def test_without_a_model_of_spend_there_is_no_residual_value(
    customer_build: duckdb.DuckDBPyConnection,
) -> None:
    customer_build.execute("update metrics.purchase_fits set is_chosen = false")
    write_customer_scores(customer_build, CUSTOMER_SCORES)
    write_customers(customer_build, CUSTOMERS)
    ((valued, expected),) = customer_build.execute(
        "select count(expected_revenue_365), count(expected_orders_365) from metrics.customers"
    ).fetchall()
    assert (valued, expected) == (0, 2)
