{% set staged = [
    'stg_order_rows', 'stg_order_line_rows', 'stg_refund_rows', 'stg_fx_rate_rows', 'stg_customer_rows',
    'stg_customer_link_rows', 'stg_response_rows', 'stg_invitation_rows', 'stg_subscription_rows',
] -%}
with

staged_rows as (
    {%- for model in staged %}
        select
            extract as source,
            left_out_reason
        from {{ ref(model) }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

refunds as (
    select * from {{ ref('int_refunds') }}
),

final as (
    select
        source,
        left_out_reason as reason,
        count(*) as row_count
    from staged_rows
    where left_out_reason is not null
    group by source, left_out_reason
    union all
    select
        source,
        'refund_without_order' as reason,
        count(*) as row_count
    from refunds
    where not has_order
    group by source
    union all
    select
        source,
        'refund_currency_differs' as reason,
        count(*) as row_count
    from refunds
    where has_order and not is_in_order_currency
    group by source
)

select * from final
