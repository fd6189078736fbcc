with

rejected_rows as (
    select * from {{ source('rejected', 'rows') }}
),

final as (
    select
        extract as source,
        file_id,
        line,
        column_name,
        reason
    from rejected_rows
)

select * from final
