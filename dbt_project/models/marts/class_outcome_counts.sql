with

units as (
    select * from {{ ref('int_outcome_units') }}
),

customer_days as (
    select * from {{ ref('int_customer_days') }}
),

-- One customer and day may stand for several surveys and both classifications.
windows as (
    select distinct
        customer_number,
        responded_date,
        horizon_end_date
    from units
),

-- Strictly after the day of the response: what led to the survey is no outcome of it.
bought_afterwards as (
    select
        windows.customer_number,
        windows.responded_date,
        windows.horizon_end_date,
        sum(customer_days.occasion_count) as occasion_count,
        sum(customer_days.net_amount) as net_amount
    from windows
    inner join customer_days
        on
            windows.customer_number = customer_days.customer_number
            and windows.responded_date < customer_days.ordered_date
            and windows.horizon_end_date >= customer_days.ordered_date
    group by windows.customer_number, windows.responded_date, windows.horizon_end_date
),

outcomes as (
    select
        units.metric,
        units.survey,
        units.class,
        units.horizon_days,
        cast(coalesce(bought_afterwards.occasion_count, 0) as bigint) as occasion_count,
        cast(coalesce(bought_afterwards.net_amount, 0) as decimal(18, 2)) as net_amount
    from units
    left join bought_afterwards
        on
            units.customer_number = bought_afterwards.customer_number
            and units.responded_date = bought_afterwards.responded_date
            and units.horizon_end_date = bought_afterwards.horizon_end_date
),

final as (
    select
        metric,
        survey,
        class,
        horizon_days,
        count(*) as customer_count,
        cast(sum(case when occasion_count > 0 then 1 else 0 end) as bigint) as repurchased_count,
        cast(sum(occasion_count) as bigint) as occasion_sum,
        cast(sum(occasion_count * occasion_count) as bigint) as occasion_square_sum,
        cast(sum(net_amount) as decimal(18, 2)) as net_amount_sum,
        cast(sum(net_amount * net_amount) as decimal(38, 4)) as net_amount_square_sum
    from outcomes
    group by metric, survey, class, horizon_days
)

select * from final
