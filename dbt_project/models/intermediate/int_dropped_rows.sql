with

order_rows as (
    select * from {{ ref('stg_order_rows') }}
),

order_line_rows as (
    select * from {{ ref('stg_order_line_rows') }}
),

customer_rows as (
    select * from {{ ref('stg_customer_rows') }}
),

response_rows as (
    select * from {{ ref('stg_response_rows') }}
),

all_rows as (
    select
        extract as source,
        left_out_reason
    from order_rows
    union all
    select
        extract as source,
        left_out_reason
    from order_line_rows
    union all
    select
        extract as source,
        left_out_reason
    from customer_rows
    union all
    select
        extract as source,
        left_out_reason
    from response_rows
),

final as (
    select
        source,
        left_out_reason as reason,
        count(*) as row_count
    from all_rows
    where left_out_reason is not null
    group by source, left_out_reason
)

select * from final
