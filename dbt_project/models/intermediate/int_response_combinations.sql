with

response_segments as (
    select * from {{ ref('int_response_segments') }}
),

segment_values as (
    select distinct
        segment_name,
        segment_value
    from response_segments
),

numbered_values as (
    select
        segment_name,
        segment_value,
        cast(rank() over (order by segment_name asc nulls last, segment_value asc nulls last) as integer)
            as value_number
    from segment_values
),

-- In numbers, since lists of texts take long to put in order.
values_by_response as (
    select
        response_segments.response_key,
        array_agg(numbered_values.value_number order by numbered_values.value_number asc nulls last) as value_numbers
    from response_segments
    inner join numbered_values
        on
            response_segments.segment_name = numbered_values.segment_name
            and response_segments.segment_value = numbered_values.segment_value
    group by response_segments.response_key
),

combinations as (
    select distinct value_numbers from values_by_response
),

numbered_combinations as (
    select
        value_numbers,
        cast(rank() over (order by value_numbers asc nulls last) as integer) as combination_number
    from combinations
),

final as (
    select
        values_by_response.response_key,
        numbered_combinations.combination_number
    from values_by_response
    inner join numbered_combinations on values_by_response.value_numbers = numbered_combinations.value_numbers
)

select * from final
