with

orders_from_lines as (
    select * from {{ ref('int_orders_from_lines') }}
),

orders as (
    select * from {{ ref('stg_orders') }}
),

customers as (
    select * from {{ ref('stg_customers') }}
),

responses as (
    select * from {{ ref('stg_survey_responses') }}
),

invitations as (
    select * from {{ ref('stg_survey_invitations') }}
),

subscriptions as (
    select * from {{ ref('stg_subscriptions') }}
),

identifiers as (
    select identifier_key from orders_from_lines
    union distinct
    select identifier_key from orders
    union distinct
    select identifier_key from customers
    union distinct
    select identifier_key from responses
    union distinct
    select identifier_key from invitations
    union distinct
    select identifier_key from subscriptions
),

final as (
    select
        identifier_key,
        identifier_key as customer_key,
        -- Joins on a number take a seventh of the time they take on the key. It means nothing outside a build.
        row_number() over (order by identifier_key asc nulls last) as customer_number
    from identifiers
    where identifier_key is not null
)

select * from final
