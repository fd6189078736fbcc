with

subscription_amounts as (
    select * from {{ ref('int_subscription_amounts') }}
),

subscriptions as (
    select
        customer_number,
        min(started_date) as first_date
    from {{ ref('int_subscriptions') }}
    where monthly_amount_company > 0
    group by customer_number
),

customer_periods as (
    select * from {{ ref('int_customer_periods') }}
),

totals as (
    select * from {{ ref('int_customer_totals') }}
),

periods as (
    select * from {{ ref('int_periods') }}
    where
        period_grain <> 'all'
        and is_complete
),

sides as (
    select
        'subscriptions' as revenue_source,
        subscription_amounts.customer_number,
        periods.period_grain,
        periods.period_number,
        0 as before_amount,
        subscription_amounts.monthly_amount as now_amount
    from subscription_amounts
    inner join periods on subscription_amounts.closing_date = periods.last_date
    union all
    select
        'subscriptions' as revenue_source,
        subscription_amounts.customer_number,
        periods.period_grain,
        periods.period_number,
        subscription_amounts.monthly_amount as before_amount,
        0 as now_amount
    from subscription_amounts
    inner join periods on subscription_amounts.closing_date = {{ add_days('periods.period_start_date', -1) }}
    union all
    select
        'orders' as revenue_source,
        customer_number,
        period_grain,
        period_number,
        0 as before_amount,
        net_amount as now_amount
    from customer_periods
    where period_number > 1
    union all
    select
        'orders' as revenue_source,
        customer_number,
        period_grain,
        period_number + 1 as period_number,
        net_amount as before_amount,
        0 as now_amount
    from customer_periods
),

final as (
    select
        sides.revenue_source,
        sides.customer_number,
        sides.period_grain,
        sides.period_number,
        coalesce(
            max(
                case
                    when sides.revenue_source = 'orders' then totals.first_purchase_date
                    else subscriptions.first_date
                end
            ) >= max(periods.period_start_date),
            false
        ) as is_new,
        cast(sum(sides.before_amount) as decimal(18, 2)) as before_amount,
        cast(sum(sides.now_amount) as decimal(18, 2)) as now_amount
    from sides
    inner join periods
        on
            sides.period_grain = periods.period_grain
            and sides.period_number = periods.period_number
    left join totals on sides.customer_number = totals.customer_number
    left join subscriptions on sides.customer_number = subscriptions.customer_number
    group by sides.revenue_source, sides.customer_number, sides.period_grain, sides.period_number
    having sum(sides.before_amount) <> 0 or sum(sides.now_amount) <> 0
)

select * from final
