with

answers as (
    select * from {{ ref('int_scored_answers') }}
    where nps_class is not null
),

sci_responses as (
    select * from {{ ref('int_sci_responses') }}
    where sci_class is not null
),

responses as (
    select * from {{ ref('int_survey_responses') }}
    where customer_number is not null
),

-- Where a survey asks twice for a recommendation, the question whose id comes last tells.
ranked_nps_classes as (
    select
        response_key,
        nps_class,
        row_number() over (
            partition by response_key
            order by question desc nulls last
        ) as place
    from answers
),

classes as (
    select
        'nps' as metric,
        response_key,
        nps_class as class
    from ranked_nps_classes
    where place = 1
    union all
    select
        'sci' as metric,
        response_key,
        sci_class as class
    from sci_responses
),

final as (
    select
        classes.metric,
        responses.survey,
        responses.customer_number,
        responses.response_key,
        responses.responded_at,
        responses.responded_date,
        classes.class
    from classes
    inner join responses on classes.response_key = responses.response_key
)

select * from final
