-- A view: only customer_facts reads it.
{{ config(materialized='view') }}

with

customers as (
    select * from {{ ref('stg_customers') }}
    where registered_date is not null
),

customer_keys as (
    select * from {{ ref('int_customer_keys') }}
),

final as (
    select
        customer_keys.customer_number,
        min(customers.registered_date) as registered_date
    from customers
    inner join customer_keys on customers.identifier_key = customer_keys.identifier_key
    group by customer_keys.customer_number
)

select * from final
