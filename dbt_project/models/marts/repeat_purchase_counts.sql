with

customer_periods as (
    select * from {{ ref('int_customer_periods') }}
),

segments as (
    select * from {{ ref('int_customer_segments') }}
),

periods as (
    select * from {{ ref('int_periods') }}
    where is_complete
),

final as (
    select
        periods.period_grain,
        periods.period_start_date,
        segments.segment_name,
        segments.segment_value,
        count(*) as buyer_count,
        cast(sum(case when customer_periods.occasion_count >= 2 then 1 else 0 end) as bigint) as repeat_buyer_count
    from customer_periods
    inner join periods
        on
            customer_periods.period_grain = periods.period_grain
            and customer_periods.period_number = periods.period_number
    inner join segments
        on
            customer_periods.customer_number = segments.customer_number
            and periods.last_date >= segments.valid_from_date
            and periods.last_date < segments.valid_to_date
    group by
        periods.period_grain,
        periods.period_start_date,
        segments.segment_name,
        segments.segment_value
)

select * from final
