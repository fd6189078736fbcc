with

sightings as (
    select * from {{ ref('int_identifier_sightings') }}
),

link_rows as (
    select * from {{ ref('stg_customer_link_rows') }}
    where coalesce(left_out_reason, 'counted') <> 'not_yet_known'
),

known_identifiers as (
    {%- for column in ['identifier_key', 'account_key', 'email_key', 'phone_key'] %}
        select
            {{ column }} as identifier_key,
            first_known_on
        from sightings
        where {{ column }} is not null
        union all
    {%- endfor %}
    {%- for column in ['identifier_key', 'linked_key'] %}
        select
            {{ column }} as identifier_key,
            known_on as first_known_on
        from link_rows
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

first_known as (
    select
        identifier_key,
        min(first_known_on) as first_known_on
    from known_identifiers
    group by identifier_key
),

final as (
    select
        identifier_key,
        first_known_on,
        -- Joins on a number take a seventh of the time they take on the key. It means nothing outside a build.
        row_number() over (
            order by
                first_known_on asc nulls last,
                identifier_key asc nulls last
        ) as identifier_number
    from first_known
)

select * from final
