"""Names, types and descriptions of the tables of customer value: fits, their backtest, scores per history.

Here is what a reader of these tables relies on, and the columns that `customers` has from them. Formulas and heavy
imports must stay out: documentation and checks read this module too.
"""

from pipelines.metrics.columns import Column, Table

CLV_MODELS = Table(
    "clv_models",
    "Purchase models fitted to all customers as of the run, and with the last days held out. "
    "One row per model, fit and parameter.",
    ("model", "fit", "parameter"),
    (
        Column("model", "text", "Of purchases, of spend (gamma_gamma) or of contracts.", required=True),
        Column("fit", "text", "full, or calibration without the last holdout_days.", required=True),
        Column("parameter", "text", "The parameter's name in the published model.", required=True),
        Column("value", "double", "The parameter; null with a reason."),
        Column("std_error", "double", "Its standard error; null where the value is."),
        Column("ci_low", "double", "Lower end of the interval."),
        Column("ci_high", "double", "Upper end of the interval."),
        Column("ci_level", "double", "Confidence of the interval, as a fraction.", required=True),
        Column("unit", "text", "Unit of what has one in the model: 7 days, or currency.", required=True),
        Column("log_likelihood", "double", "Of the whole fit, over its customers; null where not fitted."),
        Column("customer_count", "bigint", "Customers that the fit is made of.", required=True),
        Column("is_converged", "boolean", "Whether the fit has found an optimum.", required=True),
        Column("reason", "text", "Why it has not; null where it has."),
        Column("is_chosen", "boolean", "Whether customers is made with this fit.", required=True),
        Column(
            "holdout_error",
            "double",
            "By how much the model missed the holdout's purchases, all frequency buckets added up, as a fraction.",
        ),
        Column("warning", "text", "What in the data speaks against the model's assumption; null if nothing."),
    ),
)

PURCHASE_FITS = Table(
    "purchase_fits",
    f"What is published as clv_models. {CLV_MODELS.description}",
    CLV_MODELS.key,
    CLV_MODELS.columns,
)

CLV_BACKTEST = Table(
    "clv_backtest",
    "What the models expected of the days that were held out, beside what was bought, and two naive forecasts. "
    "One row per model, fit and frequency bucket.",
    ("model", "fit", "frequency_bucket"),
    (
        Column(
            "model",
            "text",
            "mbg_nbd, bg_nbd, pareto_nbd, naive_same_rate or naive_last_window.",
            required=True,
        ),
        Column("fit", "text", "calibration.", required=True),
        Column(
            "frequency_bucket",
            "text",
            "Repeat purchases before the holdout: 0 to 6, 7+ or all.",
            required=True,
        ),
        Column("holdout_days", "bigint", "Days that were held out.", required=True),
        Column("customer_count", "bigint", "Customers of the bucket.", required=True),
        Column("expected_purchases", "double", "Days with a purchase in the holdout, as expected, in all."),
        Column("actual_purchases", "double", "Days with a purchase in the holdout, in all."),
        Column("bias", "double", "Expected over actual, less 1; null where nothing was bought."),
        Column("mean_absolute_error", "double", "Mean over customers of expected against actual."),
        Column("probability_alive", "double", "Mean over customers before the holdout; null for forecasts."),
        Column("bought_share", "double", "Share of the customers who bought in the holdout."),
        Column("bought_ci_low", "double", "Lower end of its interval."),
        Column("bought_ci_high", "double", "Upper end of its interval."),
        Column("ci_level", "double", "Confidence of the interval, as a fraction.", required=True),
        Column("suppression_reason", "text", "Why there are no figures; null where there are."),
    ),
)

PURCHASE_SCORES = Table(
    "purchase_scores",
    "What the chosen model says of each distinct purchase history. One row per history.",
    ("frequency", "recency_days", "age_days"),
    (
        Column("frequency", "bigint", "Days with a purchase after the first.", required=True),
        Column("recency_days", "bigint", "Days from the first to the last of them.", required=True),
        Column("age_days", "bigint", "Days from the first to the as-of day.", required=True),
        Column("customer_count", "bigint", "Customers with this history.", required=True),
        Column("model", "text", "The model; null where none converged."),
        Column("probability_alive", "double", "Probability that such a customer has not left."),
        Column("expected_orders_365", "double", "Days with a purchase expected in the next 365 days."),
        Column("discounted_orders_365", "double", "The same, each discounted to the as-of day."),
        Column("is_churned_by_inactivity", "boolean", "Longer idle than the chosen number of days."),
        Column("is_churned_by_model", "boolean", "Less probably alive than the chosen cut-off."),
    ),
)

CUSTOMER_VALUE_COLUMNS = (
    Column(
        "net_amount_365", "decimal(18,2)", "Net amount of the last 365 days; 0 without any.", required=True
    ),
    Column("rfm_recency_score", "bigint", "1 to 5, 5 for the most recent purchases."),
    Column("rfm_frequency_score", "bigint", "1 to 5, 5 for the most days with a purchase."),
    Column("rfm_monetary_score", "bigint", "1 to 5, 5 for the highest net amounts."),
    Column("rfm_segment", "text", "Name of the three scores together."),
    Column("value_model", "text", "The purchase model behind the next columns; null where none converged."),
    Column("probability_alive", "double", "Probability that the customer has not left for good."),
    Column("expected_orders_365", "double", "Days with a purchase expected in the next 365 days."),
    Column(
        "expected_revenue_365",
        "decimal(18,2)",
        "Residual value: net revenue expected in the next 365 days, discounted.",
    ),
    Column("is_churned_by_inactivity", "boolean", "Whether the last purchase is longer ago than churners'."),
    Column("is_churned_by_model", "boolean", "Whether probability_alive lies below the cut-off."),
)
"""What `customers` says of value; null where nothing was bought, scores of models also where none converged."""

CUSTOMER_SCORES = Table(
    "customer_scores",
    "Scores, predictions and spend of the last year. One row per customer with a purchase.",
    ("customer_key",),
    (
        Column("customer_key", "text", "The customer's pseudonym.", required=True),
        Column(
            "days_since_last_purchase",
            "bigint",
            "Days from the last purchase to the as-of day.",
            required=True,
        ),
        *CUSTOMER_VALUE_COLUMNS,
    ),
)

VALUE_TABLES = (PURCHASE_FITS, CLV_MODELS, CLV_BACKTEST, PURCHASE_SCORES, CUSTOMER_SCORES)
"""The tables of this module, in the order in which they are made."""
