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
        count(*) as customer_count,
        cast(sum(case when customer_periods.occasion_count >= 1 then 1 else 0 end) as bigint) as buyer_count,
        cast(sum(case when customer_periods.occasion_count >= 2 then 1 else 0 end) as bigint) as repeat_buyer_count,
        cast(sum(customer_periods.order_count) as bigint) as order_count,
        cast(sum(customer_periods.returning_order_count) as bigint) as returning_order_count,
        cast(sum(customer_periods.order_count * customer_periods.order_count) as bigint) as order_count_square_sum,
        cast(
            sum(customer_periods.returning_order_count * customer_periods.returning_order_count) as bigint
        ) as returning_order_count_square_sum,
        cast(
            sum(customer_periods.returning_order_count * customer_periods.order_count) as bigint
        ) as returning_order_count_product_sum,
        cast(sum(customer_periods.net_amount) as decimal(18, 2)) as net_amount_sum,
        cast(sum(customer_periods.returning_net_amount) as decimal(18, 2)) as returning_net_amount_sum,
        cast(
            sum(customer_periods.net_amount * customer_periods.net_amount) as decimal(38, 4)
        ) as net_amount_square_sum,
        cast(
            sum(customer_periods.returning_net_amount * customer_periods.returning_net_amount) as decimal(38, 4)
        ) as returning_net_amount_square_sum,
        cast(
            sum(customer_periods.returning_net_amount * customer_periods.net_amount) as decimal(38, 4)
        ) as returning_net_amount_product_sum
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
