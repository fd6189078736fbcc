-- A view: only left_out reads it.
{{ config(materialized='view') }}

with

subscriptions as (
    select * from {{ ref('int_subscriptions') }}
),

without_money as (
    select
        source,
        'no_monthly_amount' as reason
    from subscriptions
    where monthly_amount is null
    union all
    select
        source,
        'currency_without_rate' as reason
    from subscriptions
    where
        monthly_amount is not null
        and monthly_amount_company is null
),

final as (
    select
        source,
        reason,
        count(*) as row_count
    from without_money
    group by source, reason
)

select * from final
