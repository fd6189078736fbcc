with

responses as (
    select * from {{ ref('stg_survey_responses') }}
),

customer_keys as (
    select * from {{ ref('int_customer_keys') }}
),

final as (
    select
        responses.response_key,
        customer_keys.customer_key,
        customer_keys.customer_number,
        responses.survey,
        responses.responded_at,
        responses.responded_date,
        responses.channel,
        responses.touchpoint
    from responses
    left join customer_keys on responses.identifier_key = customer_keys.identifier_key
)

select * from final
