with

customer_days as (
    select * from {{ ref('int_customer_days') }}
),

occasions as (
    select * from {{ ref('int_purchase_occasions') }}
),

run as (
    select
        run.as_of_date,
        chosen.holdout_days
    from {{ source('context', 'run') }} as run
    cross join {{ source('context', 'settings') }} as chosen
),

-- The log is cut first: what follows the last day of a fit is its holdout, and tells the fit nothing.
fits as (
    select
        'full' as fit,
        as_of_date as last_date,
        {{ add_days('as_of_date', '-holdout_days') }} as window_before_date
    from run
    union all
    select
        'calibration' as fit,
        {{ add_days('as_of_date', '-holdout_days') }} as last_date,
        {{ add_days('as_of_date', '-2 * holdout_days') }} as window_before_date
    from run
),

firsts as (
    select
        customer_number,
        min(purchased_date) as first_date
    from occasions
    group by customer_number
),

-- Whoever first bought in the holdout is no customer of the calibration.
placed as (
    select
        fits.fit,
        fits.last_date,
        customer_days.customer_number,
        firsts.first_date,
        customer_days.ordered_date,
        customer_days.net_amount,
        customer_days.occasion_count > 0 as is_purchase,
        customer_days.valued_order_count > 0 as is_valued,
        customer_days.ordered_date <= fits.last_date as is_known,
        customer_days.ordered_date > fits.window_before_date as is_recent
    from customer_days
    inner join firsts on customer_days.customer_number = firsts.customer_number
    cross join fits
    where firsts.first_date <= fits.last_date
),

added_up as (
    select
        fit,
        customer_number,
        first_date,
        last_date,
        max(case when is_purchase and is_known then ordered_date end) as last_purchase_date,
        sum(case when is_purchase and is_known and ordered_date > first_date then 1 else 0 end) as frequency,
        sum(
            case when is_purchase and is_valued and is_known and ordered_date > first_date then 1 else 0 end
        ) as spend_frequency,
        sum(case when is_known and ordered_date > first_date then net_amount else 0 end) as spend_sum,
        sum(
            case when is_purchase and is_known and is_recent and ordered_date > first_date then 1 else 0 end
        ) as window_occasion_count,
        sum(case when is_purchase and not is_known then 1 else 0 end) as holdout_occasion_count,
        sum(case when not is_known then net_amount else 0 end) as holdout_net_amount
    from placed
    group by fit, customer_number, first_date, last_date
),

final as (
    select
        fit,
        customer_number,
        cast(frequency as bigint) as frequency,
        {{ days_between('first_date', 'last_purchase_date') }} as recency_days,
        {{ days_between('first_date', 'last_date') }} as age_days,
        cast(spend_frequency as bigint) as spend_frequency,
        -- Money given back after a first purchase without another is no spend on a repeat purchase.
        cast(case when spend_frequency > 0 then spend_sum else 0 end as decimal(18, 2)) as spend_sum,
        cast(window_occasion_count as bigint) as window_occasion_count,
        cast(holdout_occasion_count as bigint) as holdout_occasion_count,
        cast(holdout_net_amount as decimal(18, 2)) as holdout_net_amount
    from added_up
)

select * from final
