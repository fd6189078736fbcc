with

orders as (
    select * from {{ ref('int_orders') }}
),

settings as (
    select purchase_collapse from {{ source('context', 'settings') }}
),

added_up as (
    select
        customer_number,
        ordered_date,
        sum(case when is_purchase then 1 else 0 end) as order_count,
        -- Money of another currency without a rate is null: the order counts, its amounts do not.
        sum(case when is_purchase and gross_amount_company is not null then 1 else 0 end) as valued_order_count,
        coalesce(sum(gross_amount_company), 0) as gross_amount,
        coalesce(sum(refunded_amount_company), 0) as refunded_amount
    from orders
    where customer_number is not null
    group by customer_number, ordered_date
),

final as (
    select
        added_up.customer_number,
        added_up.ordered_date,
        cast(added_up.order_count as bigint) as order_count,
        cast(added_up.valued_order_count as bigint) as valued_order_count,
        cast(
            case
                when settings.purchase_collapse = 'order' then added_up.order_count
                else least(added_up.order_count, 1)
            end as bigint
        ) as occasion_count,
        cast(added_up.gross_amount as decimal(18, 2)) as gross_amount,
        cast(added_up.refunded_amount as decimal(18, 2)) as refunded_amount,
        cast(added_up.gross_amount - added_up.refunded_amount as decimal(18, 2)) as net_amount
    from added_up
    cross join settings
)

select * from final
