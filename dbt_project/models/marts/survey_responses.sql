with

responses as (
    select * from {{ ref('int_survey_responses') }}
),

final as (
    select
        response_key,
        customer_key,
        survey,
        responded_at,
        responded_date,
        channel,
        touchpoint,
        cast(1 as double) as weight
    from responses
)

select * from final
