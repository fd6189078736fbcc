with

identifiers as (
    select * from {{ ref('int_identifiers') }}
),

components as (
    select * from {{ ref('int_identifier_components') }}
    where not is_oversize
),

sightings as (
    select * from {{ ref('int_identifier_sightings') }}
    where is_counted
),

hubs as (
    select * from {{ ref('int_identifier_hubs') }}
),

-- By these rows find their customer; an address that only stands beside a number makes nobody a customer.
telling_identifiers as (
    select
        {{ telling_identifier('sightings', 'hubs') }} as identifier_key,
        bool_or(sightings.kind not in ('survey_responses', 'survey_invitations')) as is_beyond_surveys
    from sightings
    left join hubs on sightings.identifier_key = hubs.identifier_key
    group by {{ telling_identifier('sightings', 'hubs') }}
),

numbered as (
    select
        identifiers.identifier_key,
        identifiers.identifier_number,
        -- Numbers are given in the order in which identifiers became known, so the smallest is the one known first.
        coalesce(components.component_number, identifiers.identifier_number) as customer_number
    from identifiers
    left join components on identifiers.identifier_number = components.identifier_number
),

customers as (
    select
        numbered.customer_number,
        bool_or(telling_identifiers.is_beyond_surveys) as is_beyond_surveys
    from telling_identifiers
    inner join numbered on telling_identifiers.identifier_key = numbered.identifier_key
    group by numbered.customer_number
),

final as (
    select
        numbered.identifier_key,
        numbered.identifier_number,
        known_first.identifier_key as customer_key,
        numbered.customer_number,
        customers.is_beyond_surveys
    from numbered
    inner join customers on numbered.customer_number = customers.customer_number
    inner join identifiers as known_first on numbered.customer_number = known_first.identifier_number
)

select * from final
