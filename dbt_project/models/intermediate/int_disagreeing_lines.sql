with

orders as (
    select * from {{ ref('int_orders_from_lines') }}
),

order_lines as (
    select * from {{ ref('stg_order_lines') }}
),

customer_keys as (
    select * from {{ ref('int_customer_keys') }}
),

lines_with_order as (
    select
        order_lines.source,
        order_lines.ordered_at <> orders.ordered_at as is_at_another_time,
        line_customers.customer_number <> order_customers.customer_number as is_of_another_customer
    from order_lines
    inner join orders
        on
            order_lines.source = orders.source
            and order_lines.order_id = orders.order_id
    left join customer_keys as line_customers on order_lines.identifier_key = line_customers.identifier_key
    left join customer_keys as order_customers on orders.identifier_key = order_customers.identifier_key
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
