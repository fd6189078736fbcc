-- A view: what it puts together is small work beside keeping it twice.
{{ config(materialized='view') }}

with

orders_from_rows as (
    select * from {{ ref('int_orders_from_rows') }}
),

orders_from_lines as (
    select * from {{ ref('int_orders_from_lines') }}
),

{% set columns %}
        order_key,
        source,
        identifier_key,
        next_identifier_key,
        ordered_at,
        ordered_date,
        paid_amount,
        gross_amount,
        refunded_amount,
        tax_amount,
        shipping_amount,
        discount_amount,
        currency,
        status,
        is_purchase,
        channel
{% endset %}
final as (
    select
        1 as row_count,
        {{ columns }}
    from orders_from_rows
    union all
    select
        line_count as row_count,
        {{ columns }}
    from orders_from_lines
)

select * from final
