-- Counted on both sides apart: raw rows straight from the files, kept rows from the tables without left-out rows.
{% set raw_tables = [
    'orders', 'order_lines', 'refunds', 'fx_rates', 'customers', 'customer_links', 'survey_responses',
    'survey_invitations', 'subscriptions',
] -%}
{% set kept_row_by_row = [
    'stg_orders', 'stg_fx_rates', 'stg_customers', 'stg_customer_links', 'stg_survey_invitations',
    'stg_subscriptions',
] -%}
with

tallies as (
{%- for table in raw_tables %}
    select
        extract as source,
        1 as raw_count,
        0 as used_count,
        0 as loaded_count
    from {{ source('raw', table) }}
    union all
{%- endfor %}
{%- for model in kept_row_by_row %}
    select
        source,
        0 as raw_count,
        1 as used_count,
        0 as loaded_count
    from {{ ref(model) }}
    union all
{%- endfor %}
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
    from {{ ref('int_refunds') }}
    where is_in_order_currency
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
