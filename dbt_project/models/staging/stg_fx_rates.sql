with

rate_rows as (
    select * from {{ ref('stg_fx_rate_rows') }}
),

final as (
    select
        extract as source,
        file_id,
        line,
        known_on,
        currency,
        rate_date,
        rate
    from rate_rows
    where left_out_reason is null
)

select * from final
