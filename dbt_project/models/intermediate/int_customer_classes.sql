with

responses as (
    select * from {{ ref('int_survey_responses') }}
    where customer_number is not null
),

answers as (
    select * from {{ ref('int_scored_answers') }}
    where nps_class is not null
),

sci_responses as (
    select * from {{ ref('int_sci_responses') }}
),

run as (
    select relationship_survey from {{ source('context', 'run') }}
),

last_responses as (
    select
        customer_number,
        max(responded_date) as last_responded_date
    from responses
    group by customer_number
),

ranked_nps_classes as (
    select
        responses.customer_number,
        answers.nps_class,
        row_number() over (
            partition by responses.customer_number
            order by
                responses.responded_at desc nulls last,
                responses.response_key desc nulls last,
                answers.question desc nulls last
        ) as recency
    from responses
    inner join run on responses.survey = run.relationship_survey
    inner join answers on responses.response_key = answers.response_key
),

ranked_sci_classes as (
    select
        responses.customer_number,
        sci_responses.sci_class,
        row_number() over (
            partition by responses.customer_number
            order by
                responses.responded_at desc nulls last,
                responses.response_key desc nulls last
        ) as recency
    from responses
    inner join run on responses.survey = run.relationship_survey
    inner join sci_responses on responses.response_key = sci_responses.response_key
    where sci_responses.sci_class is not null
),

final as (
    select
        last_responses.customer_number,
        last_responses.last_responded_date,
        ranked_nps_classes.nps_class,
        ranked_sci_classes.sci_class
    from last_responses
    left join ranked_nps_classes
        on
            last_responses.customer_number = ranked_nps_classes.customer_number
            and ranked_nps_classes.recency = 1
    left join ranked_sci_classes
        on
            last_responses.customer_number = ranked_sci_classes.customer_number
            and ranked_sci_classes.recency = 1
)

select * from final
