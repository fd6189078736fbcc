"""For every expectation of every suite a change of its table that it must find."""

from tests.unit.gate.failing_class_cases import CLASS_OUTCOMES, CLASS_TRANSITIONS, REASONS
from tests.unit.gate.failing_completeness_cases import COMPLETENESS_CASES
from tests.unit.gate.failing_driver_cases import DRIVERS
from tests.unit.gate.failing_plausibility_cases import PLAUSIBILITY_CASES
from tests.unit.gate.failing_value_cases import VALUE_CASES

ORDERS = [
    ("order_key is never null", "update orders set order_key = null where order_key = 'o1'"),
    ("order_key is unique", "update orders set order_key = 'o2' where order_key = 'o1'"),
    (
        (
            "ordered_at, ordered_date, gross_amount, refunded_amount, net_amount, currency, status, "
            "is_purchase and source are never null"
        ),
        "update orders set currency = null where order_key = 'o1'",
    ),
    (
        "status is one of completed, cancelled, cancellation",
        "update orders set status = 'storniert' where order_key = 'o1'",
    ),
    ("gross less refunded is net", "update orders set net_amount = net_amount + 0.01 where order_key = 'o1'"),
    (
        "an order in the company's currency has its net amount in it",
        "update orders set net_amount_company = null where order_key = 'o1'",
    ),
    ("gross_amount is not negative", "update orders set gross_amount = -0.01 where order_key = 'o1'"),
    (
        "refunded_amount of a sale is not negative",
        "update orders set refunded_amount = -0.01 where order_key = 'o1'",
    ),
    ("a cancellation adds no money", "update orders set net_amount = 5 where order_key = 'o12'"),
    (
        "no sale is refunded beyond its gross",
        "update orders set refunded_amount = gross_amount + 0.01 where order_key = 'o1'",
    ),
    ("only completed orders are purchases", "update orders set is_purchase = true where order_key = 'o12'"),
    (
        "no order after the as-of day",
        "update orders set ordered_at = '2025-12-31 23:00' where order_key = 'o1'",
    ),
    (
        "ordered_date is the local day of ordered_at",
        "update orders set ordered_date = ordered_date + 2 where order_key = 'o1'",
    ),
]

SURVEY_RESPONSES = [
    (
        "response_key is never null",
        "update survey_responses set response_key = null where response_key = 'r1'",
    ),
    ("response_key is unique", "update survey_responses set response_key = 'r2' where response_key = 'r1'"),
    (
        "survey, responded_at, responded_date and weight are never null",
        "update survey_responses set weight = null where response_key = 'r1'",
    ),
    ("weight is positive", "update survey_responses set weight = 0 where response_key = 'r1'"),
    (
        "no response after the as-of day",
        "update survey_responses set responded_at = '2026-01-01 00:00' where response_key = 'r1'",
    ),
    (
        "responded_date is the local day of responded_at",
        "update survey_responses set responded_date = '2025-06-03' where response_key = 'r1'",
    ),
]

SURVEY_ANSWERS = [
    (
        "response_key, question and choice are never null",
        "update survey_answers set choice = null where response_key = 'r1'",
    ),
    (
        "response_key, question, choice are unique together",
        "update survey_answers set choice = 'price' where question = 'reasons'",
    ),
    (
        "survey and construct are never null",
        "update survey_answers set survey = null where response_key = 'r1'",
    ),
    (
        (
            "construct is one of recommend, overall_satisfaction, repurchase, willingness_to_recommend, "
            "effort, driver, reason, likert"
        ),
        "update survey_answers set construct = 'comment' where response_key = 'r1'",
    ),
    (
        "every answer belongs to a published response",
        "update survey_answers set response_key = 'r99' where response_key = 'r1'",
    ),
    ("an answer is a score or a choice", "update survey_answers set score = null where response_key = 'r1'"),
    (
        "a missing answer has neither score nor choice nor class",
        "update survey_answers set is_missing = true where response_key = 'r1'",
    ),
    ("a score has its scale", "update survey_answers set scale_high = null where response_key = 'r1'"),
    ("scale_low lies below scale_high", "update survey_answers set scale_high = 0 where response_key = 'r1'"),
    ("score lies on its scale", "update survey_answers set score = 11 where response_key = 'r1'"),
    (
        "9-10 are promoters, 7-8 passives, 0-6 detractors",
        "update survey_answers set class = 'passive' where response_key = 'r1'",
    ),
    (
        "items of the index are classed top, second, middle or below",
        "update survey_answers set class = 'promoter' where question = 'satisfaction'",
    ),
    (
        "no class where none is defined",
        "update survey_answers set class = 'promoter' where question = 'reasons' and choice = 'price'",
    ),
]

LEFT_OUT = [
    (
        "stage, source, reason and treatment are never null",
        "update left_out set source = null where stage = 'ingest'",
    ),
    (
        "stage, source, reason, treatment are unique together",
        "update left_out set stage = 'ingest', reason = 'twice', treatment = 'kept'",
    ),
    ("stage is one of ingest, transform", "update left_out set stage = 'metrics' where stage = 'ingest'"),
    ("treatment is one of dropped, kept", "update left_out set treatment = 'lost' where stage = 'ingest'"),
    ("row_count is positive", "update left_out set row_count = 0 where stage = 'ingest'"),
]

IDENTITY_COUNTS = [
    (
        "measure, source and rule are never null",
        "update identity_counts set rule = null where measure = 'links'",
    ),
    ("measure, source, rule are unique together", "insert into identity_counts from identity_counts"),
    (
        "measure is one of links, cut_links, cut_identifiers, customers, responses",
        "update identity_counts set measure = 'pairs' where measure = 'links'",
    ),
    ("row_count is not negative", "update identity_counts set row_count = -1 where measure = 'links'"),
    (
        "customers by their identifiers add up to the customers",
        "update identity_counts set row_count = row_count + 1 where rule = '2_identifiers'",
    ),
    (
        "responses that nothing else tells of are among the responses",
        "update identity_counts set row_count = 6 where rule = 'without_identifier'",
    ),
    (
        "responses by survey add up to the responses",
        "update identity_counts set row_count = 5 where measure = 'responses' and rule = 'all'",
    ),
    (
        "no identifier is shared by so many that it is cut",
        "update identity_counts set row_count = 1 where rule = 'too_many_links'",
    ),
]

METRIC_LABELS = [
    ("metric is never null", "update metric_labels set metric = null where metric = 'csat_share'"),
    ("metric is unique", "insert into metric_labels select * from metric_labels where metric = 'csat_share'"),
    (
        "every metric has a label in both languages",
        "update metric_labels set label_de = ' ' where metric = 'csat_share'",
    ),
    ("every figure has a label, and its unit", "delete from metric_labels where metric = 'csat_share'"),
]

METRIC_VALUES = [
    ("the table is not empty", "delete from metric_values"),
    (
        (
            "metric, survey, item, period_grain, period_start_date, segment_name, segment_value, weighting, "
            "currency and as_of_date are never null"
        ),
        "update metric_values set item = null where metric = 'csat_share'",
    ),
    (
        (
            "metric, survey, item, period_grain, period_start_date, segment_name, segment_value, weighting, "
            "currency, as_of_date are unique together"
        ),
        "insert into metric_values select * from metric_values where metric = 'csat_share'",
    ),
    (
        "as_of_date is the day of the run",
        "update metric_values set as_of_date = '2025-12-30' where metric = 'csat_share'",
    ),
    (
        "unit is one of points, share, mean, coefficient, currency, count, days",
        "update metric_values set unit = 'percent' where metric = 'csat_share'",
    ),
    (
        "period_grain is one of month, quarter, year, all",
        "update metric_values set period_grain = 'week' where metric = 'csat_share'",
    ),
    (
        "n, unit, is_publishable and definition_id are never null",
        "update metric_values set n = null where metric = 'csat_share'",
    ),
    ("n is not negative", "update metric_values set n = -1 where metric = 'csat_share'"),
    ("no value without n", "update metric_values set n = 0 where metric = 'nps_points'"),
    ("no value below min_disclosed_n", "update metric_values set n = 2 where metric = 'nps_points'"),
    (
        "every number is finite",
        "update metric_values set value = 'nan' where metric = 'clv_simple_revenue'",
    ),
    (
        "a missing value has its reason",
        "update metric_values set suppression_reason = null where metric = 'csat_share'",
    ),
    (
        "a withheld value is withheld whole",
        "update metric_values set ci_low = 0.1 where metric = 'csat_share'",
    ),
    (
        "publishable means a value of min_publishable_n or more",
        "update metric_values set n = 4 where metric = 'retention_rate'",
    ),
    (
        "points lie between -100 and 100",
        "update metric_values set ci_high = 106.3 where metric = 'nps_points'",
    ),
    ("shares lie between 0 and 1", "update metric_values set value = 80 where metric = 'retention_rate'"),
    (
        "counts and days are not negative",
        "update metric_values set unit = 'days', value = -1 where metric = 'retention_rate'",
    ),
    ("an interval has two ends", "update metric_values set ci_low = null where metric = 'retention_rate'"),
    (
        "ci_low is not above ci_high",
        "update metric_values set ci_low = ci_high, ci_high = ci_low where metric = 'retention_rate'",
    ),
    (
        "a share lies within its interval",
        "update metric_values set ci_low = 0.81 where metric = 'retention_rate'",
    ),
    (
        "a score of five answers or more lies within its interval",
        "update metric_values set ci_low = 16.7 where metric = 'nps_points'",
    ),
    (
        "a value lies within its interval",
        "update metric_values set ci_low = 410.6 where metric = 'clv_simple_revenue'",
    ),
    (
        "a value has its interval",
        "update metric_values set ci_low = null, ci_high = null where metric = 'clv_simple_revenue'",
    ),
    ("std_error is not negative", "update metric_values set std_error = -1 where metric = 'nps_points'"),
    ("ci_level is at least 0.90", "update metric_values set ci_level = 0.8 where metric = 'nps_points'"),
    (
        "an interval says its level and method",
        "update metric_values set ci_method = null where metric = 'nps_points'",
    ),
    (
        "money has its currency, and nothing else has one",
        "update metric_values set currency = 'all' where metric = 'clv_simple_revenue'",
    ),
    (
        "a change has a sound p and interval",
        "update metric_values set change_p_value = 0.04, change_p_adjusted = 0.02 where item = 'all'",
    ),
    (
        "promoters, passives and detractors sum to 1",
        "update metric_values set value = value + 1e-8 where metric = 'passive_share'",
    ),
    (
        "the NPS is promoters less detractors, in points",
        "update metric_values set value = 100 / 6 + 0.1 where metric = 'nps_points'",
    ),
    (
        "the four classes of the Secure Customer Index sum to 1",
        "delete from metric_values where metric = 'sci_secure_share'",
    ),
    ("retention and churn sum to 1", "update metric_values set value = 0.21 where metric = 'churn_rate'"),
]

CUSTOMERS = [
    ("the table is not empty", "delete from customers"),
    ("customer_key is never null", "update customers set customer_key = null where customer_key = 'c9'"),
    ("customer_key is unique", "update customers set customer_key = 'c0' where customer_key = 'c9'"),
    (
        (
            "has_purchased, is_active, lifecycle, order_count, purchase_occasion_count, gross_amount, "
            "refunded_amount, net_amount and currency are never null"
        ),
        "update customers set is_active = null where customer_key = 'c9'",
    ),
    (
        "lifecycle is one of active, lapsed, never_purchased",
        "update customers set lifecycle = 'churned' where customer_key = 'c9'",
    ),
    (
        "lifecycle, is_active and has_purchased agree",
        "update customers set is_active = false where customer_key = 'c0'",
    ),
    (
        "who has purchased has dates, cohort and orders",
        "update customers set cohort_month_date = null where customer_key = 'c0'",
    ),
    (
        "who has not purchased has no purchase",
        "update customers set first_purchase_date = '2025-01-01' where customer_key = 'c9'",
    ),
    (
        "the first purchase is not after the last",
        "update customers set last_purchase_date = '2025-01-01' where customer_key = 'c0'",
    ),
    (
        "nothing after the as-of day",
        "update customers set last_responded_date = '2026-01-01' where customer_key = 'c0'",
    ),
    (
        "the cohort is the month of the first purchase",
        "update customers set cohort_month_date = '2025-02-01' where customer_key = 'c0'",
    ),
    (
        "no more occasions than orders",
        "update customers set purchase_occasion_count = order_count + 1 where customer_key = 'c0'",
    ),
    (
        "gross less refunded is net",
        "update customers set net_amount = net_amount + 0.01 where customer_key = 'c0'",
    ),
    (
        "nps_class is one of promoter, passive, detractor",
        "update customers set nps_class = 'secure' where customer_key = 'c0'",
    ),
    (
        "sci_class is one of secure, favorable, vulnerable, at_risk",
        "update customers set sci_class = 'promoter' where customer_key = 'c0'",
    ),
    (
        "the customers' orders are the orders of known customers",
        "update customers set order_count = order_count + 1 where customer_key = 'c0'",
    ),
]

COHORT_RETENTION = [
    (
        "period_grain, cohort_start_date, age, segment_name and segment_value are never null",
        "update cohort_retention set segment_value = null where age = 1",
    ),
    (
        "period_grain, cohort_start_date, age, segment_name, segment_value are unique together",
        "update cohort_retention set age = 1 where age = 2",
    ),
    (
        "period_grain is one of month, quarter",
        "update cohort_retention set period_grain = 'week' where age = 1",
    ),
    ("age is not negative", "update cohort_retention set age = -1 where age = 1"),
    ("cohort_size is never null", "update cohort_retention set cohort_size = null where age = 1"),
    ("cohort_size is not negative", "update cohort_retention set cohort_size = -4 where age = 2"),
    (
        "no more retained than the cohort had",
        "update cohort_retention set retained_count = 5, retention_rate = 1.25 where age = 1",
    ),
    ("retention_rate lies between 0 and 1", "update cohort_retention set retention_rate = 25 where age = 1"),
    (
        "retention_rate is retained_count over cohort_size",
        "update cohort_retention set retention_rate = 0.251 where age = 1",
    ),
    (
        "no rate without its counts",
        "update cohort_retention set retained_count = null where age = 1",
    ),
    ("no rate below min_disclosed_n", "update cohort_retention set cohort_size = 2 where age = 1"),
    ("the rate at age 0 is 1", "update cohort_retention set retention_rate = 0.75 where age = 0"),
    ("the rate lies within its interval", "update cohort_retention set ci_low = 0.26 where age = 1"),
    ("an interval has two ends", "update cohort_retention set ci_low = null where age = 1"),
    (
        "a missing rate has its reason",
        "update cohort_retention set suppression_reason = null where age = 2",
    ),
    (
        "a withheld rate is withheld whole",
        "update cohort_retention set ci_low = 0.1, ci_high = 0.2 where age = 2",
    ),
]

COHORT_RETENTION += [
    ("currency is never null", "update cohort_retention set currency = null where age = 1"),
    ("whoever was retained placed an order", "update cohort_retention set order_count = 0 where age = 1"),
    (
        "a withheld cell tells neither orders nor revenue",
        "update cohort_retention set net_revenue = 10 where age = 2",
    ),
    ("net_revenue is a number", "update cohort_retention set net_revenue = 'nan' where age = 1"),
]

METRIC_VALUES += [
    (
        "opening customers are retained or lost, closing ones retained, new or reactivated",
        "update metric_values set value = 6 where metric = 'customers_closing'",
    ),
    (
        "the bridge leads from opening to closing revenue",
        "update metric_values set value = 1309.99 where metric = 'revenue_closing'",
    ),
    (
        "gross retention and gross churn sum to 1, and the lost are part of that churn",
        "update metric_values set value = 0.2 where metric = 'revenue_churn_rate'",
    ),
]

SURVIVAL_CURVES = [
    (
        "event, segment_name, segment_value and tenure_days are never null",
        "update survival_curves set segment_value = null where tenure_days = 10",
    ),
    (
        "event, segment_name, segment_value, tenure_days are unique together",
        "update survival_curves set tenure_days = 20 where tenure_days = 10",
    ),
    (
        "event is one of second_purchase, subscription_end",
        "update survival_curves set event = 'lapse' where tenure_days = 5",
    ),
    (
        "customer_count is positive",
        "update survival_curves set customer_count = 0 where segment_value = 'DE'",
    ),
    (
        "no tenure before the curve's start",
        "update survival_curves set starts_after_days = 6 where tenure_days = 5",
    ),
    (
        "events happen to customers at risk, and these are customers of the curve",
        "update survival_curves set at_risk_count = 5 where tenure_days = 0 and segment_name = 'all'",
    ),
    ("shares lie between 0 and 1", "update survival_curves set ci_high = 1.1 where tenure_days = 10"),
    ("the share lies within its interval", "update survival_curves set ci_low = 0.76 where tenure_days = 10"),
    (
        "a share above 0 has its error and interval",
        "update survival_curves set std_error = null where tenure_days = 10",
    ),
    ("std_error is not negative", "update survival_curves set std_error = -0.1 where tenure_days = 10"),
    ("survival never rises", "update survival_curves set survival_share = 0.8 where tenure_days = 20"),
    (
        "each step is that of its events among those at risk",
        "update survival_curves set event_count = 2 where tenure_days = 10",
    ),
    (
        "a missing share has its reason",
        "update survival_curves set suppression_reason = null where segment_value = 'DE'",
    ),
    (
        "a withheld curve is withheld whole",
        "update survival_curves set event_count = 1 where segment_value = 'DE'",
    ),
    (
        "no curve below min_disclosed_n",
        "update survival_curves set customer_count = 2 where tenure_days = 10",
    ),
]

SURVIVAL_TESTS = [
    ("event and segment_name are never null", "update survival_tests set segment_name = null"),
    (
        "event, segment_name are unique together",
        "update survival_tests set event = 'second_purchase'",
    ),
    (
        "event is one of second_purchase, subscription_end",
        "update survival_tests set event = 'lapse' where group_count = 2",
    ),
    (
        "customers, groups and events are counted, and events happen to customers",
        "update survival_tests set event_count = 5 where group_count = 2",
    ),
    (
        "p lies between 0 and 1, and chi-square is not negative",
        "update survival_tests set p_value = 1.2 where group_count = 2",
    ),
    (
        "degrees of freedom are fewer than groups",
        "update survival_tests set degrees_of_freedom = 2 where group_count = 2",
    ),
    (
        "statistic and p are both there, or a reason",
        "update survival_tests set p_value = null where group_count = 2",
    ),
    (
        "no statistic below min_disclosed_n",
        "update survival_tests set customer_count = 2 where group_count = 2",
    ),
]

FAILING_CASES = [
    (table, expectation, change)
    for table, cases in (
        ("orders", ORDERS),
        ("survey_responses", SURVEY_RESPONSES),
        ("survey_answers", SURVEY_ANSWERS),
        ("left_out", LEFT_OUT),
        ("identity_counts", IDENTITY_COUNTS),
        ("metric_labels", METRIC_LABELS),
        ("metric_values", METRIC_VALUES),
        ("customers", CUSTOMERS),
        ("cohort_retention", COHORT_RETENTION),
        ("drivers", DRIVERS),
        ("reasons", REASONS),
        ("class_transitions", CLASS_TRANSITIONS),
        ("class_outcomes", CLASS_OUTCOMES),
        ("survival_curves", SURVIVAL_CURVES),
        ("survival_tests", SURVIVAL_TESTS),
        *VALUE_CASES,
        *COMPLETENESS_CASES,
        *PLAUSIBILITY_CASES,
    )
    for expectation, change in cases
]
