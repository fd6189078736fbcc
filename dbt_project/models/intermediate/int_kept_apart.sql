with

orders as (
    select * from {{ ref('int_orders') }}
),

responses as (
    select * from {{ ref('stg_survey_responses') }}
),

invitations as (
    select * from {{ ref('stg_survey_invitations') }}
),

run as (
    select history_start_date from {{ source('context', 'run') }}
),

-- The rows behind each event: an order of ten lines is ten rows.
events as (
    select
        source,
        customer_key is null as has_no_customer,
        gross_amount_company is null as has_no_rate,
        ordered_date as event_date,
        row_count
    from orders
    union all
    select
        survey as source,
        identifier_key is null as has_no_customer,
        false as has_no_rate,
        responded_date as event_date,
        1 as row_count
    from responses
    union all
    select
        source,
        identifier_key is null as has_no_customer,
        false as has_no_rate,
        invited_date as event_date,
        1 as row_count
    from invitations
),

rows_by_reason as (
    select
        events.source,
        sum(case when events.has_no_customer then events.row_count else 0 end) as no_customer_count,
        sum(case when events.has_no_rate then events.row_count else 0 end) as currency_without_rate_count,
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
