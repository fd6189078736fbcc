with

customer_rows as (
    select * from {{ ref('stg_customer_rows') }}
),

final as (
    select
        extract as source,
        file_id,
        line,
        identifier_key,
        registered_at,
        registered_date
    from customer_rows
    where left_out_reason is null
)

select * from final
