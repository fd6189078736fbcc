with

partners as (
    select * from {{ ref('int_identifier_partners') }}
),

identifiers as (
    select * from {{ ref('int_identifiers') }}
),

settings as (
    select max_links_per_identifier from {{ source('context', 'settings') }}
),

counted_partners as (
    select
        identifier_number,
        count(*) as partner_count
    from partners
    group by identifier_number
),

final as (
    select
        identifiers.identifier_key,
        identifiers.identifier_number,
        counted_partners.partner_count
    from counted_partners
    cross join settings
    inner join identifiers on counted_partners.identifier_number = identifiers.identifier_number
    where counted_partners.partner_count > settings.max_links_per_identifier
)

select * from final
