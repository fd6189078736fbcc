with

subscription_rows as (
    select * from {{ ref('stg_subscription_rows') }}
),

final as (
    select
        {{ row_identity('has_key', 'subscription_id') }} as subscription_key,
        extract as source,
        identifier_key,
        {{ next_identifier() }} as next_identifier_key,
        started_at,
        started_date,
        ended_at,
        ended_date,
        monthly_amount,
        currency,
        plan
    from subscription_rows
    where left_out_reason is null
)

select * from final
