with

second_purchases as (
    select * from {{ ref('int_second_purchases') }}
),

segments as (
    select * from {{ ref('int_customer_segments') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

periods as (
    select * from {{ ref('int_periods') }}
    where is_complete
),

run as (
    select as_of_date from {{ source('context', 'run') }}
),

settings as (
    select repeat_within_days from {{ source('context', 'settings') }}
),

matured as (
    select
        second_purchases.customer_number,
        second_purchases.first_purchased_date,
        coalesce(
            second_purchases.second_purchased_date
            <= {{ add_days('second_purchases.first_purchased_date', 'settings.repeat_within_days') }},
            false
        ) as has_repeated
    from second_purchases
    cross join settings
    cross join run
    where {{ add_days('second_purchases.first_purchased_date', 'settings.repeat_within_days') }} <= run.as_of_date
),

final as (
    select
        periods.period_grain,
        periods.period_start_date,
        segments.segment_name,
        segments.segment_value,
        count(*) as matured_count,
        cast(sum(case when matured.has_repeated then 1 else 0 end) as bigint) as matured_repeat_count
    from matured
    inner join calendar on matured.first_purchased_date = calendar.day_date
    inner join periods
        on
            calendar.period_grain = periods.period_grain
            and calendar.period_number = periods.period_number
    inner join segments
        on
            matured.customer_number = segments.customer_number
            and matured.first_purchased_date >= segments.valid_from_date
            and matured.first_purchased_date < segments.valid_to_date
    group by
        periods.period_grain,
        periods.period_start_date,
        segments.segment_name,
        segments.segment_value
)

select * from final
