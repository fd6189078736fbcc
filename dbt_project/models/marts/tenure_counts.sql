with

tenures as (
    select * from {{ ref('int_tenures') }}
),

segments as (
    select * from {{ ref('int_customer_segments') }}
),

final as (
    select
        tenures.event,
        segments.segment_name,
        segments.segment_value,
        tenures.entry_day,
        tenures.exit_day,
        tenures.is_event,
        count(*) as customer_count
    from tenures
    inner join segments
        on
            tenures.customer_number = segments.customer_number
            and tenures.watched_from_date >= segments.valid_from_date
            and tenures.watched_from_date < segments.valid_to_date
    group by
        tenures.event,
        segments.segment_name,
        segments.segment_value,
        tenures.entry_day,
        tenures.exit_day,
        tenures.is_event
)

select * from final
