"""For every expectation about completeness, freshness and what is left out a change that it must find."""

ORDERS = [
    (
        "the customer of an order is among the customers",
        "update orders set customer_key = 'c77' where order_key = 'o1'",
    ),
    (
        "orders without a customer are those that left_out tells of",
        "update orders set customer_key = null where order_key = 'o1'",
    ),
    (
        "the newest order is at most 14 days older than the as-of day",
        "delete from orders where ordered_date > '2025-12-16'",
    ),
]

SURVEY_RESPONSES = [
    (
        "the customer of a response is among the customers",
        "update survey_responses set customer_key = 'c77' where response_key = 'r1'",
    ),
    (
        "survey is one that treue.yml declares",
        "update survey_responses set survey = 'kunden_alt' where response_key = 'r1'",
    ),
    (
        "responses without a customer are those that left_out tells of",
        "update survey_responses set customer_key = null where response_key = 'r1'",
    ),
    (
        "the newest response is at most 400 days older than the as-of day",
        "update survey_responses set responded_date = '2024-11-25'",
    ),
]

SURVEY_ANSWERS = [
    (
        "an answer is of the survey of its response",
        "update survey_answers set survey = 'kunden_alt' where response_key = 'r1'",
    ),
    (
        "a question is one that treue.yml declares, with its construct",
        "update survey_answers set construct = 'likert' where question = 'price'",
    ),
]

CUSTOMERS = [
    (
        "the customers' revenue is that of the orders of known customers",
        (
            "update customers set net_amount = net_amount + 0.01, gross_amount = gross_amount + 0.01 "
            "where customer_key = 'c0'"
        ),
    ),
    (
        "days_since_last_purchase counts to the as-of day",
        "update customers set days_since_last_purchase = days_since_last_purchase - 1 where customer_key = 'c0'",
    ),
    (
        "who has purchased has scores, and where a model was chosen a prediction",
        (
            "update customers set value_model = null, probability_alive = null, expected_orders_365 = null "
            "where customer_key = 'c0'"
        ),
    ),
]

LEFT_OUT = [
    (
        "rows that were rejected as files were read are all told",
        "update left_out set row_count = 1 where stage = 'ingest'",
    ),
    (
        "rows that were loaded are published or left out",
        "insert into left_out values ('transform', 'shop_orders', 'not_a_sale', 'dropped', 1)",
    ),
]

METRIC_VALUES = [
    (
        "the distribution of a rated item sums to 1",
        "update metric_values set value = value + 1e-8 where metric = 'likert_share_of_4'",
    ),
    (
        "the overlaps of the Secure Customer Index sum to 1",
        "delete from metric_values where metric = 'sci_overlap_none'",
    ),
    (
        "net satisfaction is satisfied less dissatisfied",
        "update metric_values set value = 0.71 where metric = 'csat_net_share'",
    ),
    (
        "the net share of a rated item is its top less its bottom boxes",
        "update metric_values set value = 0.9 where metric = 'likert_net_share'",
    ),
    (
        "the bounds of the Secure Customer Index are in order",
        "update metric_values set value = 0.5 where metric = 'sci_secure_lower_bound'",
    ),
    (
        "a score and its shares have the same n",
        "update metric_values set n = 7 where metric = 'passive_share'",
    ),
    (
        "every period is one of the run",
        "update metric_values set period_start_date = '2026-01-01' where period_grain = 'month'",
    ),
    (
        "a change is the difference to the period before",
        "update metric_values set change_value = change_value + 0.01 where period_grain = 'month'",
    ),
    ("every question that has answers has a figure", "delete from metric_values where item = 'price'"),
    (
        "every month with answers to recommend has a net promoter score",
        "delete from metric_values where period_start_date = '2025-06-01'",
    ),
    (
        "every month that is over and has purchases of customers has a retention rate, or a reason for none",
        "update marts.orders set ordered_date = '2025-06-15' where order_key in ('o1', 'o2', 'o3')",
    ),
    (
        "every segment that treue.yml declares has figures",
        "delete from metric_values where segment_name = 'country'",
    ),
]

COHORT_RETENTION = [
    (
        "a cohort has one size, and every age from 0 on",
        "delete from cohort_retention where age = 1",
    ),
    (
        "no cohort begins after the as-of day",
        "update cohort_retention set cohort_start_date = '2026-01-01'",
    ),
]

SURVIVAL_CURVES = [
    (
        "a curve begins at 1",
        "update survival_curves set survival_share = 0.9, ci_low = 0.5 where tenure_days = 5",
    ),
]

SURVIVAL_TESTS = [
    (
        "every segment that has curves is tested",
        "delete from survival_tests where event = 'subscription_end'",
    ),
]

CLV_MODELS = [
    (
        "the chosen model missed the holdout's purchases by at most 40 %",
        "update clv_models set holdout_error = 0.41 where is_chosen",
    ),
    (
        "shapes of chosen models lie between 0.01 and 1000",
        "update clv_models set value = 1001 where model = 'gamma_gamma'",
    ),
]

DRIVERS = [("every attribute that was rated has its row", "delete from drivers where attribute = 'price'")]

REASONS = [("every reason that was named has its row", "delete from reasons where reason = 'price'")]

COMPLETENESS_CASES = (
    ("orders", ORDERS),
    ("survey_responses", SURVEY_RESPONSES),
    ("survey_answers", SURVEY_ANSWERS),
    ("customers", CUSTOMERS),
    ("left_out", LEFT_OUT),
    ("metric_values", METRIC_VALUES),
    ("cohort_retention", COHORT_RETENTION),
    ("survival_curves", SURVIVAL_CURVES),
    ("survival_tests", SURVIVAL_TESTS),
    ("clv_models", CLV_MODELS),
    ("drivers", DRIVERS),
    ("reasons", REASONS),
)
"""By table; they are joined to the other cases."""
