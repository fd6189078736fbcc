with

answers as (
    select * from {{ ref('int_scored_answers') }}
    where nps_class is not null
),

responses as (
    select * from {{ ref('int_survey_responses') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

settings as (
    select multiple_responses_policy from {{ source('context', 'settings') }}
),

-- An answer of an unknown customer is its own unit.
ranked_answers as (
    select
        calendar.period_grain,
        calendar.period_start_date,
        answers.survey,
        answers.response_key,
        answers.nps_class,
        row_number() over (
            partition by
                answers.survey,
                calendar.period_grain,
                calendar.period_start_date,
                coalesce(responses.customer_key, responses.response_key)
            order by
                {{ counted_first('responses', 'settings.multiple_responses_policy') }},
                answers.question desc nulls last
        ) as place
    from answers
    inner join responses on answers.response_key = responses.response_key
    inner join calendar on responses.responded_date = calendar.day_date
    cross join settings
),

final as (
    select
        period_grain,
        period_start_date,
        survey,
        response_key,
        nps_class
    from ranked_answers
    where place = 1
)

select * from final
