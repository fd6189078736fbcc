with

refunds as (
    select * from {{ ref('stg_refunds') }}
),

orders as (
    select
        order_key,
        currency
    from {{ ref('int_placed_orders') }}
),

final as (
    select
        refunds.source,
        refunds.order_key,
        refunds.refund_amount,
        orders.order_key is not null as has_order,
        -- A refund that names no currency is in its order's.
        orders.order_key is not null
        and coalesce(refunds.currency, orders.currency) = orders.currency as is_in_order_currency
    from refunds
    left join orders on refunds.order_key = orders.order_key
)

select * from final
