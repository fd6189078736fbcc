-- A view: only int_placed_orders reads it.
{{ config(materialized='view') }}

with

orders as (
    select * from {{ ref('stg_orders') }}
),

settings as (
    select
        revenue_basis,
        zero_value_orders
    from {{ source('context', 'settings') }}
),

valued as (
    select
        orders.*,
        settings.zero_value_orders,
        {{ revenue('orders.gross_amount', 'settings.revenue_basis') }} as revenue_amount
    from orders
    cross join settings
),

split_by_status as (
    select
        *,
        case
            when status = 'cancellation' then 0
            else greatest(gross_amount, 0)
        end as paid_amount,
        case
            when status = 'cancellation' then 0
            else greatest(revenue_amount, 0)
        end as sold_amount,
        case
            when status = 'cancellation' then abs(revenue_amount)
            when status = 'cancelled' then greatest(revenue_amount, 0)
            else
                {{ refunded_revenue('coalesce(refunded_amount, 0)', 'revenue_amount', 'gross_amount') }}
                + greatest(-revenue_amount, 0)
        end as given_back_amount
    from valued
),

final as (
    select
        order_key,
        source,
        identifier_key,
        next_identifier_key,
        ordered_at,
        ordered_date,
        cast(round(paid_amount, 2) as decimal(18, 2)) as paid_amount,
        cast(round(sold_amount, 2) as decimal(18, 2)) as gross_amount,
        cast(round(given_back_amount, 2) as decimal(18, 2)) as refunded_amount,
        cast(round(tax_amount, 2) as decimal(18, 2)) as tax_amount,
        cast(round(shipping_amount, 2) as decimal(18, 2)) as shipping_amount,
        cast(round(discount_amount, 2) as decimal(18, 2)) as discount_amount,
        currency,
        status,
        -- One that was paid back in full is no occasion; whether one of amount 0 is, the settings say.
        status = 'completed'
        and (
            given_back_amount < sold_amount
            or (given_back_amount = 0 and zero_value_orders = 'purchase')
        ) as is_purchase,
        channel
    from split_by_status
)

select * from final
