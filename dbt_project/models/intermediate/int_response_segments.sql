with

responses as (
    select * from {{ ref('int_survey_responses') }}
),

customer_segments as (
    select * from {{ ref('int_customer_segments') }}
),

segments as (
    select * from {{ source('context', 'segments') }}
),

of_known_customers as (
    select
        responses.response_key,
        customer_segments.segment_name,
        customer_segments.segment_value
    from responses
    inner join customer_segments
        on
            responses.customer_number = customer_segments.customer_number
            and responses.responded_date >= customer_segments.valid_from_date
            and responses.responded_date < customer_segments.valid_to_date
),

anonymous as (
    select response_key
    from responses
    where customer_number is null
),

final as (
    select * from of_known_customers
    union all
    select
        response_key,
        'all' as segment_name,
        'all' as segment_value
    from anonymous
    union all
    select
        anonymous.response_key,
        segments.segment_name,
        'unknown' as segment_value
    from anonymous
    cross join segments
)

select * from final
