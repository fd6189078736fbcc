with

hubs as (
    select * from {{ ref('int_identifier_hubs') }}
),

settings as (
    select max_identifiers_per_customer from {{ source('context', 'settings') }}
),

partners as (
    select
        all_partners.identifier_number,
        all_partners.partner_number
    from {{ ref('int_identifier_partners') }} as all_partners
    left join hubs on all_partners.identifier_number = hubs.identifier_number
    left join hubs as partner_hubs on all_partners.partner_number = partner_hubs.identifier_number
    where
        hubs.identifier_number is null
        and partner_hubs.identifier_number is null
),

labels as (
    -- The linter does not know a recursion that updates by key.
    {{ component_labels('partners', 'settings') }} -- noqa: PRS
),

sizes as (
    select
        component_number,
        count(*) as identifier_count
    from labels
    group by component_number
),

-- Partners whose numbers still differ are of a component that is longer than any customer may be.
unfinished as (
    select distinct labels.component_number
    from partners
    inner join labels on partners.identifier_number = labels.identifier_number
    inner join labels as partner_labels on partners.partner_number = partner_labels.identifier_number
    where labels.component_number <> partner_labels.component_number
),

final as (
    select
        labels.identifier_number,
        labels.component_number,
        sizes.identifier_count > settings.max_identifiers_per_customer
        or unfinished.component_number is not null as is_oversize
    from labels
    cross join settings
    inner join sizes on labels.component_number = sizes.component_number
    left join unfinished on labels.component_number = unfinished.component_number
)

select * from final
