with

spells as (
    select * from {{ ref('int_worth_spells') }}
),

moments as (
    select * from {{ ref('int_periods') }}
    where period_grain = 'month'
),

-- Who comes to an amount and who leaves it, so that customers need not be spread over moments one by one.
changes as (
    select
        whole_net_amount,
        first_moment_number as moment_number,
        1 as customer_count_change
    from spells
    union all
    select
        whole_net_amount,
        last_moment_number + 1 as moment_number,
        -1 as customer_count_change
    from spells
),

added_up_changes as (
    select
        whole_net_amount,
        moment_number,
        sum(customer_count_change) as customer_count_change
    from changes
    group by whole_net_amount, moment_number
),

running as (
    select
        whole_net_amount,
        moment_number as first_moment_number,
        lead(moment_number) over by_moment as next_moment_number,
        sum(customer_count_change) over by_moment as customer_count
    from added_up_changes
    window by_moment as (partition by whole_net_amount order by moment_number asc nulls last)
),

ranked as (
    select
        moments.period_number as moment_number,
        running.whole_net_amount,
        running.customer_count,
        sum(running.customer_count) over (
            partition by moments.period_number
            order by running.whole_net_amount asc nulls last
        ) as customers_up_to_here,
        sum(running.customer_count) over (partition by moments.period_number) as all_customers
    from running
    inner join moments
        on
            running.first_moment_number <= moments.period_number
            and running.next_moment_number > moments.period_number
    where running.customer_count > 0
),

-- Customers of one amount share the decile of the middle one of them.
final as (
    select
        moment_number,
        whole_net_amount,
        cast(customer_count as bigint) as customer_count,
        1 + cast(
            floor(
                cast(10 * (2 * customers_up_to_here - customer_count) as double)
                / cast(2 * all_customers as double)
            ) as integer
        ) as value_decile
    from ranked
)

select * from final
