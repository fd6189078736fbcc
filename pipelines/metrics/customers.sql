-- Every known customer with facts and scores. One row per customer.
with

customer_facts as (

    select * from marts.customer_facts

),

run as (

    select * from context.run

),

dated as (

    select
        customer_facts.*,
        run.currency,
        case when customer_facts.last_purchase_date is not null then run.as_of_date end as as_of_date
    from customer_facts
    cross join run

),

-- Subtracting dates differs between engines, so days are numbered by the calendar: years, leap days, day of year.
numbered as (

    select
        dated.*,
        365 * extract(year from as_of_date) + extract(doy from as_of_date)
        + floor((extract(year from as_of_date) - 1) / 4.0)
        - floor((extract(year from as_of_date) - 1) / 100.0)
        + floor((extract(year from as_of_date) - 1) / 400.0) as as_of_day_number,
        365 * extract(year from last_purchase_date) + extract(doy from last_purchase_date)
        + floor((extract(year from last_purchase_date) - 1) / 4.0)
        - floor((extract(year from last_purchase_date) - 1) / 100.0)
        + floor((extract(year from last_purchase_date) - 1) / 400.0) as last_purchase_day_number
    from dated

),

final as (

    select
        customer_key,
        has_purchased,
        cast(date_trunc('month', first_purchase_date) as date) as cohort_month_date,
        case
            when not has_purchased then 'never_purchased'
            when is_active then 'active'
            else 'lapsed'
        end as lifecycle,
        first_purchase_date,
        last_purchase_date,
        cast(as_of_day_number - last_purchase_day_number as bigint) as days_since_last_purchase,
        order_count,
        purchase_occasion_count,
        gross_amount,
        refunded_amount,
        net_amount,
        currency,
        is_active,
        last_responded_date,
        nps_class,
        sci_class,
        registered_date
    from numbered

)

select * from final
