{% set keys = ['identifier_key', 'account_key', 'email_key', 'phone_key'] -%}
with

sightings as (
    select * from {{ ref('int_identifier_sightings') }}
    where is_counted
),

customer_links as (
    select * from {{ ref('stg_customer_links') }}
),

identifiers as (
    select * from {{ ref('int_identifiers') }}
),

linked_keys as (
    {%- for one in keys %}
        {%- for other in keys[loop.index:] %}
            select
                'same_row:' || kind as rule,
                {{ one }} as identifier_key,
                {{ other }} as linked_key
            from sightings
            where {{ one }} <> {{ other }}
            union all
        {%- endfor %}
    {%- endfor %}
    select
        'customer_links' as rule,
        identifier_key,
        linked_key
    from customer_links
    where identifier_key <> linked_key
),

final as (
    select distinct
        linked_keys.rule,
        least(identifiers.identifier_number, partners.identifier_number) as identifier_number,
        greatest(identifiers.identifier_number, partners.identifier_number) as linked_number
    from linked_keys
    inner join identifiers on linked_keys.identifier_key = identifiers.identifier_key
    inner join identifiers as partners on linked_keys.linked_key = partners.identifier_key
)

select * from final
