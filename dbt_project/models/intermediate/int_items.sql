-- A view: a handful of rows.
{{ config(materialized='view') }}

with

questions as (
    select * from {{ source('context', 'questions') }}
),

items as (
    select
        survey,
        question as item,
        construct,
        scale_low,
        scale_high,
        low_is_good,
        coalesce(version, 'all') as version,
        coalesce(scale_name, 'all') as scale_name
    from questions
    union all
    select distinct
        survey,
        'all' as item,
        'secure_customer_index' as construct,
        -3 as scale_low,
        4 as scale_high,
        false as low_is_good,
        'all' as version,
        'all' as scale_name
    from questions
),

final as (
    select
        items.*,
        cast(rank() over (order by items.survey asc nulls last, items.item asc nulls last) as integer) as item_number
    from items
)

select * from final
