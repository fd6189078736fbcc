with

customers as (
    select * from {{ ref('int_weighting_customers') }}
),

segments as (
    select * from {{ ref('int_customer_segments') }}
),

final as (
    select distinct
        customers.combination_number,
        segments.segment_name,
        segments.segment_value
    from customers
    inner join segments
        on
            customers.customer_number = segments.customer_number
            and customers.moment_date > segments.valid_from_date
            and customers.moment_date <= segments.valid_to_date
)

select * from final
