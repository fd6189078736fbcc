with

customer_days as (
    select * from {{ ref('int_customer_days') }}
),

-- A moment is the end of a month, or the run's day within it; all longer periods end at moments too.
calendar as (
    select * from {{ ref('int_calendar') }}
    where period_grain = 'month'
),

last_moment as (
    select max(period_number) as last_moment_number
    from {{ ref('int_periods') }}
    where period_grain = 'month'
),

changes as (
    select
        customer_days.customer_number,
        coalesce(calendar.period_number, 1) as moment_number,
        sum(customer_days.net_amount) as net_amount_change
    from customer_days
    left join calendar on customer_days.ordered_date = calendar.day_date
    group by customer_days.customer_number, coalesce(calendar.period_number, 1)
),

running as (
    select
        customer_number,
        moment_number as first_moment_number,
        row_number() over by_moment = 1 as is_first_spell,
        lead(moment_number) over by_moment - 1 as last_moment_number,
        sum(net_amount_change) over by_moment as net_amount
    from changes
    window by_moment as (partition by customer_number order by moment_number asc nulls last)
),

final as (
    select
        running.customer_number,
        running.first_moment_number,
        coalesce(running.last_moment_number, last_moment.last_moment_number) as last_moment_number,
        running.is_first_spell,
        cast(floor(running.net_amount) as bigint) as whole_net_amount
    from running
    cross join last_moment
)

select * from final
