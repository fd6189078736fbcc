with

occasions as (
    select * from {{ ref('int_purchase_occasions') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

final as (
    select
        occasions.customer_number,
        calendar.period_grain,
        calendar.period_number,
        cast(sum(occasions.occasion_count) as bigint) as occasion_count
    from occasions
    inner join calendar on occasions.purchased_date = calendar.day_date
    group by occasions.customer_number, calendar.period_grain, calendar.period_number
)

select * from final
