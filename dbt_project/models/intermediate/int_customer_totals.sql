with

customer_days as (
    select * from {{ ref('int_customer_days') }}
),

final as (
    select
        customer_number,
        min(case when occasion_count > 0 then ordered_date end) as first_purchase_date,
        max(case when occasion_count > 0 then ordered_date end) as last_purchase_date,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(occasion_count) as bigint) as purchase_occasion_count,
        cast(sum(gross_amount) as decimal(18, 2)) as gross_amount,
        cast(sum(refunded_amount) as decimal(18, 2)) as refunded_amount,
        cast(sum(net_amount) as decimal(18, 2)) as net_amount
    from customer_days
    group by customer_number
)

select * from final
