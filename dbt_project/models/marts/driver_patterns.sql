with

responses as (
    select * from {{ ref('int_scale_responses') }}
),

scales as (
    select * from {{ ref('int_scales') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

counted as (
    select
        responses.survey,
        responses.scale_name,
        responses.pattern,
        calendar.period_grain,
        calendar.period_start_date,
        count(*) as unit_count
    from responses
    inner join calendar
        on
            responses.responded_date = calendar.day_date
            and {{ is_preferred('responses.preferred_date', 'calendar') }}
    where responses.scale_name = 'drivers'
    group by
        responses.survey,
        responses.scale_name,
        responses.pattern,
        calendar.period_grain,
        calendar.period_start_date
),

final as (
    select
        counted.survey,
        scales.attributes,
        scales.scale_lows,
        scales.scale_highs,
        counted.period_grain,
        counted.period_start_date,
        counted.pattern,
        counted.unit_count
    from counted
    inner join scales
        on
            counted.survey = scales.survey
            and counted.scale_name = scales.scale_name
)

select * from final
