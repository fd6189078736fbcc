with

responses as (
    select * from {{ ref('int_scale_responses') }}
),

scales as (
    select * from {{ ref('int_scales') }}
),

response_combinations as (
    select * from {{ ref('int_response_combinations') }}
),

combinations as (
    select * from {{ ref('int_segment_combinations') }}
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
        response_combinations.combination_number,
        count(*) as unit_count
    from responses
    inner join calendar
        on
            responses.responded_date = calendar.day_date
            and {{ is_preferred('responses.preferred_date', 'calendar') }}
    inner join response_combinations on responses.response_key = response_combinations.response_key
    where responses.scale_name <> 'drivers'
    group by
        responses.survey,
        responses.scale_name,
        responses.pattern,
        calendar.period_grain,
        calendar.period_start_date,
        response_combinations.combination_number
),

final as (
    select
        counted.survey,
        counted.scale_name,
        scales.items,
        scales.scale_lows,
        scales.scale_highs,
        scales.low_is_goods,
        counted.period_grain,
        counted.period_start_date,
        combinations.segment_name,
        combinations.segment_value,
        counted.pattern,
        cast(sum(counted.unit_count) as bigint) as unit_count
    from counted
    inner join scales
        on
            counted.survey = scales.survey
            and counted.scale_name = scales.scale_name
    inner join combinations on counted.combination_number = combinations.combination_number
    group by
        counted.survey,
        counted.scale_name,
        scales.items,
        scales.scale_lows,
        scales.scale_highs,
        scales.low_is_goods,
        counted.period_grain,
        counted.period_start_date,
        combinations.segment_name,
        combinations.segment_value,
        counted.pattern
)

select * from final
