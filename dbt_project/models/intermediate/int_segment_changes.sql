-- A view: only int_customer_segments reads it.
{{ config(materialized='view') }}

with

attributes as (
    select * from {{ ref('stg_customer_attributes') }}
),

customer_keys as (
    select * from {{ ref('int_customer_keys') }}
),

segments as (
    select * from {{ source('context', 'segments') }}
),

shown_values as (
    select
        customer_keys.customer_number,
        customer_keys.identifier_number,
        segments.segment_name,
        attributes.attribute_value as segment_value,
        attributes.held_from_date,
        -- What was said last of a day is a correction of what was said before.
        row_number() over (
            partition by customer_keys.identifier_number, segments.segment_name, attributes.held_from_date
            order by
                attributes.known_on desc nulls last,
                attributes.source desc nulls last,
                attributes.delivery_rank desc nulls last,
                attributes.line desc nulls last
        ) as recency_within_day
    from attributes
    inner join segments on attributes.attribute = segments.attribute
    inner join customer_keys on attributes.identifier_key = customer_keys.identifier_key
),

values_by_identifier as (
    select
        *,
        lag(segment_value) over (
            partition by identifier_number, segment_name
            order by held_from_date asc nulls last
        ) as previous_value
    from shown_values
    where recency_within_day = 1
),

-- Of several identifiers the change of the latest day counts, on one day that of the one known first; that another
-- one is delivered again as it was is no change.
ranked_changes as (
    select
        *,
        row_number() over (
            partition by customer_number, segment_name, held_from_date
            order by identifier_number asc nulls last
        ) as place
    from values_by_identifier
    where previous_value is null or previous_value <> segment_value
),

values_by_day as (
    select
        customer_number,
        segment_name,
        segment_value,
        held_from_date,
        lag(segment_value) over (
            partition by customer_number, segment_name
            order by held_from_date asc nulls last
        ) as value_before
    from ranked_changes
    where place = 1
),

final as (
    select
        customer_number,
        segment_name,
        segment_value,
        held_from_date,
        lead(held_from_date) over (
            partition by customer_number, segment_name
            order by held_from_date asc nulls last
        ) as next_held_from_date
    from values_by_day
    where value_before is null or value_before <> segment_value
)

select * from final
