with

links as (
    select * from {{ ref('int_identifier_links') }}
),

final as (
    select
        identifier_number,
        linked_number as partner_number
    from links
    union distinct
    select
        linked_number as identifier_number,
        identifier_number as partner_number
    from links
)

select * from final
