with

order_rows as (
    select * from {{ ref('stg_orders') }}
),

orders_from_lines as (
    select * from {{ ref('int_orders_from_lines') }}
),

responses as (
    select * from {{ ref('stg_survey_responses') }}
),

run as (
    select
        currency as home_currency,
        history_start_date
    from {{ source('context', 'run') }}
),

events as (
    select
        source,
        identifier_key,
        currency,
        ordered_date as event_date,
        1 as row_count
    from order_rows
    union all
    select
        source,
        identifier_key,
        currency,
        ordered_date as event_date,
        line_count as row_count
    from orders_from_lines
    union all
    select
        survey as source,
        identifier_key,
        null as currency,
        responded_date as event_date,
        1 as row_count
    from responses
),

-- The rows behind each event: an order of ten lines is ten rows.
rows_by_reason as (
    select
        events.source,
        sum(case when events.identifier_key is null then events.row_count else 0 end) as no_customer_count,
        sum(case when events.currency <> run.home_currency then events.row_count else 0 end)
            as currency_without_rate_count,
        sum(case when events.event_date < run.history_start_date then events.row_count else 0 end)
            as before_history_start_count
    from events
    cross join run
    group by events.source
),

counted as (
    select
        source,
        'no_customer' as reason,
        no_customer_count as row_count
    from rows_by_reason
    union all
    select
        source,
        'currency_without_rate' as reason,
        currency_without_rate_count as row_count
    from rows_by_reason
    union all
    select
        source,
        'before_history_start' as reason,
        before_history_start_count as row_count
    from rows_by_reason
),

final as (
    select
        source,
        reason,
        cast(row_count as bigint) as row_count
    from counted
    where row_count > 0
)

select * from final
