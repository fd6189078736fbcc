with

subscriptions as (
    select * from {{ ref('int_subscriptions') }}
    where
        customer_number is not null
        and monthly_amount_company > 0
),

periods as (
    select * from {{ ref('int_periods') }}
    where
        period_grain <> 'all'
        and is_complete
),

-- On these days a period ends, or the one before it does.
closing_days as (
    select last_date as closing_date
    from periods
    union distinct
    select {{ add_days('period_start_date', -1) }} as closing_date
    from periods
),

final as (
    select
        subscriptions.customer_number,
        closing_days.closing_date,
        cast(sum(subscriptions.monthly_amount_company) as decimal(18, 2)) as monthly_amount
    from subscriptions
    inner join closing_days
        on
            subscriptions.started_date <= closing_days.closing_date
            and subscriptions.ended_date > closing_days.closing_date
    group by subscriptions.customer_number, closing_days.closing_date
)

select * from final
