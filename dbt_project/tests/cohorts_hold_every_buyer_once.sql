-- Those who bought before the history starts belong to no cohort.
with

buyers as (
    select count(*) as buyer_count
    from {{ ref('customer_facts') }} as customers
    cross join (
        select
            period_grain,
            min(period_start_date) as first_date
        from {{ ref('int_periods') }}
        group by period_grain
    ) as history
    where
        history.period_grain = 'month'
        and customers.first_purchase_date >= history.first_date
),

cohorts as (
    select coalesce(sum(cohort_size), 0) as cohort_sum
    from {{ ref('cohort_counts') }}
    where
        period_grain = 'month'
        and segment_name = 'all'
        and age = 0
)

select
    'cohort sizes' as what,
    buyers.buyer_count as expected_count,
    cohorts.cohort_sum as found_count
from buyers
cross join cohorts
where buyers.buyer_count <> cohorts.cohort_sum
union all
select
    'retained above size' as what,
    cohort_size as expected_count,
    retained_count as found_count
from {{ ref('cohort_counts') }}
where retained_count > cohort_size
