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

-- Buyers of one period and segment value are counted first, and the day that decides on the value is looked at after.
counted_buyers as (
    select
        customer_periods.period_grain,
        customer_periods.period_number,
        segments.segment_name,
        segments.segment_value,
        segments.valid_from_date,
        segments.valid_to_date,
        count(*) as buyer_count,
        sum(case when customer_periods.occasion_count >= 2 then 1 else 0 end) as repeat_buyer_count
    from customer_periods
    inner join segments on customer_periods.customer_number = segments.customer_number
    group by
        customer_periods.period_grain,
        customer_periods.period_number,
        segments.segment_name,
        segments.segment_value,
        segments.valid_from_date,
        segments.valid_to_date
),

final as (
    select
        periods.period_grain,
        periods.period_start_date,
        counted_buyers.segment_name,
        counted_buyers.segment_value,
        cast(sum(counted_buyers.buyer_count) as bigint) as buyer_count,
        cast(sum(counted_buyers.repeat_buyer_count) as bigint) as repeat_buyer_count
    from counted_buyers
    inner join periods
        on
            counted_buyers.period_grain = periods.period_grain
            and counted_buyers.period_number = periods.period_number
            and counted_buyers.valid_from_date <= periods.last_date
            and counted_buyers.valid_to_date > periods.last_date
    group by
        periods.period_grain,
        periods.period_start_date,
        counted_buyers.segment_name,
        counted_buyers.segment_value
)

select * from final
