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
        cast(gross_amount_company - refunded_amount_company as decimal(18, 2)) as net_amount_company,
        tax_amount,
        shipping_amount,
        discount_amount,
        currency,
        status,
        is_purchase,
        channel,
        source
    from orders
)

select * from final
