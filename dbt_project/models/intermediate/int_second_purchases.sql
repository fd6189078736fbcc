with

occasions as (
    select * from {{ ref('int_purchase_occasions') }}
),

with_next as (
    select
        customer_number,
        purchased_date,
        occasion_count,
        lead(purchased_date) over by_date as next_purchased_date,
        row_number() over by_date as place
    from occasions
    window by_date as (
        partition by customer_number
        order by purchased_date asc nulls last
    )
),

final as (
    select
        customer_number,
        purchased_date as first_purchased_date,
        -- Where each purchase is an occasion, the second may be on the first's day.
        case when occasion_count > 1 then purchased_date else next_purchased_date end as second_purchased_date
    from with_next
    where place = 1
)

select * from final
