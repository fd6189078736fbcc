with

response_combinations as (
    select * from {{ ref('int_response_combinations') }}
),

response_segments as (
    select * from {{ ref('int_response_segments') }}
),

final as (
    select distinct
        response_combinations.combination_number,
        response_segments.segment_name,
        response_segments.segment_value
    from response_combinations
    inner join response_segments on response_combinations.response_key = response_segments.response_key
)

select * from final
