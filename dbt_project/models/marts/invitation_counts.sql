with

units as (
    select * from {{ ref('int_invited_units') }}
),

customer_segments as (
    select * from {{ ref('int_customer_segments') }}
),

segments as (
    select
        segment_name,
        'unknown' as segment_value
    from {{ source('context', 'segments') }}
    union all
    select
        'all' as segment_name,
        'all' as segment_value
),

placed_units as (
    select
        units.*,
        customer_segments.segment_name,
        customer_segments.segment_value
    from units
    inner join customer_segments
        on
            units.customer_number = customer_segments.customer_number
            and units.invited_date >= customer_segments.valid_from_date
            and units.invited_date < customer_segments.valid_to_date
    union all
    select
        units.*,
        segments.segment_name,
        segments.segment_value
    from units
    cross join segments
    where units.customer_number is null
),

final as (
    select
        survey,
        period_grain,
        period_start_date,
        segment_name,
        segment_value,
        cast(sum(chosen_count) as bigint) as chosen_count,
        cast(sum(sent_count) as bigint) as sent_count,
        cast(sum(delivered_count) as bigint) as delivered_count,
        cast(sum(response_count) as bigint) as response_count,
        cast(sum(complete_count) as bigint) as complete_count,
        cast(sum(anonymous_response_count) as bigint) as anonymous_response_count
    from placed_units
    group by survey, period_grain, period_start_date, segment_name, segment_value
)

select * from final
