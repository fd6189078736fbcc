with

subscriptions as (
    select * from {{ ref('int_subscriptions') }}
    where customer_number is not null
),

by_first_day as (
    select
        customer_number,
        started_date,
        max(ended_date) as ended_date
    from subscriptions
    group by customer_number, started_date
),

with_before as (
    select
        customer_number,
        started_date,
        ended_date,
        max(ended_date) over (
            partition by customer_number
            order by started_date asc nulls last
            rows between unbounded preceding and 1 preceding
        ) as ended_before_date
    from by_first_day
),

-- A subscription that begins on the day on which another ends goes on with it.
numbered as (
    select
        customer_number,
        started_date,
        ended_date,
        sum(case when ended_before_date is null or started_date > ended_before_date then 1 else 0 end) over (
            partition by customer_number
            order by started_date asc nulls last
            rows between unbounded preceding and current row
        ) as spell_number
    from with_before
),

final as (
    select
        customer_number,
        min(started_date) as began_date,
        max(ended_date) as ended_date,
        spell_number = 1 as is_first_spell
    from numbered
    group by customer_number, spell_number
)

select * from final
