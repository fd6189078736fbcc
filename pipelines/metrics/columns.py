"""Names, types and descriptions of the tables that the metrics stage leaves behind.

Here is what a reader of the tables relies on: add a column here first, and the table, its comment and its
documentation follow. Formulas and heavy imports must stay out: documentation and checks read this module too.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: its SQL type, what it holds, and whether it is never null."""

    name: str
    type: str
    description: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One table of the schema `metrics`: its description ends in its grain, its key is unique, never null."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names in the order of the table."""
        return tuple(column.name for column in self.columns)


KEY_COLUMNS = (
    Column("metric", "text", "The figure's name; it carries unit and scale.", required=True),
    Column("survey", "text", "The survey that the figure speaks of, or all.", required=True),
    Column("item", "text", "The survey's question that the figure speaks of, or all.", required=True),
    Column("period_grain", "text", "month, quarter, year or all.", required=True),
    Column(
        "period_start_date", "date", "First day of the period, in the company's time zone.", required=True
    ),
    Column("segment_name", "text", "The segment's name, or all.", required=True),
    Column("segment_value", "text", "The segment's value, or all.", required=True),
    Column("weighting", "text", "unweighted, or all where no weighting applies.", required=True),
    Column("currency", "text", "The currency of a money figure, or all.", required=True),
    Column("as_of_date", "date", "The last day whose events the figure knows.", required=True),
)

FIGURE_COLUMNS = (
    Column("value", "double", "The figure; null with a reason where it must not or cannot be said."),
    Column("unit", "text", "points, share, mean, currency, count or days.", required=True),
    Column("n", "bigint", "Distinct customers, or responses where customers are unknown.", required=True),
    Column("n_effective", "double", "Population variance over the squared standard error."),
    Column(
        "n_kish", "double", "Kish's effective sample size of the weights; null where no weighting applies."
    ),
    Column("std_error", "double", "Standard error of the value, in its unit."),
    Column("ci_low", "double", "Lower end of the interval."),
    Column("ci_high", "double", "Upper end of the interval."),
    Column("ci_level", "double", "Confidence of the interval, as a fraction.", required=True),
    Column("ci_method", "text", "How the interval was made.", required=True),
    Column(
        "is_publishable", "boolean", "Whether there is a value and n reaches the threshold.", required=True
    ),
    Column("suppression_reason", "text", "Why there is no value; null where there is one."),
    Column("definition_id", "text", "Which of the disputed definitions the figure follows.", required=True),
    Column("definition_version", "text", "Version of the definition.", required=True),
)

CHANGE_COLUMNS = (
    Column("change_value", "double", "Difference from the period before; null, not computed."),
    Column("change_ci_low", "double", "Lower end of the change's interval; null, not computed."),
    Column("change_ci_high", "double", "Upper end of the change's interval; null, not computed."),
    Column("change_p_value", "double", "Unadjusted p of the change; null, not computed."),
    Column("change_p_adjusted", "double", "p adjusted for the number of cells; null, not computed."),
    Column("n_overlap", "bigint", "Customers counted in both periods; null, not computed."),
)

METRIC_KEY = tuple(column.name for column in KEY_COLUMNS)


def _tidy(name: str, description: str) -> Table:
    return Table(name, description, METRIC_KEY, KEY_COLUMNS + FIGURE_COLUMNS)


_GRAIN = "One row per metric, survey, item, period, segment, weighting, currency and as-of day."

NPS = _tidy("nps", f"Net promoter score and the shares it is made of. {_GRAIN}")
SECURE_CUSTOMER_INDEX = _tidy(
    "secure_customer_index",
    f"Secure Customer Index, its classes and the bounds for partial answers. {_GRAIN}",
)
SATISFACTION = _tidy("satisfaction", f"Share of satisfied answers. {_GRAIN}")
RETENTION = _tidy("retention", f"Customer retention and churn. {_GRAIN}")
REPEAT_PURCHASE = _tidy("repeat_purchase", f"Share of buyers who bought again within the period. {_GRAIN}")
LIFETIME_VALUE = _tidy("lifetime_value", f"Simple customer lifetime revenue. {_GRAIN}")

METRIC_VALUES = Table(
    "metric_values",
    f"Every figure with its n, its interval and whether it may be published. {_GRAIN}",
    METRIC_KEY,
    KEY_COLUMNS + FIGURE_COLUMNS + CHANGE_COLUMNS,
)

COHORT_RETENTION = Table(
    "cohort_retention",
    "Which share of the customers who first bought in a period bought again in each later period. "
    "One row per grain, cohort, age and segment.",
    ("period_grain", "cohort_start_date", "age", "segment_name", "segment_value"),
    (
        Column("period_grain", "text", "month or quarter.", required=True),
        Column("cohort_start_date", "date", "First day of the period of the first purchase.", required=True),
        Column(
            "age", "bigint", "Periods of the grain since the cohort's own, by the calendar.", required=True
        ),
        Column("segment_name", "text", "The segment's name, or all.", required=True),
        Column(
            "segment_value", "text", "The customer's segment at the first purchase, or all.", required=True
        ),
        Column("cohort_size", "bigint", "Customers of the cohort.", required=True),
        Column("retained_count", "bigint", "Customers who bought in that period; null where the rate is."),
        Column("retention_rate", "double", "retained_count over cohort_size; null with a reason."),
        Column("ci_low", "double", "Lower end of the interval."),
        Column("ci_high", "double", "Upper end of the interval."),
        Column("ci_level", "double", "Confidence of the interval, as a fraction.", required=True),
        Column("ci_method", "text", "wilson; by_definition at age 0.", required=True),
        Column("suppression_reason", "text", "Why there is no rate; null where there is one."),
    ),
)

CUSTOMERS = Table(
    "customers",
    "Every known customer, also without a purchase. One row per customer.",
    ("customer_key",),
    (
        Column("customer_key", "text", "The customer's pseudonym.", required=True),
        Column("has_purchased", "boolean", "Whether the customer ever bought.", required=True),
        Column("cohort_month_date", "date", "First day of the month of the first purchase."),
        Column("lifecycle", "text", "active, lapsed or never_purchased.", required=True),
        Column("first_purchase_date", "date", "Day of the first purchase."),
        Column("last_purchase_date", "date", "Day of the last purchase."),
        Column("days_since_last_purchase", "bigint", "Days from the last purchase to the as-of day."),
        Column("order_count", "bigint", "Orders that were purchases.", required=True),
        Column("purchase_occasion_count", "bigint", "Purchase occasions.", required=True),
        Column("gross_amount", "decimal(18,2)", "Gross amount of the customer's orders.", required=True),
        Column("refunded_amount", "decimal(18,2)", "Refunded and cancelled amounts.", required=True),
        Column("net_amount", "decimal(18,2)", "Gross less refunded amount.", required=True),
        Column("currency", "text", "The company's currency.", required=True),
        Column(
            "is_active", "boolean", "Whether the last purchase lies within the active window.", required=True
        ),
        Column("last_responded_date", "date", "Day of the latest response to any survey."),
        Column("nps_class", "text", "promoter, passive or detractor by the relationship survey."),
        Column("sci_class", "text", "Secure Customer Index class by the relationship survey."),
        Column("registered_date", "date", "The earliest registration of one of the customer's accounts."),
    ),
)

METRIC_PARTS = (NPS, SECURE_CUSTOMER_INDEX, SATISFACTION, RETENTION, REPEAT_PURCHASE, LIFETIME_VALUE)
"""The tables whose rows make up `metric_values`."""

TABLES = (*METRIC_PARTS, METRIC_VALUES, COHORT_RETENTION, CUSTOMERS)
