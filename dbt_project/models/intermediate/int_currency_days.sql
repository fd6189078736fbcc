with

orders as (
    select
        currency,
        ordered_date
    from {{ ref('int_placed_orders') }}
),

rates as (
    select * from {{ ref('stg_fx_rates') }}
),

run as (
    select currency as company_currency from {{ source('context', 'run') }}
),

settings as (
    select fx_max_age_days from {{ source('context', 'settings') }}
),

foreign_days as (
    select distinct
        orders.currency,
        orders.ordered_date
    from orders
    inner join run on orders.currency <> run.company_currency
),

-- Of a day's rates the one known last counts, then that of the extract with the later name.
ranked_rates as (
    select
        foreign_days.currency,
        foreign_days.ordered_date,
        rates.rate_date,
        rates.rate,
        row_number() over (
            partition by foreign_days.currency, foreign_days.ordered_date
            order by
                rates.rate_date desc nulls last,
                rates.known_on desc nulls last,
                rates.source desc nulls last,
                rates.file_id desc nulls last,
                rates.line desc nulls last
        ) as recency
    from foreign_days
    cross join settings
    inner join rates
        on
            foreign_days.currency = rates.currency
            and foreign_days.ordered_date >= rates.rate_date
            and foreign_days.ordered_date <= {{ add_days('rates.rate_date', 'settings.fx_max_age_days') }}
),

final as (
    select
        currency,
        ordered_date,
        rate_date,
        rate
    from ranked_rates
    where recency = 1
)

select * from final
