with

orders as (
    select * from {{ ref('int_orders_from_lines') }}
),

order_lines as (
    select * from {{ ref('stg_order_lines') }}
),

lines_with_order as (
    select
        order_lines.source,
        order_lines.ordered_at <> orders.ordered_at as is_at_another_time,
        order_lines.identifier_key <> orders.identifier_key as is_of_another_customer
    from order_lines
    inner join orders
        on
            order_lines.source = orders.source
            and order_lines.order_id = orders.order_id
    where
        orders.has_lines_at_other_times
        or orders.has_lines_of_other_customers
),

final as (
    select
        source,
        'lines_disagree_on_time' as reason,
        count(*) as row_count
    from lines_with_order
    where is_at_another_time
    group by source
    union all
    select
        source,
        'lines_disagree_on_customer' as reason,
        count(*) as row_count
    from lines_with_order
    where is_of_another_customer
    group by source
)

select * from final
