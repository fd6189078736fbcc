with

invitation_rows as (
    select * from {{ ref('stg_invitation_rows') }}
),

final as (
    select
        {{ row_identity('has_key', 'invitation_id') }} as invitation_key,
        extract as source,
        belongs_to as survey,
        identifier_key,
        {{ next_identifier() }} as next_identifier_key,
        invited_at,
        invited_date,
        status
    from invitation_rows
    where left_out_reason is null
)

select * from final
