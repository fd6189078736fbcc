with

histories as (
    select * from {{ ref('int_customer_histories') }}
),

final as (
    select
        fit,
        frequency,
        recency_days,
        age_days,
        count(*) as customer_count,
        cast(
            case when fit = 'calibration' then sum(holdout_occasion_count) end as bigint
        ) as holdout_occasion_count,
        cast(
            case when fit = 'calibration' then sum(case when holdout_occasion_count > 0 then 1 else 0 end) end as bigint
        ) as holdout_customer_count,
        cast(
            case when fit = 'calibration' then sum(holdout_net_amount) end as decimal(18, 2)
        ) as holdout_net_amount_sum
    from histories
    group by fit, frequency, recency_days, age_days
)

select * from final
