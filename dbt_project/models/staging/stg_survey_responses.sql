with

response_rows as (
    select * from {{ ref('stg_response_rows') }}
),

final as (
    select
        {{ row_identity('has_key', 'response_id') }} as response_key,
        extract as survey,
        file_id,
        line,
        identifier_key,
        {{ next_identifier() }} as next_identifier_key,
        responded_at,
        responded_date,
        channel,
        touchpoint
    from response_rows
    where left_out_reason is null
)

select * from final
