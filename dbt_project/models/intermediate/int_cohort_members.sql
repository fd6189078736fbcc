with

totals as (
    select * from {{ ref('int_customer_totals') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

segments as (
    select * from {{ ref('int_customer_segments') }}
),

final as (
    select
        totals.customer_number,
        calendar.period_grain,
        calendar.period_number as cohort_number,
        segments.segment_name,
        segments.segment_value
    from totals
    inner join calendar on totals.first_purchase_date = calendar.day_date
    inner join segments
        on
            totals.customer_number = segments.customer_number
            and totals.first_purchase_date >= segments.valid_from_date
            and totals.first_purchase_date < segments.valid_to_date
    where calendar.period_grain in ('month', 'quarter')
)

select * from final
