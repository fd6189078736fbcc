with

members as (
    select * from {{ ref('int_cohort_members') }}
),

customer_periods as (
    select * from {{ ref('int_customer_periods') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

run as (
    select currency from {{ source('context', 'run') }}
),

sizes as (
    select
        period_grain,
        cohort_number,
        segment_name,
        segment_value,
        count(*) as cohort_size
    from members
    group by period_grain, cohort_number, segment_name, segment_value
),

buyers as (
    select
        members.period_grain,
        members.cohort_number,
        members.segment_name,
        members.segment_value,
        customer_periods.period_number,
        sum(case when customer_periods.occasion_count > 0 then 1 else 0 end) as buyer_count,
        sum(customer_periods.order_count) as order_count,
        sum(customer_periods.net_amount) as net_amount
    from members
    inner join customer_periods
        on
            members.customer_number = customer_periods.customer_number
            and members.period_grain = customer_periods.period_grain
    group by
        members.period_grain,
        members.cohort_number,
        members.segment_name,
        members.segment_value,
        customer_periods.period_number
),

final as (
    select
        sizes.period_grain,
        cohorts.period_start_date as cohort_start_date,
        periods.period_number - sizes.cohort_number as age,
        sizes.segment_name,
        sizes.segment_value,
        run.currency,
        sizes.cohort_size,
        case
            when periods.period_number = sizes.cohort_number then sizes.cohort_size
            when periods.is_complete then cast(coalesce(buyers.buyer_count, 0) as bigint)
        end as retained_count,
        case when periods.is_complete then cast(coalesce(buyers.order_count, 0) as bigint) end as order_count,
        case when periods.is_complete then cast(coalesce(buyers.net_amount, 0) as decimal(18, 2)) end as net_amount
    from sizes
    inner join periods as cohorts
        on
            sizes.period_grain = cohorts.period_grain
            and sizes.cohort_number = cohorts.period_number
    inner join periods
        on
            sizes.period_grain = periods.period_grain
            and sizes.cohort_number <= periods.period_number
    cross join run
    left join buyers
        on
            sizes.period_grain = buyers.period_grain
            and sizes.cohort_number = buyers.cohort_number
            and sizes.segment_name = buyers.segment_name
            and sizes.segment_value = buyers.segment_value
            and periods.period_number = buyers.period_number
)

select * from final
