"""For every expectation that compares with the earlier release a change that it must find.

The earlier release of the small build says the same as the build: a case changes one side of it.
"""

ORDERS = [
    (
        "no source of orders has vanished since the earlier release",
        "update orders set source = 'old_shop'",
    ),
    ("no currency has vanished since the earlier release", "update orders set currency = 'CHF'"),
    (
        "no source has lost more than 5 % of the orders that the earlier release had",
        "delete from orders where order_key = 'o5'",
    ),
    (
        "the record of a source begins where it began",
        "delete from orders where ordered_date < '2025-03-01'",
    ),
    (
        "gross amounts of no closed month are restated by more than 2 %",
        # Five orders make a month that is compared.
        (
            "update orders set ordered_date = '2025-03-05' where month(ordered_date) between 2 and 5; "
            "update earlier.orders set ordered_date = '2025-03-05' where month(ordered_date) between 2 and 5; "
            "update orders set gross_amount = gross_amount * 1.021 where ordered_date = '2025-03-05'"
        ),
    ),
    (
        "gross amounts of no closed month are restated by more than 20 %",
        (
            "update orders set ordered_date = '2025-03-05' where month(ordered_date) between 2 and 5; "
            "update earlier.orders set ordered_date = '2025-03-05', gross_amount = gross_amount / 2 "
            "where month(ordered_date) between 2 and 5"
        ),
    ),
    (
        "net revenue of no month that ended 90 days before is restated by more than 5 %",
        (
            "update orders set ordered_date = '2025-03-05' where month(ordered_date) between 2 and 5; "
            "update earlier.orders set ordered_date = '2025-03-05' where month(ordered_date) between 2 and 5; "
            "update orders set net_amount_company = net_amount_company * 0.94 where ordered_date = '2025-03-05'"
        ),
    ),
]

SURVEY_RESPONSES = [
    (
        "no survey has vanished since the earlier release",
        "update survey_responses set survey = 'kunden_neu'",
    ),
    (
        "no survey has lost more than 5 % of the responses that the earlier release had",
        "delete from survey_responses where response_key = 'r5'",
    ),
]

SURVEY_ANSWERS = [
    (
        "no question has vanished since the earlier release",
        "delete from survey_answers where question = 'price'",
    ),
    (
        "the share of missing answers has not jumped since the earlier release",
        "delete from survey_answers where question = 'recommend' and response_key <> 'r0'",
    ),
]

CUSTOMERS = [
    (
        "there are at most 5 % fewer customers than in the earlier release",
        "delete from customers where customer_key = 'c9'",
    ),
    (
        "expected orders have not jumped since a release of the last 35 days",
        "update customers set expected_orders_365 = 4",
    ),
]

METRIC_VALUES = [
    (
        "no segment has vanished since the earlier release",
        "delete from metric_values where segment_name = 'country'",
    ),
    (
        "no publishable value of a segment has vanished since the earlier release",
        "update metric_values set segment_value = 'Deutschland' where segment_name = 'country'",
    ),
    (
        "no publishable figure of all time has become unsayable since the earlier release",
        (
            "update metric_values set value = null, suppression_reason = 'no_observations' "
            "where metric = 'retention_rate'"
        ),
    ),
    (
        "the net promoter score of no closed period is restated beyond what both intervals explain",
        # Standard errors of 5 and 5: 3.29 of the difference are 23.3.
        "update metric_values set value = value - 23.4 where metric = 'nps_points' and period_grain = 'month'",
    ),
    (
        (
            "the net promoter score of no segment or weighting is restated for a closed period beyond what both "
            "intervals explain"
        ),
        (
            "update earlier.metric_values set segment_name = 'country' where period_grain = 'month'; "
            "update metric_values set segment_name = 'country', value = value - 23.4 where period_grain = 'month'"
        ),
    ),
    (
        "no net promoter score has jumped since a release of the last 35 days beyond what both intervals explain",
        (
            "update earlier.metric_values set std_error = 5 where metric = 'nps_points'; "
            "update metric_values set std_error = 5, value = value - 23.4 "
            "where metric = 'nps_points' and period_grain = 'all'"
        ),
    ),
    (
        "no share is restated for a closed period beyond what both intervals explain",
        (
            "update earlier.metric_values set period_grain = 'month', std_error = 0.01 "
            "where metric = 'retention_rate'; "
            "update metric_values set period_grain = 'month', std_error = 0.01, value = 0.74 "
            "where metric = 'retention_rate'"
        ),
    ),
]

PLAUSIBILITY_CASES = (
    ("orders", ORDERS),
    ("survey_responses", SURVEY_RESPONSES),
    ("survey_answers", SURVEY_ANSWERS),
    ("customers", CUSTOMERS),
    ("metric_values", METRIC_VALUES),
)
"""By table; they are joined to the other cases."""
