-- A view: a handful of rows.
{{ config(materialized='view') }}

with

periods as (
    select * from {{ source('context', 'periods') }}
),

run as (
    select as_of_date from {{ source('context', 'run') }}
),

final as (
    select
        periods.period_grain,
        periods.period_start_date,
        periods.period_end_date,
        periods.is_complete,
        row_number() over (
            partition by periods.period_grain
            order by periods.period_start_date asc nulls last
        ) as period_number,
        -- Over all grains: those of one follow each other, with a gap before the next grain.
        cast(
            rank() over (order by periods.period_grain asc nulls last, periods.period_start_date asc nulls last)
            + dense_rank() over (order by periods.period_grain asc nulls last) as integer
        ) as period_key,
        {{ add_days('periods.period_end_date', -1) }} as last_date,
        -- The instant at which a look back from this period's end stands: no later than the end of the run's day.
        least(periods.period_end_date, {{ add_days('run.as_of_date', 1) }}) as moment_date
    from periods
    cross join run
)

select * from final
