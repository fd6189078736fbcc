with

changes as (
    select * from {{ ref('int_value_changes') }}
),

last_moment as (
    select max(period_number) as last_moment_number
    from {{ ref('int_periods') }}
    where period_grain = 'month'
),

running as (
    select
        customer_number,
        moment_number as first_moment_number,
        lead(moment_number) over by_moment - 1 as last_moment_number,
        sum(net_amount_change) over by_moment as net_amount,
        sum(order_count_change) over by_moment as order_count,
        sum(year_before_order_count_change) over by_moment as year_before_order_count
    from changes
    window by_moment as (partition by customer_number order by moment_number asc nulls last)
),

final as (
    select
        running.customer_number,
        running.first_moment_number,
        coalesce(running.last_moment_number, last_moment.last_moment_number) as last_moment_number,
        cast(running.net_amount as decimal(18, 2)) as net_amount,
        cast(running.order_count as bigint) as order_count,
        running.order_count > 0 as has_bought,
        running.year_before_order_count > 0 as has_bought_year_before
    from running
    cross join last_moment
    where
        running.net_amount <> 0
        or running.order_count > 0
        or running.year_before_order_count > 0
)

select * from final
