-- A view: a handful of rows.
{{ config(materialized='view') }}

with

scale_items as (
    select * from {{ ref('int_scale_items') }}
),

final as (
    select
        survey,
        scale_name,
        string_agg(question, ',' order by item_rank asc nulls last) as items,
        string_agg(attribute, ',' order by item_rank asc nulls last) as attributes,
        array_agg(scale_low order by item_rank asc nulls last) as scale_lows,
        array_agg(scale_high order by item_rank asc nulls last) as scale_highs,
        array_agg(low_is_good order by item_rank asc nulls last) as low_is_goods
    from scale_items
    group by survey, scale_name
)

select * from final
