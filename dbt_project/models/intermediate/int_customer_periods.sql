with

customer_days as (
    select * from {{ ref('int_customer_days') }}
),

totals as (
    select * from {{ ref('int_customer_totals') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

-- Returning is what comes on a later day than the first purchase.
final as (
    select
        customer_days.customer_number,
        calendar.period_grain,
        calendar.period_number,
        cast(sum(customer_days.occasion_count) as bigint) as occasion_count,
        cast(sum(customer_days.order_count) as bigint) as order_count,
        cast(
            sum(
                case
                    when customer_days.ordered_date > totals.first_purchase_date then customer_days.order_count
                    else 0
                end
            ) as bigint
        ) as returning_order_count,
        cast(sum(customer_days.net_amount) as decimal(18, 2)) as net_amount,
        cast(
            sum(
                case
                    when customer_days.ordered_date > totals.first_purchase_date then customer_days.net_amount
                    else 0
                end
            ) as decimal(18, 2)
        ) as returning_net_amount
    from customer_days
    inner join totals on customer_days.customer_number = totals.customer_number
    inner join calendar on customer_days.ordered_date = calendar.day_date
    group by customer_days.customer_number, calendar.period_grain, calendar.period_number
)

select * from final
