-- A view: only int_orders reads it.
{{ config(materialized='view') }}

with

orders as (
    select * from {{ ref('stg_orders') }}
),

split_by_status as (
    select
        order_key,
        source,
        identifier_key,
        ordered_at,
        ordered_date,
        case
            when status = 'cancellation' then 0
            else greatest(gross_amount, 0)
        end as gross_amount,
        case
            when status = 'cancellation' then abs(gross_amount)
            when status = 'cancelled' then greatest(gross_amount, 0)
            else coalesce(refunded_amount, 0) + greatest(-gross_amount, 0)
        end as refunded_amount,
        currency,
        status,
        channel
    from orders
),

final as (
    select
        order_key,
        source,
        identifier_key,
        ordered_at,
        ordered_date,
        cast(round(gross_amount, 2) as decimal(18, 2)) as gross_amount,
        cast(round(refunded_amount, 2) as decimal(18, 2)) as refunded_amount,
        currency,
        status,
        -- An order of amount 0 is an occasion; one that was paid back in full is none.
        status = 'completed' and (refunded_amount < gross_amount or refunded_amount = 0) as is_purchase,
        channel
    from split_by_status
)

select * from final
