with

order_sums as (
    select
        sum(case when orders.is_purchase then 1 else 0 end) as order_count,
        sum(case when orders.currency = run.currency then orders.gross_amount else 0 end) as gross_amount,
        sum(case when orders.currency = run.currency then orders.refunded_amount else 0 end) as refunded_amount
    from {{ ref('orders') }} as orders
    cross join {{ source('context', 'run') }} as run
    where orders.customer_key is not null
),

customer_sums as (
    select
        sum(order_count) as order_count,
        sum(gross_amount) as gross_amount,
        sum(refunded_amount) as refunded_amount
    from {{ ref('customer_facts') }}
)

select
    order_sums.order_count as orders_of_orders,
    customer_sums.order_count as orders_of_customers,
    order_sums.gross_amount as gross_of_orders,
    customer_sums.gross_amount as gross_of_customers
from order_sums
cross join customer_sums
where
    coalesce(order_sums.order_count, 0) <> coalesce(customer_sums.order_count, 0)
    or coalesce(order_sums.gross_amount, 0) <> coalesce(customer_sums.gross_amount, 0)
    or coalesce(order_sums.refunded_amount, 0) <> coalesce(customer_sums.refunded_amount, 0)
