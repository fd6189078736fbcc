-- A view: a filter on a table.
{{ config(materialized='view') }}

with

customer_days as (
    select * from {{ ref('int_customer_days') }}
),

final as (
    select
        customer_number,
        ordered_date as purchased_date,
        occasion_count
    from customer_days
    where occasion_count > 0
)

select * from final
