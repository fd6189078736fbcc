{% set staged = {
    'orders': 'stg_order_rows',
    'order_lines': 'stg_order_line_rows',
    'customers': 'stg_customer_rows',
    'survey_responses': 'stg_response_rows',
    'survey_invitations': 'stg_invitation_rows',
    'subscriptions': 'stg_subscription_rows',
} -%}
with

known_rows as (
    {%- for kind, model in staged.items() %}
        select
            '{{ kind }}' as kind,
            identifier_key,
            account_key,
            email_key,
            phone_key,
            known_on,
            left_out_reason
        from {{ ref(model) }}
        where
            identifier_key is not null
            and coalesce(left_out_reason, 'counted') <> 'not_yet_known'
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- Rows that another one replaced don't count, but what stood in them was known from then on.
final as (
    select
        kind,
        identifier_key,
        account_key,
        email_key,
        phone_key,
        {{ next_identifier() }} as next_identifier_key,
        min(known_on) as first_known_on,
        bool_or(left_out_reason is null) as is_counted
    from known_rows
    group by kind, identifier_key, account_key, email_key, phone_key
)

select * from final
