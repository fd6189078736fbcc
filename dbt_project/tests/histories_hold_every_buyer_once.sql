-- As of the run every buyer has one history, one history of spend and one row of values; in the calibration as well.
with

counted as (
    select
        'buyers in purchase_histories' as what,
        (
            select count(*) from {{ ref('customer_facts') }}
            where has_purchased
        ) as expected_count,
        (
            select coalesce(sum(customer_count), 0) from {{ ref('purchase_histories') }}
            where fit = 'full'
        ) as found_count
    union all
    select
        'buyers in customer_values' as what,
        (
            select count(*) from {{ ref('customer_facts') }}
            where has_purchased
        ) as expected_count,
        (select count(*) from {{ ref('customer_values') }}) as found_count
    union all
    select
        'buyers in spend_histories' as what,
        (
            select count(*) from {{ ref('customer_facts') }}
            where has_purchased
        ) as expected_count,
        (
            select coalesce(sum(customer_count), 0) from {{ ref('spend_histories') }}
            where fit = 'full'
        ) as found_count
    union all
    select
        'customers of the calibration' as what,
        (
            select coalesce(sum(customer_count), 0) from {{ ref('purchase_histories') }}
            where fit = 'calibration'
        ) as expected_count,
        (select coalesce(sum(customer_count), 0) from {{ ref('holdout_purchases') }}) as found_count
    union all
    select
        'cells of rfm_segments' as what,
        125 as expected_count,
        (
            select count(*) from {{ ref('rfm_segments') }}
            where
                recency_score between 1 and 5
                and frequency_score between 1 and 5
                and monetary_score between 1 and 5
                and rfm_segment is not null
        ) as found_count
)

select * from counted
where expected_count <> found_count
