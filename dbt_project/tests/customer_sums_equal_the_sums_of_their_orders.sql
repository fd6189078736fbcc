with

order_sums as (
    select
        sum(case when is_purchase then 1 else 0 end) as order_count,
        sum(net_amount_company) as net_amount
    from {{ ref('orders') }}
    where customer_key is not null
),

customer_sums as (
    select
        sum(order_count) as order_count,
        sum(net_amount) as net_amount
    from {{ ref('customer_facts') }}
)

select
    order_sums.order_count as orders_of_orders,
    customer_sums.order_count as orders_of_customers,
    order_sums.net_amount as net_of_orders,
    customer_sums.net_amount as net_of_customers
from order_sums
cross join customer_sums
where
    coalesce(order_sums.order_count, 0) <> coalesce(customer_sums.order_count, 0)
    or coalesce(order_sums.net_amount, 0) <> coalesce(customer_sums.net_amount, 0)
