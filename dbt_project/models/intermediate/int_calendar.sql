with

periods as (
    select * from {{ ref('int_periods') }}
),

run as (
    select as_of_date from {{ source('context', 'run') }}
),

span as (
    select
        min(periods.period_start_date) as first_date,
        max(run.as_of_date) as last_date
    from periods
    cross join run
),

-- A hundred years: longer than any history.
numbers as (
    {{ dbt.generate_series(36525) }}
),

days as (
    select
        {{ add_days('span.first_date', 'numbers.generated_number - 1') }} as day_date,
        span.last_date
    from numbers
    cross join span
),

final as (
    select
        periods.period_grain,
        days.day_date,
        periods.period_number,
        periods.period_key,
        periods.period_start_date,
        periods.period_end_date
    from days
    inner join periods
        on
            days.day_date >= periods.period_start_date
            and days.day_date < periods.period_end_date
    where days.day_date <= days.last_date
)

select * from final
