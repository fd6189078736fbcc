with

refund_rows as (
    select * from {{ ref('stg_refund_rows') }}
),

final as (
    select
        extract as source,
        -- The order's own key: it is made of its extract and id.
        md5(belongs_to || '|id|' || order_id) as order_key,
        refunded_at,
        refunded_date,
        -- Some exports write what goes out with a minus.
        abs(refund_amount) as refund_amount,
        currency,
        reason
    from refund_rows
    where left_out_reason is null
)

select * from final
