with

histories as (
    select * from {{ ref('int_customer_histories') }}
    where fit = 'full'
),

customers as (
    select distinct
        customer_key,
        customer_number
    from {{ ref('int_customer_keys') }}
),

customer_days as (
    select * from {{ ref('int_customer_days') }}
),

run as (
    select as_of_date from {{ source('context', 'run') }}
),

-- The run's day is the last of the 365.
year_amounts as (
    select
        customer_days.customer_number,
        sum(customer_days.net_amount) as net_amount_365
    from customer_days
    cross join run
    where customer_days.ordered_date > {{ add_days('run.as_of_date', '-365') }}
    group by customer_days.customer_number
),

scores as (
    select * from {{ ref('int_rfm_scores') }}
),

segments as (
    select * from {{ ref('rfm_segments') }}
),

final as (
    select
        customers.customer_key,
        histories.frequency,
        histories.recency_days,
        histories.age_days,
        histories.spend_frequency,
        histories.spend_sum,
        cast(coalesce(year_amounts.net_amount_365, 0) as decimal(18, 2)) as net_amount_365,
        scores.rfm_recency_score,
        scores.rfm_frequency_score,
        scores.rfm_monetary_score,
        segments.rfm_segment
    from histories
    inner join customers on histories.customer_number = customers.customer_number
    left join year_amounts on histories.customer_number = year_amounts.customer_number
    left join scores on histories.customer_number = scores.customer_number
    left join segments
        on
            scores.rfm_recency_score = segments.recency_score
            and scores.rfm_frequency_score = segments.frequency_score
            and scores.rfm_monetary_score = segments.monetary_score
)

select * from final
