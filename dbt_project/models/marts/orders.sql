with

orders as (
    select * from {{ ref('int_orders') }}
),

final as (
    select
        order_key,
        customer_key,
        ordered_at,
        ordered_date,
        gross_amount,
        refunded_amount,
        net_amount,
        currency,
        status,
        is_purchase,
        channel,
        source
    from orders
)

select * from final
