with

line_rows as (
    select * from {{ ref('stg_order_line_rows') }}
),

final as (
    select
        extract as source,
        order_id,
        identifier_key,
        {{ next_identifier() }} as next_identifier_key,
        ordered_at,
        ordered_date,
        quantity,
        line_amount,
        tax_amount,
        shipping_amount,
        discount_amount,
        currency,
        status,
        channel
    from line_rows
    where left_out_reason is null
)

select * from final
