with

histories as (
    select * from {{ ref('int_customer_histories') }}
),

final as (
    select
        fit,
        spend_frequency as frequency,
        spend_sum,
        count(*) as customer_count
    from histories
    group by fit, spend_frequency, spend_sum
)

select * from final
