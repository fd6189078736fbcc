with

responses as (
    select * from {{ ref('stg_survey_responses') }}
),

customer_keys as (
    select * from {{ ref('int_customer_keys') }}
),

hubs as (
    select * from {{ ref('int_identifier_hubs') }}
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
    left join hubs on responses.identifier_key = hubs.identifier_key
    left join customer_keys on {{ telling_identifier('responses', 'hubs') }} = customer_keys.identifier_key
)

select * from final
