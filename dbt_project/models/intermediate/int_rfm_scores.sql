with

histories as (
    select
        customer_number,
        frequency,
        age_days - recency_days as idle_days
    from {{ ref('int_customer_histories') }}
    where fit = 'full'
),

totals as (
    select
        customer_number,
        net_amount
    from {{ ref('int_customer_totals') }}
),

-- Equal customers share the average of the ranks that they take up: rank + (how many they are - 1) / 2, doubled here.
ranked as (
    select
        histories.customer_number,
        count(*) over () as customer_count,
        2 * rank() over (order by histories.idle_days desc nulls last)
        + count(*) over (partition by histories.idle_days) - 1 as recency_rank_twice,
        2 * rank() over (order by histories.frequency asc nulls last)
        + count(*) over (partition by histories.frequency) - 1 as frequency_rank_twice,
        2 * rank() over (order by totals.net_amount asc nulls last)
        + count(*) over (partition by totals.net_amount) - 1 as monetary_rank_twice
    from histories
    inner join totals on histories.customer_number = totals.customer_number
),

-- A score is ceil(5 x average rank / customers). Fewer than five customers cannot fill five scores.
final as (
    select
        customer_number,
        cast(ceil(cast(5 * recency_rank_twice as double) / (2 * customer_count)) as bigint) as rfm_recency_score,
        cast(ceil(cast(5 * frequency_rank_twice as double) / (2 * customer_count)) as bigint) as rfm_frequency_score,
        cast(ceil(cast(5 * monetary_rank_twice as double) / (2 * customer_count)) as bigint) as rfm_monetary_score
    from ranked
    where customer_count >= 5
)

select * from final
