with

histories as (
    select * from {{ ref('int_customer_histories') }}
    where fit = 'calibration'
),

final as (
    select
        frequency,
        recency_days,
        age_days,
        window_occasion_count,
        holdout_occasion_count,
        count(*) as customer_count
    from histories
    group by
        frequency,
        recency_days,
        age_days,
        window_occasion_count,
        holdout_occasion_count
)

select * from final
