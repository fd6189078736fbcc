"""Names, types and descriptions of the tables of cohorts and of survival.

Here is what a reader of the tables relies on: add a column here first, and the table, its comment and its
documentation follow. Formulas and heavy imports must stay out: documentation and checks read this module too.
"""

from pipelines.metrics.columns import Column, Table

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
        Column("order_count", "bigint", "Purchases of the cohort in that period; null until it is over."),
        Column("net_revenue", "double", "Net revenue of the cohort in that period; null until it is over."),
        Column("currency", "text", "Currency of net_revenue.", required=True),
    ),
)

SURVIVAL_CURVES = Table(
    "survival_curves",
    "Which share of customers went without an event for how long (Kaplan-Meier). "
    "One row per event, segment and day of tenure on which the curve falls, begins or ends.",
    ("event", "segment_name", "segment_value", "tenure_days"),
    (
        Column("event", "text", "second_purchase or subscription_end.", required=True),
        Column("segment_name", "text", "The segment's name, or all.", required=True),
        Column("segment_value", "text", "The customer's segment at the beginning, or all.", required=True),
        Column(
            "tenure_days", "bigint", "Days since the first purchase or the contract's start.", required=True
        ),
        Column(
            "starts_after_days", "bigint", "Survival is that of tenures above this; null where it is all."
        ),
        Column("customer_count", "bigint", "Customers that the curve is made of.", required=True),
        Column("at_risk_count", "bigint", "Customers watched on that day who had not met the event yet."),
        Column("event_count", "bigint", "Those who met it on that day."),
        Column("survival_share", "double", "Share without the event after that day; null with a reason."),
        Column("std_error", "double", "Greenwood's standard error; null once the share is 0."),
        Column("ci_low", "double", "Lower end of the interval; null once the share is 0."),
        Column("ci_high", "double", "Upper end of the interval; null once the share is 0."),
        Column("ci_level", "double", "Confidence of the interval, as a fraction.", required=True),
        Column("ci_method", "text", "log_log.", required=True),
        Column("suppression_reason", "text", "Why there is no share; null where there is one."),
    ),
)

SURVIVAL_TESTS = Table(
    "survival_tests",
    "Whether the values of a segment differ in how long customers go without an event (log-rank test). "
    "One row per event and segment.",
    ("event", "segment_name"),
    (
        Column("event", "text", "second_purchase or subscription_end.", required=True),
        Column("segment_name", "text", "The segment's name.", required=True),
        Column("group_count", "bigint", "Values of the segment that were compared.", required=True),
        Column("customer_count", "bigint", "Customers of all values.", required=True),
        Column("event_count", "bigint", "Those who met the event.", required=True),
        Column("chi_square", "double", "The log-rank statistic; null with a reason."),
        Column(
            "degrees_of_freedom", "bigint", "Values that are free to differ; null where the statistic is."
        ),
        Column("p_value", "double", "Unadjusted p of no difference; null where the statistic is."),
        Column("suppression_reason", "text", "Why there is no statistic; null where there is one."),
    ),
)

PURCHASE_TABLES = (COHORT_RETENTION, SURVIVAL_CURVES, SURVIVAL_TESTS)
