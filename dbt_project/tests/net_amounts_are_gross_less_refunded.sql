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
