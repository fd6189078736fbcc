with

order_rows as (
    select * from {{ ref('stg_order_rows') }}
),

final as (
    select
        {{ row_identity('has_key', 'order_id') }} as order_key,
        extract as source,
        identifier_key,
        {{ next_identifier() }} as next_identifier_key,
        ordered_at,
        ordered_date,
        gross_amount,
        refunded_amount,
        tax_amount,
        shipping_amount,
        discount_amount,
        currency,
        status,
        channel
    from order_rows
    where left_out_reason is null
)

select * from final
