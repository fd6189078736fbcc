with

subscriptions as (
    select * from {{ ref('stg_subscriptions') }}
),

customer_keys as (
    select * from {{ ref('int_customer_keys') }}
),

hubs as (
    select * from {{ ref('int_identifier_hubs') }}
),

rates as (
    select * from {{ ref('stg_fx_rates') }}
),

run as (
    select
        as_of_date,
        currency as company_currency
    from {{ source('context', 'run') }}
),

settings as (
    select fx_max_age_days from {{ source('context', 'settings') }}
),

-- Of a day's rates the one known last counts, then that of the extract with the later name.
ranked_rates as (
    select
        rates.currency,
        rates.rate,
        row_number() over (
            partition by rates.currency
            order by
                rates.rate_date desc nulls last,
                rates.known_on desc nulls last,
                rates.source desc nulls last,
                rates.file_id desc nulls last,
                rates.line desc nulls last
        ) as recency
    from rates
    cross join run
    cross join settings
    where
        rates.rate_date <= run.as_of_date
        and run.as_of_date <= {{ add_days('rates.rate_date', 'settings.fx_max_age_days') }}
),

-- One rate for all of history, that of the run's day: what moves is what customers pay, and not what money is worth.
final as (
    select
        subscriptions.subscription_key,
        subscriptions.source,
        customer_keys.customer_number,
        subscriptions.started_date,
        coalesce(subscriptions.ended_date, {{ latest_date() }}) as ended_date,
        subscriptions.monthly_amount,
        cast(
            round(
                subscriptions.monthly_amount
                * case
                    when subscriptions.currency = run.company_currency then cast(1 as decimal(18, 8))
                    else ranked_rates.rate
                end,
                2
            ) as decimal(18, 2)
        ) as monthly_amount_company
    from subscriptions
    cross join run
    left join hubs on subscriptions.identifier_key = hubs.identifier_key
    left join customer_keys on {{ telling_identifier('subscriptions', 'hubs') }} = customer_keys.identifier_key
    left join ranked_rates
        on
            subscriptions.currency = ranked_rates.currency
            and ranked_rates.recency = 1
)

select * from final
