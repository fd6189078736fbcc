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

-- Spells do not overlap, so one at most reaches beyond the run's day.
active_customers as (
    select spells.customer_number
    from {{ ref('int_active_spells') }} as spells
    cross join run
    where spells.last_active_date > run.as_of_date
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
        active_customers.customer_number is not null as is_active,
        classes.last_responded_date,
        classes.nps_class,
        classes.sci_class,
        registrations.registered_date
    from customers
    left join registrations on customers.customer_number = registrations.customer_number
    left join totals on customers.customer_number = totals.customer_number
    left join active_customers on customers.customer_number = active_customers.customer_number
    left join classes on customers.customer_number = classes.customer_number
)

select * from final
