with

link_rows as (
    select * from {{ ref('stg_customer_link_rows') }}
),

final as (
    select
        extract as source,
        identifier_key,
        linked_key
    from link_rows
    where left_out_reason is null
)

select * from final
