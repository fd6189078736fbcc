with

orders_from_rows as (
    select * from {{ ref('int_orders_from_rows') }}
),

orders_from_lines as (
    select * from {{ ref('int_orders_from_lines') }}
),

customer_keys as (
    select * from {{ ref('int_customer_keys') }}
),

run as (
    select currency as home_currency from {{ source('context', 'run') }}
),

{% set columns %}
        order_key,
        source,
        identifier_key,
        ordered_at,
        ordered_date,
        gross_amount,
        refunded_amount,
        currency,
        status,
        is_purchase,
        channel
{% endset %}
all_orders as (
    select {{ columns }}
    from orders_from_rows
    union all
    select {{ columns }}
    from orders_from_lines
),

final as (
    select
        all_orders.order_key,
        customer_keys.customer_key,
        customer_keys.customer_number,
        all_orders.ordered_at,
        all_orders.ordered_date,
        all_orders.gross_amount,
        all_orders.refunded_amount,
        cast(all_orders.gross_amount - all_orders.refunded_amount as decimal(18, 2)) as net_amount,
        all_orders.currency,
        all_orders.currency = run.home_currency as is_home_currency,
        all_orders.status,
        all_orders.is_purchase,
        all_orders.channel,
        all_orders.source
    from all_orders
    left join customer_keys on all_orders.identifier_key = customer_keys.identifier_key
    cross join run
)

select * from final
