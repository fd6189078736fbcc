-- A build of one day with twelve orders of six customers, six responses and a handful of figures: small enough to
-- see that every expectation holds. Tests change one thing in it.
create schema context;
create schema marts;
create schema metrics;

create table context.run as
select
    date '2025-12-31' as as_of_date,
    timestamp '2025-12-31 23:00' as as_of_end,
    'now' as knowledge,
    date '9999-12-31' as known_until,
    'settings-1' as settings_hash,
    'lake-1' as lake_hash,
    'Blumenhaus Linde' as company,
    'Europe/Berlin' as time_zone,
    'EUR' as currency,
    date '2025-01-01' as history_start_date,
    'kunden' as relationship_survey;

create table context.settings as
select
    5 as min_publishable_n, 3 as min_disclosed_n, 'latest_in_period' as multiple_responses_policy,
    'top' as sci_box, 365 as active_window_days, 'day' as purchase_collapse, 0.95::double as ci_level;

create table context.extracts as
select * from (
    values
    ('shop_orders', 'orders', 'increment', true, null::text),
    ('kunden', 'survey_responses', 'increment', true, null)
) as extracts (extract, kind, delivery, has_key, belongs_to);

create table context.files as
select * from (
    values
    ('shop_orders', 'orders', 'f1', 'orders/a.csv', date '2025-12-31', 16, 14, 2, 0),
    ('kunden', 'survey_responses', 'f2', 'kunden/a.csv', date '2025-12-31', 6, 6, 0, 0)
) as files (extract, kind, file_id, path, known_on, rows_read, rows_loaded, rows_rejected, repeated_row_count);

create table context.questions as
select * from (
    values
    ('kunden', 'recommend', 'recommend', 0, 10, null::text),
    ('kunden', 'satisfaction', 'overall_satisfaction', 1, 5, null),
    ('kunden', 'price', 'driver', 1, 5, 'price'),
    ('kunden', 'reasons', 'reason', null, null, null)
) as questions (survey, question, construct, scale_low, scale_high, attribute);

create table context.segments as
select 'country' as segment_name, 'country' as attribute, 'event' as taken_at;

create table context.periods as
select
    'month' as period_grain, month_date::date as period_start_date,
    (month_date + interval 1 month)::date as period_end_date, true as is_complete
from generate_series(date '2025-01-01', date '2025-12-01', interval 1 month) as months (month_date)
union all
select 'year', date '2025-01-01', date '2026-01-01', true
union all
select 'all', date '2025-01-01', date '2026-01-01', true;

create table marts.orders (
    order_key text, customer_key text, ordered_at timestamp, ordered_date date, gross_amount decimal(18, 2),
    refunded_amount decimal(18, 2), net_amount decimal(18, 2), net_amount_company decimal(18, 2),
    tax_amount decimal(18, 2), shipping_amount decimal(18, 2), discount_amount decimal(18, 2), currency text,
    status text, is_purchase boolean, channel text, source text
);
insert into marts.orders
select
    'o' || i, 'c' || (i % 6), timestamp '2025-01-15 12:00' + to_days(i * 20), date '2025-01-15' + (i * 20)::integer,
    10 * (i + 1), 2, 10 * (i + 1) - 2, 10 * (i + 1) - 2, null, null, null, 'EUR', 'completed', true, 'web',
    'shop_orders'
from range(12) as orders (i);
insert into marts.orders values
(
    'o12', 'c0', '2025-12-20 12:00', '2025-12-20', 0, 5, -5, -5, null, null, null, 'EUR', 'cancellation', false,
    'web', 'shop_orders'
),
(
    'o13', null, '2025-12-21 23:30', '2025-12-22', 7, 0, 7, 7, 1, 2, 3, 'EUR', 'completed', true, 'web',
    'shop_orders'
);

create table marts.survey_responses (
    response_key text, customer_key text, survey text, responded_at timestamp, responded_date date, channel text,
    touchpoint text, weight double
);
insert into marts.survey_responses
select 'r' || i, 'c' || i, 'kunden', timestamp '2025-06-01 12:00', date '2025-06-01', 'mail', 'all', 1
from range(6) as responses (i);

create table marts.survey_answers (
    response_key text, question text, survey text, construct text, score integer, choice text, is_missing boolean,
    scale_low integer, scale_high integer, class text
);
insert into marts.survey_answers values
('r0', 'recommend', 'kunden', 'recommend', 10, 'all', false, 0, 10, 'promoter'),
('r1', 'recommend', 'kunden', 'recommend', 9, 'all', false, 0, 10, 'promoter'),
('r2', 'recommend', 'kunden', 'recommend', 9, 'all', false, 0, 10, 'promoter'),
('r3', 'recommend', 'kunden', 'recommend', 7, 'all', false, 0, 10, 'passive'),
('r4', 'recommend', 'kunden', 'recommend', 6, 'all', false, 0, 10, 'detractor'),
('r5', 'recommend', 'kunden', 'recommend', 0, 'all', false, 0, 10, 'detractor'),
('r0', 'satisfaction', 'kunden', 'overall_satisfaction', 5, 'all', false, 1, 5, 'top'),
('r0', 'price', 'kunden', 'driver', 4, 'all', false, 1, 5, null),
('r1', 'price', 'kunden', 'driver', 4, 'all', false, 1, 5, null),
('r2', 'price', 'kunden', 'driver', 5, 'all', false, 1, 5, null),
('r3', 'reasons', 'kunden', 'reason', null, 'price', false, null, null, null),
('r4', 'reasons', 'kunden', 'reason', null, 'price', false, null, null, null),
('r0', 'reasons', 'kunden', 'reason', null, 'price', false, null, null, null),
('r0', 'reasons', 'kunden', 'reason', null, 'service', false, null, null, null),
('r5', 'satisfaction', 'kunden', 'overall_satisfaction', null, 'all', true, 1, 5, null);

create table marts.left_out (stage text, source text, reason text, treatment text, row_count bigint);
insert into marts.left_out values
('ingest', 'shop_orders', 'unreadable_date', 'dropped', 2), ('transform', 'shop_orders', 'no_customer', 'kept', 1);

create table marts.identity_counts (measure text, source text, rule text, row_count bigint);
insert into marts.identity_counts values
('links', 'all', 'same_row:orders', 3), ('cut_identifiers', 'all', 'too_many_links', 0),
('customers', 'all', '1_identifier', 4), ('customers', 'all', '2_identifiers', 3), ('responses', 'kunden', 'all', 6),
('responses', 'kunden', 'without_identifier', 0), ('responses', 'kunden', 'in_no_other_extract', 1);

create table marts.metric_labels (metric text, unit text, label_en text, label_de text);

create table metrics.metric_values (
    metric text, survey text, item text, period_grain text, period_start_date date, segment_name text,
    segment_value text, weighting text, currency text, as_of_date date, value double, unit text, n bigint,
    n_effective double, n_kish double, std_error double, ci_low double, ci_high double, ci_level double,
    ci_method text, is_publishable boolean, suppression_reason text, definition_id text, definition_version text,
    change_value double, change_ci_low double, change_ci_high double, change_p_value double,
    change_p_adjusted double, n_overlap bigint
);
insert into metrics.metric_values
select
    metric, survey, item, 'all', date '2025-01-01', 'all', 'all', 'all', currency, date '2025-12-31', value, unit, n,
    n, null, std_error, ci_low, ci_high, 0.95, ci_method, is_publishable, suppression_reason, 'default', '1',
    null, null, null, null, null, null
from (
    values
    ('nps_points', 'kunden', 'recommend', 'all', 100 / 6.0::double, 'points', 6, 36.6, -44.6, 66.8, 'adjusted_wald', true, null),
    ('promoter_share', 'kunden', 'recommend', 'all', 3 / 6.0::double, 'share', 6, 0.2, 0.19, 0.81, 'wilson', true, null),
    ('passive_share', 'kunden', 'recommend', 'all', 1 / 6.0::double, 'share', 6, 0.15, 0.03, 0.56, 'wilson', true, null),
    ('detractor_share', 'kunden', 'recommend', 'all', 2 / 6.0::double, 'share', 6, 0.19, 0.10, 0.70, 'wilson', true, null),
    ('sci_secure_share', 'kunden', 'all', 'all', 0.25::double, 'share', 4, 0.2, 0.05, 0.7, 'goodman', false, null),
    ('sci_favorable_share', 'kunden', 'all', 'all', 0.25::double, 'share', 4, 0.2, 0.05, 0.7, 'goodman', false, null),
    ('sci_vulnerable_share', 'kunden', 'all', 'all', 0.5::double, 'share', 4, 0.2, 0.15, 0.85, 'goodman', false, null),
    ('sci_at_risk_share', 'kunden', 'all', 'all', 0::double, 'share', 4, 0, 0, 0.5, 'goodman', false, null),
    ('retention_rate', 'all', 'all', 'all', 0.8::double, 'share', 5, 0.18, 0.38, 0.96, 'wilson', true, null),
    ('churn_rate', 'all', 'all', 'all', 0.2::double, 'share', 5, 0.18, 0.04, 0.62, 'wilson', true, null),
    ('customers_opening', 'all', 'all', 'all', 5::double, 'count', 9, null, null, null, 'counted', true, null),
    ('customers_retained', 'all', 'all', 'all', 4::double, 'count', 9, null, null, null, 'counted', true, null),
    ('customers_new', 'all', 'all', 'all', 2::double, 'count', 9, null, null, null, 'counted', true, null),
    ('customers_reactivated', 'all', 'all', 'all', 1::double, 'count', 9, null, null, null, 'counted', true, null),
    ('customers_lost', 'all', 'all', 'all', 1::double, 'count', 9, null, null, null, 'counted', true, null),
    ('customers_new_and_lost', 'all', 'all', 'all', 1::double, 'count', 9, null, null, null, 'counted', true, null),
    ('customers_closing', 'all', 'all', 'all', 7::double, 'count', 9, null, null, null, 'counted', true, null),
    ('gross_revenue_retention_rate', 'all', 'orders', 'all', 0.85::double, 'share', 5, 0.1, 0.5, 0.95, 'influence_wilson', true, null),
    ('gross_revenue_churn_rate', 'all', 'orders', 'all', 0.15::double, 'share', 5, 0.1, 0.05, 0.5, 'influence_wilson', true, null),
    ('revenue_churn_rate', 'all', 'orders', 'all', 0.1::double, 'share', 5, 0.1, 0.02, 0.4, 'influence_wilson', true, null),
    ('revenue_opening', 'all', 'orders', 'EUR', 1000::double, 'currency', 9, 100, 800, 1200, 'influence', true, null),
    ('revenue_new', 'all', 'orders', 'EUR', 300::double, 'currency', 9, 50, 200, 400, 'influence', true, null),
    ('revenue_reactivated', 'all', 'orders', 'EUR', 40::double, 'currency', 9, 20, 0, 80, 'influence', true, null),
    ('revenue_expansion', 'all', 'orders', 'EUR', 120::double, 'currency', 9, 40, 40, 200, 'influence', true, null),
    ('revenue_contraction', 'all', 'orders', 'EUR', 50::double, 'currency', 9, 20, 10, 90, 'influence', true, null),
    ('revenue_lost', 'all', 'orders', 'EUR', 100::double, 'currency', 9, 40, 20, 180, 'influence', true, null),
    ('revenue_given_back', 'all', 'orders', 'EUR', 0::double, 'currency', 9, 0, 0, 0, 'influence', true, null),
    ('revenue_closing', 'all', 'orders', 'EUR', 1310::double, 'currency', 9, 100, 1100, 1500, 'influence', true, null),
    ('csat_share', 'kunden', 'satisfaction', 'all', null, 'share', 1, null, null, null, 'wilson', false, 'below_min_disclosed_n'),
    ('csat_share', 'kunden', 'contact', 'all', 0.8::double, 'share', 5, 0.18, 0.38, 0.96, 'wilson', true, null),
    ('csat_bottom_share', 'kunden', 'contact', 'all', 0.1::double, 'share', 5, 0.13, 0.01, 0.5, 'wilson', true, null),
    ('csat_net_share', 'kunden', 'contact', 'all', 0.7::double, 'share', 5, 0.28, 0.1, 0.95, 'adjusted_wald', true, null),
    ('likert_mean', 'kunden', 'price', 'all', 13 / 3.0::double, 'mean', 3, 0.33, 3.7, 5, 'adjusted_wald', false, null),
    ('likert_share_of_4', 'kunden', 'price', 'all', 2 / 3.0::double, 'share', 3, 0.27, 0.2, 0.9, 'goodman', false, null),
    ('likert_share_of_5', 'kunden', 'price', 'all', 1 / 3.0::double, 'share', 3, 0.27, 0.1, 0.8, 'goodman', false, null),
    ('likert_top2_share', 'kunden', 'price', 'all', 1::double, 'share', 3, 0, 0.4, 1, 'wilson', false, null),
    ('likert_bottom2_share', 'kunden', 'price', 'all', 0::double, 'share', 3, 0, 0, 0.6, 'wilson', false, null),
    ('likert_net_share', 'kunden', 'price', 'all', 1::double, 'share', 3, 0, 0.4, 1, 'adjusted_wald', false, null),
    ('sci_secure_lower_bound', 'kunden', 'all', 'all', 0.2::double, 'share', 5, 0.18, 0.04, 0.62, 'wilson', true, null),
    ('sci_secure_upper_bound', 'kunden', 'all', 'all', 0.4::double, 'share', 5, 0.22, 0.12, 0.77, 'wilson', true, null),
    ('clv_simple_revenue', 'all', 'all', 'EUR', 410.5::double, 'currency', 6, 30, 340, 480, 'delta', true, null)
) as figures (
    metric, survey, item, currency, value, unit, n, std_error, ci_low, ci_high, ci_method, is_publishable,
    suppression_reason
);

-- Eight combinations of three items; two months, of which the second is told with its change; a segment.
insert into metrics.metric_values
by name
select figures.* replace (
    'sci_overlap_' || combination as metric, 0.125 as value, 0.1 as std_error, 0.01 as ci_low, 0.5 as ci_high
)
from (select * from metrics.metric_values where metric = 'sci_secure_share') as figures
cross join (
    values ('none'), ('satisfaction'), ('repurchase'), ('recommend'), ('satisfaction_repurchase'),
    ('satisfaction_recommend'), ('repurchase_recommend'), ('all')
) as combinations (combination);

insert into metrics.metric_values
by name
select figures.* replace (
    'month' as period_grain, month_date as period_start_date, month_points as value, 5 as std_error,
    month_points - 10 as ci_low, month_points + 10 as ci_high, month_change as change_value
)
from (select * from metrics.metric_values where metric = 'nps_points') as figures
cross join (
    values (date '2025-05-01', 10::double, null), (date '2025-06-01', 100 / 6.0::double, 100 / 6.0 - 10::double)
) as months (month_date, month_points, month_change);

insert into metrics.metric_values
by name
select figures.* replace (
    'repeat_purchase_rate' as metric, 'country' as segment_name, 'DE' as segment_value, 0.1 as std_error
)
from (select * from metrics.metric_values where metric = 'retention_rate') as figures;

insert into marts.metric_labels
select distinct metric, unit, metric, metric
from metrics.metric_values;

create table metrics.customers (
    customer_key text, has_purchased boolean, cohort_month_date date, lifecycle text, first_purchase_date date,
    last_purchase_date date, days_since_last_purchase bigint, order_count bigint, purchase_occasion_count bigint,
    gross_amount decimal(18, 2), refunded_amount decimal(18, 2), net_amount decimal(18, 2), currency text,
    is_active boolean, last_responded_date date, nps_class text, sci_class text,
    registered_date date, net_amount_365 decimal(18, 2), rfm_recency_score bigint, rfm_frequency_score bigint,
    rfm_monetary_score bigint, rfm_segment text, value_model text, probability_alive double,
    expected_orders_365 double, expected_revenue_365 decimal(18, 2), is_churned_by_inactivity boolean,
    is_churned_by_model boolean
);
insert into metrics.customers
select
    customer_key, true, date_trunc('month', min(ordered_date) filter (where is_purchase)), 'active',
    min(ordered_date) filter (where is_purchase), max(ordered_date) filter (where is_purchase),
    date '2025-12-31' - max(ordered_date) filter (where is_purchase), count(*) filter (where is_purchase),
    count(distinct ordered_date) filter (where is_purchase), sum(gross_amount), sum(refunded_amount),
    sum(net_amount), 'EUR', true, date '2025-06-01', 'promoter', null, null, sum(net_amount), 5, 5, 5, 'champions',
    'mbg_nbd', 0.9, 2.5, 100, false, false
from marts.orders
where customer_key is not null
group by customer_key;
insert into metrics.customers values
(
    'c9', false, null, 'never_purchased', null, null, null, 0, 0, 0, 0, 0, 'EUR', false, null, null, 'at_risk',
    '2025-01-02', 0, null, null, null, null, null, null, null, null, null, null
);

create table metrics.cohort_retention (
    period_grain text, cohort_start_date date, age bigint, segment_name text, segment_value text, cohort_size bigint,
    retained_count bigint, retention_rate double, ci_low double, ci_high double, ci_level double, ci_method text,
    suppression_reason text, order_count bigint, net_revenue double, currency text
);
insert into metrics.cohort_retention values
('month', '2025-11-01', 0, 'all', 'all', 4, 4, 1, 1, 1, 0.95, 'by_definition', null, 5, 200, 'EUR'),
('month', '2025-11-01', 1, 'all', 'all', 4, 1, 0.25, 0.05, 0.7, 0.95, 'wilson', null, 1, 35.5, 'EUR'),
('month', '2025-11-01', 2, 'all', 'all', 4, null, null, null, null, 0.95, 'wilson', 'not_yet_observed', null, null, 'EUR');

create table metrics.survival_curves (
    event text, segment_name text, segment_value text, tenure_days bigint, starts_after_days bigint,
    customer_count bigint, at_risk_count bigint, event_count bigint, survival_share double, std_error double,
    ci_low double, ci_high double, ci_level double, ci_method text, suppression_reason text
);
insert into metrics.survival_curves values
('second_purchase', 'all', 'all', 0, null, 4, 4, 0, 1, 0, 1, 1, 0.95, 'log_log', null),
('second_purchase', 'all', 'all', 10, null, 4, 4, 1, 0.75, 0.2165, 0.128, 0.961, 0.95, 'log_log', null),
('second_purchase', 'all', 'all', 20, null, 4, 2, 1, 0.375, 0.286, 0.011, 0.808, 0.95, 'log_log', null),
('second_purchase', 'all', 'all', 30, null, 4, 1, 1, 0, null, null, null, 0.95, 'log_log', null),
('subscription_end', 'all', 'all', 5, 5, 3, 3, 0, 1, 0, 1, 1, 0.95, 'log_log', null),
('subscription_end', 'country', 'DE', 0, null, 2, null, null, null, null, null, null, 0.95, 'log_log', 'below_min_disclosed_n');

create table metrics.survival_tests (
    event text, segment_name text, group_count bigint, customer_count bigint, event_count bigint, chi_square double,
    degrees_of_freedom bigint, p_value double, suppression_reason text
);
insert into metrics.survival_tests values
('second_purchase', 'country', 2, 4, 3, 1.5, 1, 0.22, null),
('subscription_end', 'country', 1, 3, 0, null, null, null, 'one_group');

create table metrics.reasons (
    survey text, period_grain text, period_start_date date, reason text,
    promoter_n bigint, promoter_count bigint, promoter_share double, promoter_ci_low double, promoter_ci_high double,
    promoter_suppression_reason text,
    passive_n bigint, passive_count bigint, passive_share double, passive_ci_low double, passive_ci_high double,
    passive_suppression_reason text,
    detractor_n bigint, detractor_count bigint, detractor_share double, detractor_ci_low double,
    detractor_ci_high double, detractor_suppression_reason text,
    passive_lift double, passive_lift_ci_low double, passive_lift_ci_high double, passive_lift_reason text,
    detractor_lift double, detractor_lift_ci_low double, detractor_lift_ci_high double, detractor_lift_reason text,
    shared_excess double, shared_rank bigint, is_clearly_shared boolean, ci_level double, is_publishable boolean
);
insert into metrics.reasons values
(
    'kunden', 'all', '2025-01-01', 'price', 10, 1, 0.1, 0.02, 0.4, null, 8, 4, 0.5, 0.2, 0.8, null, 5, 3, 0.6, 0.2,
    0.9, null, 5, 0.7, 36, null, 6, 0.8, 43, null, 0.4, 1, false, 0.95, true
),
(
    'kunden', 'all', '2025-01-01', 'freshness', 10, 6, 0.6, 0.3, 0.8, null, 8, 4, 0.5, 0.2, 0.8, null, 5, 1, 0.2, 0.04,
    0.6, null, 0.5 / 0.6, 0.3, 2, null, 0.2 / 0.6, 0.05, 2, null, -0.4, null, false, 0.95, true
),
(
    'kunden', 'year', '2025-01-01', 'advice', 10, 6, 0.6, 0.3, 0.8, null, 8, 4, 0.5, 0.2, 0.8, null, 2, null, null, null,
    null, 'below_min_disclosed_n', 0.5 / 0.6, 0.3, 2, null, null, null, null, 'below_min_disclosed_n', null, null,
    false, 0.95, false
);

create table metrics.class_transitions (
    metric text, survey text, period_grain text, period_start_date date, from_class text, to_class text,
    n_overlap bigint, from_count bigint, customer_count bigint, transition_share double, ci_low double, ci_high double,
    ci_method text, suppression_reason text, class_share_before double, class_share_now double, change_value double,
    change_ci_low double, change_ci_high double, change_p_value double, change_method text, ci_level double,
    is_publishable boolean
);
insert into metrics.class_transitions
select
    'nps', 'kunden', 'year', date '2025-01-01', from_class, to_class, 13, from_count, customer_count,
    customer_count::double / from_count, ci_low, ci_high, 'wilson',
    case when customer_count is null then 'below_min_disclosed_n' end, class_share_before, class_share_now,
    class_share_now - class_share_before, change_ci_low, change_ci_high, change_p_value, change_method, 0.95,
    from_count >= 5
from (
    values
    ('promoter', 'promoter', 7, 5, 0.4, 0.95, 7 / 13.0::double, 8 / 13.0::double, -0.3, 0.4, 1, 'mcnemar_exact'),
    ('promoter', 'passive', 7, 2, 0.05, 0.7, null, null, null, null, null, null),
    ('promoter', 'detractor', 7, 0, 0, 0.4, null, null, null, null, null, null),
    ('passive', 'promoter', 4, 2, 0.1, 0.9, null, null, null, null, null, null),
    ('passive', 'passive', 4, 2, 0.1, 0.9, null, null, null, null, null, null),
    ('passive', 'detractor', 4, 0, 0, 0.5, null, null, null, null, null, null),
    ('detractor', 'promoter', 2, null, null, null, null, null, null, null, null, null),
    ('detractor', 'passive', 2, null, null, null, null, null, null, null, null, null),
    ('detractor', 'detractor', 2, null, null, null, null, null, null, null, null, null)
) as moves (
    from_class, to_class, from_count, customer_count, ci_low, ci_high, class_share_before, class_share_now,
    change_ci_low, change_ci_high, change_p_value, change_method
);

create table metrics.class_outcomes (
    metric text, survey text, class text, horizon_days bigint, customer_count bigint, repurchased_count bigint,
    repurchase_share double, repurchase_share_ci_low double, repurchase_share_ci_high double,
    occasions_per_customer double, occasions_per_customer_std_error double, occasions_per_customer_ci_low double,
    occasions_per_customer_ci_high double, net_amount_per_customer double, net_amount_per_customer_std_error double,
    net_amount_per_customer_ci_low double, net_amount_per_customer_ci_high double, currency text,
    suppression_reason text, class_below text,
    repurchase_share_difference double, repurchase_share_difference_ci_low double,
    repurchase_share_difference_ci_high double, occasions_per_customer_difference double,
    occasions_per_customer_difference_ci_low double, occasions_per_customer_difference_ci_high double,
    net_amount_per_customer_difference double, net_amount_per_customer_difference_ci_low double,
    net_amount_per_customer_difference_ci_high double, difference_reason text,
    repurchase_share_validity double, repurchase_share_validity_ci_low double, repurchase_share_validity_ci_high double,
    occasions_per_customer_validity double, occasions_per_customer_validity_ci_low double,
    occasions_per_customer_validity_ci_high double, net_amount_per_customer_validity double,
    net_amount_per_customer_validity_ci_low double, net_amount_per_customer_validity_ci_high double,
    ci_level double, is_publishable boolean
);
insert into metrics.class_outcomes
by name
select
    'nps' as metric, 'kunden' as survey, class, 90 as horizon_days, customer_count, repurchased_count,
    repurchased_count::double / customer_count as repurchase_share, repurchased_count * 0.05 as repurchase_share_ci_low,
    repurchased_count * 0.2 as repurchase_share_ci_high, repurchased_count * 0.2 as occasions_per_customer,
    repurchased_count * 0.05 as occasions_per_customer_std_error,
    repurchased_count * 0.1 as occasions_per_customer_ci_low, repurchased_count * 0.3 as occasions_per_customer_ci_high,
    repurchased_count * 10 as net_amount_per_customer, repurchased_count as net_amount_per_customer_std_error,
    repurchased_count * 8 as net_amount_per_customer_ci_low, repurchased_count * 12 as net_amount_per_customer_ci_high,
    'EUR' as currency, case when repurchased_count is null then 'below_min_disclosed_n' end as suppression_reason,
    class_below, 0.25 * differs as repurchase_share_difference, -0.2 * differs as repurchase_share_difference_ci_low,
    0.6 * differs as repurchase_share_difference_ci_high, 0.4 * differs as occasions_per_customer_difference,
    0.1 * differs as occasions_per_customer_difference_ci_low,
    0.7 * differs as occasions_per_customer_difference_ci_high, 20 * differs as net_amount_per_customer_difference,
    10 * differs as net_amount_per_customer_difference_ci_low,
    30 * differs as net_amount_per_customer_difference_ci_high, difference_reason, 0.95 as ci_level,
    coalesce(repurchased_count >= 4, false) as is_publishable
from (
    values
    ('promoter', 8, 4, 'passive', 1, null),
    ('passive', 8, 2, 'detractor', null, 'below_min_disclosed_n'),
    ('detractor', 2, null, null, null, 'no_class_below')
) as classes (class, customer_count, repurchased_count, class_below, differs, difference_reason);

create table metrics.drivers (
    survey text, period_grain text, period_start_date date, attribute text, importance_lmg double,
    importance_lmg_ci_low double, importance_lmg_ci_high double, importance_johnson double,
    importance_johnson_ci_low double, importance_johnson_ci_high double, r_squared double, is_low_r_squared boolean,
    penalty double, penalty_std_error double, penalty_ci_low double, penalty_ci_high double, reward double,
    reward_std_error double, reward_ci_low double, reward_ci_high double, net_effect double,
    net_effect_std_error double, net_effect_ci_low double, net_effect_ci_high double, effect_p_value double,
    asymmetry double, asymmetry_ci_low double, asymmetry_ci_high double, class text, n bigint, n_low bigint,
    n_high bigint, is_publishable boolean, suppression_reason text, ci_level double, method text
);
insert into metrics.drivers
select
    'kunden', 'all', date '2025-01-01', attribute, importance, importance - 0.05, importance + 0.05, importance,
    importance - 0.05, importance + 0.05, importance * 2, importance < 0.05, penalty, penalty * 0 + 0.1, penalty - 0.2,
    penalty + 0.2, reward, reward * 0 + 0.1, reward - 0.2, reward + 0.2, penalty + reward, penalty * 0 + 0.15,
    penalty + reward - 0.3, penalty + reward + 0.3, penalty * 0, asymmetry, asymmetry - 0.1, asymmetry + 0.1, class, n,
    nullif(n // 4, 0), nullif(n // 3, 0), n > 0, reason, 0.95, 'importance=exact;importance_ci=bootstrap;effects=ols_hc3'
from (
    values
    ('delivery', 0.1, -0.7, 0.1, -0.75, 'basic', 120, null),
    ('price', 0.1, -0.4, 0.4, 0, 'performance', 120, null),
    ('advice', null, null, null, null, 'not_estimable', 0, 'no_observations')
) as drivers (attribute, importance, penalty, reward, asymmetry, class, n, reason);
create table metrics.clv_models (
    model text, fit text, parameter text, value double, std_error double, ci_low double, ci_high double,
    ci_level double, unit text, log_likelihood double, customer_count bigint, is_converged boolean, reason text,
    is_chosen boolean, holdout_error double, warning text
);
insert into metrics.clv_models values
('mbg_nbd', 'full', 'r', 0.5, 0.1, 0.34, 0.74, 0.95, '7 days', -95.5, 6, true, null, true, 0.1, null),
('mbg_nbd', 'calibration', 'r', 0.6, 0.1, 0.43, 0.83, 0.95, '7 days', -80.5, 6, true, null, false, 0.1, null),
('pareto_nbd', 'full', 'r', 0.5, 0.1, 0.34, 0.74, 0.95, '7 days', -96.5, 6, true, null, false, 0.2, null),
('bg_nbd', 'full', 'r', 0.4, 0.1, 0.25, 0.65, 0.95, '7 days', -97.5, 6, true, null, false, 0.05, null),
('gamma_gamma', 'full', 'p', 5, 1, 3.4, 7.4, 0.95, 'currency', -50.5, 5, true, null, true, null, null);

create table metrics.clv_backtest (
    model text, fit text, frequency_bucket text, holdout_days bigint, customer_count bigint,
    expected_purchases double, actual_purchases double, bias double, mean_absolute_error double,
    probability_alive double, bought_share double, bought_ci_low double, bought_ci_high double, ci_level double,
    suppression_reason text
);
insert into metrics.clv_backtest values
('mbg_nbd', 'calibration', 'all', 180, 6, 9, 10, -0.1, 0.5, 0.8, 0.5, 0.19, 0.81, 0.95, null),
('mbg_nbd', 'calibration', '1', 180, 4, 5, 5, 0, 0.5, 0.8, 0.5, 0.15, 0.85, 0.95, null),
(
    'mbg_nbd', 'calibration', '2', 180, 2, null, null, null, null, null, null, null, null, 0.95,
    'below_min_disclosed_n'
),
('naive_same_rate', 'calibration', 'all', 180, 4, 20, 0, null, 2, null, 0, 0, 0.49, 0.95, null),
('naive_same_rate', 'calibration', '1', 180, 4, 20, 0, null, 2, null, 0, 0, 0.49, 0.95, null);
