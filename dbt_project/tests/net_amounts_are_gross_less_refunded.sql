select
    order_key as row_key,
    gross_amount,
    refunded_amount,
    net_amount
from {{ ref('orders') }}
where gross_amount - refunded_amount <> net_amount
union all
select
    customer_key as row_key,
    gross_amount,
    refunded_amount,
    net_amount
from {{ ref('customer_facts') }}
where gross_amount - refunded_amount <> net_amount
union all
-- The company's own currency needs no rate.
select
    orders.order_key as row_key,
    orders.gross_amount,
    orders.refunded_amount,
    orders.net_amount_company as net_amount
from {{ ref('orders') }} as orders
inner join {{ source('context', 'run') }} as run on orders.currency = run.currency
where
    orders.net_amount_company is null
    or orders.net_amount_company <> orders.net_amount
