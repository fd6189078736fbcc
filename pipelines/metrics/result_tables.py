"""Names, types and descriptions of the tables that are not made of tidy metric rows, and the list of all tables.

Here is what a reader of the tables relies on: add a column here first, and the table, its comment and its
documentation follow. Formulas and heavy imports must stay out: documentation and checks read this module too.
"""

from pipelines.metrics.class_tables import CLASS_TABLES
from pipelines.metrics.columns import METRIC_PARTS, METRIC_VALUES, Column, Table
from pipelines.metrics.purchase_tables import PURCHASE_TABLES
from pipelines.metrics.value_tables import CUSTOMER_VALUE_COLUMNS, VALUE_TABLES

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
        *CUSTOMER_VALUE_COLUMNS,
    ),
)

DRIVERS = Table(
    "drivers",
    "How much each attribute matters for overall satisfaction, and whether by what it takes away or by what it adds. "
    "One row per survey, period and attribute.",
    ("survey", "period_grain", "period_start_date", "attribute"),
    (
        Column("survey", "text", "The survey.", required=True),
        Column("period_grain", "text", "month, quarter, year or all.", required=True),
        Column(
            "period_start_date", "date", "First day of the period, in the company's time zone.", required=True
        ),
        Column("attribute", "text", "What the driver question rates.", required=True),
        Column("importance_lmg", "double", "Share of r_squared by LMG (Shapley); null with a reason."),
        Column("importance_lmg_ci_low", "double", "Lower end of its bootstrap interval."),
        Column("importance_lmg_ci_high", "double", "Upper end of its bootstrap interval."),
        Column(
            "importance_johnson", "double", "Share of r_squared by Johnson's weights; null with a reason."
        ),
        Column("importance_johnson_ci_low", "double", "Lower end of its bootstrap interval."),
        Column("importance_johnson_ci_high", "double", "Upper end of its bootstrap interval."),
        Column("r_squared", "double", "What all attributes of the period explain together, 0 to 1."),
        Column("is_low_r_squared", "boolean", "Whether that is below 0.1, so that the order means little."),
        Column("penalty", "double", "Points of satisfaction that a low rating adds to a middle one."),
        Column("penalty_std_error", "double", "Its robust standard error (HC3)."),
        Column("penalty_ci_low", "double", "Lower end of its interval."),
        Column("penalty_ci_high", "double", "Upper end of its interval."),
        Column("reward", "double", "Points of satisfaction that a high rating adds to a middle one."),
        Column("reward_std_error", "double", "Its robust standard error (HC3)."),
        Column("reward_ci_low", "double", "Lower end of its interval."),
        Column("reward_ci_high", "double", "Upper end of its interval."),
        Column("net_effect", "double", "reward + penalty: above 0 it adds more than it takes away."),
        Column("net_effect_std_error", "double", "Its robust standard error (HC3)."),
        Column("net_effect_ci_low", "double", "Lower end of its interval, which decides the class."),
        Column("net_effect_ci_high", "double", "Upper end of its interval, which decides the class."),
        Column("effect_p_value", "double", "p of the test that penalty and reward are both 0."),
        Column(
            "asymmetry", "double", "-1 only takes away, 1 only adds; null where inconsistent or no effect."
        ),
        Column("asymmetry_ci_low", "double", "Lower end of its bootstrap interval."),
        Column("asymmetry_ci_high", "double", "Upper end of its bootstrap interval."),
        Column(
            "class",
            "text",
            "basic, performance, excitement, indifferent, uncertain, inconsistent or not_estimable.",
            required=True,
        ),
        Column("n", "bigint", "Respondents who rated satisfaction and every attribute.", required=True),
        Column("n_low", "bigint", "Those of them with a low rating; null where n is too small to tell."),
        Column("n_high", "bigint", "Those of them with a high rating; null where n is too small to tell."),
        Column(
            "is_publishable",
            "boolean",
            "Whether there is an importance and n reaches the threshold.",
            required=True,
        ),
        Column("suppression_reason", "text", "Why importance or effects are missing; null where none is."),
        Column("ci_level", "double", "Confidence of the intervals, as a fraction.", required=True),
        Column("method", "text", "How importance and effects were computed.", required=True),
    ),
)

TABLES = (
    *METRIC_PARTS,
    METRIC_VALUES,
    *PURCHASE_TABLES,
    CUSTOMERS,
    DRIVERS,
    *CLASS_TABLES,
    *VALUE_TABLES,
)
"""Every table of the schema `metrics`."""
