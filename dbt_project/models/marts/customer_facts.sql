with

customers as (
    select distinct
        customer_key,
        customer_number
    from {{ ref('int_customer_keys') }}
),

registrations as (
    select * from {{ ref('int_customer_registrations') }}
),

totals as (
    select * from {{ ref('int_customer_totals') }}
),

classes as (
    select * from {{ ref('int_customer_classes') }}
),

run as (
    select as_of_date from {{ source('context', 'run') }}
),

settings as (
    select active_window_days from {{ source('context', 'settings') }}
),

final as (
    select
        customers.customer_key,
        totals.first_purchase_date is not null as has_purchased,
        totals.first_purchase_date,
        totals.last_purchase_date,
        coalesce(totals.order_count, 0) as order_count,
        coalesce(totals.purchase_occasion_count, 0) as purchase_occasion_count,
        cast(coalesce(totals.gross_amount, 0) as decimal(18, 2)) as gross_amount,
        cast(coalesce(totals.refunded_amount, 0) as decimal(18, 2)) as refunded_amount,
        cast(coalesce(totals.net_amount, 0) as decimal(18, 2)) as net_amount,
        coalesce(
            {{ add_days('totals.last_purchase_date', 'settings.active_window_days') }} > run.as_of_date, false
        ) as is_active,
        classes.last_responded_date,
        classes.nps_class,
        classes.sci_class,
        registrations.registered_date
    from customers
    cross join run
    cross join settings
    left join registrations on customers.customer_number = registrations.customer_number
    left join totals on customers.customer_number = totals.customer_number
    left join classes on customers.customer_number = classes.customer_number
)

select * from final
