with

placed_orders as (
    select * from {{ ref('int_placed_orders') }}
),

refunds as (
    select
        order_key,
        sum(refund_amount) as refund_amount
    from {{ ref('int_refunds') }}
    where is_in_order_currency
    group by order_key
),

customer_keys as (
    select * from {{ ref('int_customer_keys') }}
),

hubs as (
    select * from {{ ref('int_identifier_hubs') }}
),

currency_days as (
    select * from {{ ref('int_currency_days') }}
),

run as (
    select currency as company_currency from {{ source('context', 'run') }}
),

with_refunds as (
    select
        placed_orders.*,
        refunds.order_key is not null as has_refunds,
        round({{ refunded_revenue('refunds.refund_amount', 'gross_amount', 'paid_amount') }}, 2) as refund_amount
    from placed_orders
    left join refunds on placed_orders.order_key = refunds.order_key
),

-- The refund of an order that was called off is the money that its status gives back already.
refunded as (
    select
        *,
        cast(
            case
                when not has_refunds then refunded_amount
                when status = 'completed' then refunded_amount + refund_amount
                else greatest(refunded_amount, refund_amount)
            end as decimal(18, 2)
        ) as given_back_amount
    from with_refunds
),

valued as (
    select
        refunded.*,
        case
            when refunded.currency = run.company_currency then cast(1 as decimal(18, 8))
            else currency_days.rate
        end as rate
    from refunded
    cross join run
    left join currency_days
        on
            refunded.currency = currency_days.currency
            and refunded.ordered_date = currency_days.ordered_date
),

final as (
    select
        valued.order_key,
        customer_keys.customer_key,
        customer_keys.customer_number,
        valued.ordered_at,
        valued.ordered_date,
        valued.gross_amount,
        valued.given_back_amount as refunded_amount,
        cast(valued.gross_amount - valued.given_back_amount as decimal(18, 2)) as net_amount,
        -- Each rounded once, to the cent; null where no rate is young enough.
        cast(round(valued.gross_amount * valued.rate, 2) as decimal(18, 2)) as gross_amount_company,
        cast(round(valued.given_back_amount * valued.rate, 2) as decimal(18, 2)) as refunded_amount_company,
        valued.tax_amount,
        valued.shipping_amount,
        valued.discount_amount,
        valued.currency,
        valued.status,
        valued.is_purchase
        and (not valued.has_refunds or valued.given_back_amount < valued.gross_amount) as is_purchase,
        valued.channel,
        valued.source,
        valued.row_count
    from valued
    left join hubs on valued.identifier_key = hubs.identifier_key
    left join customer_keys on {{ telling_identifier('valued', 'hubs') }} = customer_keys.identifier_key
)

select * from final
