-- Counted on both sides apart: raw rows straight from the files, kept rows from the tables without left-out rows.
with

raw_rows as (
    select extract as source from {{ source('raw', 'orders') }}
    union all
    select extract as source from {{ source('raw', 'order_lines') }}
    union all
    select extract as source from {{ source('raw', 'customers') }}
    union all
    select extract as source from {{ source('raw', 'survey_responses') }}
),

tallies as (
    select
        source,
        1 as raw_count,
        0 as used_count,
        0 as loaded_count
    from raw_rows
    union all
    select
        source,
        0 as raw_count,
        1 as used_count,
        0 as loaded_count
    from {{ ref('stg_orders') }}
    union all
    select
        source,
        0 as raw_count,
        line_count as used_count,
        0 as loaded_count
    from {{ ref('int_orders_from_lines') }}
    union all
    select
        source,
        0 as raw_count,
        1 as used_count,
        0 as loaded_count
    from {{ ref('stg_customers') }}
    union all
    select
        survey as source,
        0 as raw_count,
        1 as used_count,
        0 as loaded_count
    from {{ ref('survey_responses') }}
    union all
    select
        source,
        0 as raw_count,
        row_count as used_count,
        0 as loaded_count
    from {{ ref('left_out') }}
    where
        stage = 'transform'
        and treatment = 'dropped'
    union all
    select
        extract as source,
        0 as raw_count,
        0 as used_count,
        rows_loaded as loaded_count
    from {{ source('context', 'files') }}
)

select
    source,
    sum(raw_count) as raw_count,
    sum(used_count) as used_count,
    sum(loaded_count) as loaded_count
from tallies
group by source
having
    sum(raw_count) <> sum(used_count)
    or sum(raw_count) <> sum(loaded_count)
