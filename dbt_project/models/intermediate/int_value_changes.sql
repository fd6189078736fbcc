-- A view: only int_value_spells reads it.
{{ config(materialized='view') }}

with

customer_days as (
    select * from {{ ref('int_customer_days') }}
),

-- A moment is the end of a month; months nest in quarters, so quarters end at moments too.
calendar as (
    select * from {{ ref('int_calendar') }}
    where period_grain = 'month'
),

run as (
    select as_of_date from {{ source('context', 'run') }}
),

days_that_matter as (
    select
        customer_number,
        ordered_date,
        valued_order_count,
        net_amount
    from customer_days
    where valued_order_count > 0 or net_amount <> 0
),

-- What a day adds to the trailing year leaves it 365 days later for the year before, and that 365 days later.
changes_by_day as (
    select
        customer_number,
        ordered_date as changed_date,
        net_amount as net_amount_change,
        valued_order_count as order_count_change,
        0 as year_before_order_count_change
    from days_that_matter
    union all
    select
        customer_number,
        {{ add_days('ordered_date', 365) }} as changed_date,
        -net_amount as net_amount_change,
        -valued_order_count as order_count_change,
        valued_order_count as year_before_order_count_change
    from days_that_matter
    union all
    select
        customer_number,
        {{ add_days('ordered_date', 730) }} as changed_date,
        0 as net_amount_change,
        0 as order_count_change,
        -valued_order_count as year_before_order_count_change
    from days_that_matter
    where valued_order_count > 0
),

final as (
    select
        changes_by_day.customer_number,
        coalesce(calendar.period_number, 1) as moment_number,
        cast(sum(changes_by_day.net_amount_change) as decimal(18, 2)) as net_amount_change,
        cast(sum(changes_by_day.order_count_change) as bigint) as order_count_change,
        cast(sum(changes_by_day.year_before_order_count_change) as bigint) as year_before_order_count_change
    from changes_by_day
    cross join run
    left join calendar on changes_by_day.changed_date = calendar.day_date
    where changes_by_day.changed_date <= run.as_of_date
    group by changes_by_day.customer_number, coalesce(calendar.period_number, 1)
)

select * from final
