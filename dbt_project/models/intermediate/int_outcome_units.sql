with

classified as (
    select * from {{ ref('int_classified_responses') }}
),

totals as (
    select * from {{ ref('int_customer_totals') }}
),

run as (
    select as_of_date from {{ source('context', 'run') }}
),

horizons as (
    select 90 as horizon_days
    union all
    select 180 as horizon_days
    union all
    select 365 as horizon_days
),

-- The latest response of which the whole horizon is over: a younger one had less time to buy.
ranked_responses as (
    select
        classified.metric,
        classified.survey,
        classified.customer_number,
        classified.responded_date,
        classified.class,
        horizons.horizon_days,
        {{ add_days('classified.responded_date', 'horizons.horizon_days') }} as horizon_end_date,
        row_number() over (
            partition by
                classified.metric,
                classified.survey,
                classified.customer_number,
                horizons.horizon_days
            order by
                classified.responded_at desc nulls last,
                classified.response_key desc nulls last
        ) as recency
    from classified
    cross join horizons
    cross join run
    where {{ add_days('classified.responded_date', 'horizons.horizon_days') }} <= run.as_of_date
),

-- Whoever had not bought by then cannot buy again; that a customer bought later must not decide who counts.
final as (
    select
        ranked_responses.metric,
        ranked_responses.survey,
        ranked_responses.horizon_days,
        ranked_responses.customer_number,
        ranked_responses.responded_date,
        ranked_responses.horizon_end_date,
        ranked_responses.class
    from ranked_responses
    inner join totals
        on
            ranked_responses.customer_number = totals.customer_number
            and ranked_responses.responded_date >= totals.first_purchase_date
    where ranked_responses.recency = 1
)

select * from final
