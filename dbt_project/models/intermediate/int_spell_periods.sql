-- A view: only int_retention_states reads it.
{{ config(materialized='view') }}

with

spells as (
    select * from {{ ref('int_active_spells') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

grains as (
    select
        period_grain,
        max(period_number) as last_period_number
    from {{ ref('int_periods') }}
    group by period_grain
),

run as (
    select as_of_date from {{ source('context', 'run') }}
),

-- Number n stands for the start of period n: the customer is active at the starts [entered, left).
final as (
    select
        spells.customer_number,
        grains.period_grain,
        spells.began_date,
        spells.is_first_spell,
        coalesce(first_days.period_number, 0) as began_period,
        coalesce(first_days.period_number, 0) + 1 as entered_number,
        case
            -- Beyond the run's day: still active at the end of the last period.
            when spells.last_active_date > run.as_of_date then grains.last_period_number + 2
            else coalesce(last_days.period_number, 0) + 1
        end as left_number
    from spells
    cross join grains
    cross join run
    left join calendar as first_days
        on
            grains.period_grain = first_days.period_grain
            and spells.began_date = first_days.day_date
    left join calendar as last_days
        on
            grains.period_grain = last_days.period_grain
            and spells.last_active_date = last_days.day_date
)

select * from final
