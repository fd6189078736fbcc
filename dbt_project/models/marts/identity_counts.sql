with

links as (
    select * from {{ ref('int_identifier_links') }}
),

hubs as (
    select * from {{ ref('int_identifier_hubs') }}
),

oversize as (
    select * from {{ ref('int_identifier_components') }}
    where is_oversize
),

customer_keys as (
    select * from {{ ref('int_customer_keys') }}
),

responses as (
    select * from {{ ref('int_survey_responses') }}
),

links_by_fate as (
    select
        case
            when hubs.identifier_number is null
                and linked_hubs.identifier_number is null
                and oversize.identifier_number is null
                then 'links'
            else 'cut_links'
        end as measure,
        links.rule
    from links
    left join hubs on links.identifier_number = hubs.identifier_number
    left join hubs as linked_hubs on links.linked_number = linked_hubs.identifier_number
    left join oversize on links.identifier_number = oversize.identifier_number
),

customers as (
    select
        customer_number,
        bool_or(is_beyond_surveys) as is_beyond_surveys,
        count(*) as identifier_count
    from customer_keys
    group by customer_number
),

responses_by_survey as (
    select
        responses.survey,
        count(*) as all_count,
        count(*) filter (where responses.customer_number is null) as without_identifier_count,
        count(*) filter (where not customers.is_beyond_surveys) as in_no_other_extract_count
    from responses
    left join customers on responses.customer_number = customers.customer_number
    group by responses.survey
),

final as (
    select
        measure,
        'all' as source,
        rule,
        count(*) as row_count
    from links_by_fate
    group by measure, rule
    {%- for rule, condition in [
        ('1_identifier', '= 1'), ('2_identifiers', '= 2'), ('3_or_more_identifiers', '>= 3')
    ] %}
        union all
        select
            'customers' as measure,
            'all' as source,
            '{{ rule }}' as rule,
            count(*) as row_count
        from customers
        where identifier_count {{ condition }}
    {%- endfor %}
    {%- for rule, cut in [('too_many_links', 'hubs'), ('too_large_customer', 'oversize')] %}
        union all
        select
            'cut_identifiers' as measure,
            'all' as source,
            '{{ rule }}' as rule,
            count(*) as row_count
        from {{ cut }}
    {%- endfor %}
    {%- for rule in ['all', 'without_identifier', 'in_no_other_extract'] %}
        union all
        select
            'responses' as measure,
            survey as source,
            '{{ rule }}' as rule,
            {{ rule }}_count as row_count
        from responses_by_survey
    {%- endfor %}
)

select * from final
