with

answers as (
    select * from {{ ref('int_scored_answers') }}
),

scale_items as (
    select * from {{ ref('int_scale_items') }}
),

responses as (
    select * from {{ ref('int_survey_responses') }}
),

settings as (
    select multiple_responses_policy from {{ source('context', 'settings') }}
),

-- What drivers are to explain is asked for in every response that counts; of another scale any item will do.
answered as (
    select
        answers.response_key,
        answers.survey,
        scale_items.scale_name
    from answers
    inner join scale_items
        on
            answers.survey = scale_items.survey
            and answers.question = scale_items.question
    where
        answers.score is not null
        and (scale_items.scale_name <> 'drivers' or scale_items.item_rank = 1)
    group by answers.response_key, answers.survey, scale_items.scale_name
),

patterns as (
    select
        answered.response_key,
        answered.survey,
        answered.scale_name,
        array_agg(
            case
                when scale_items.low_is_good then scale_items.scale_low + scale_items.scale_high - answers.score
                else answers.score
            end
            order by scale_items.item_rank asc nulls last
        ) as pattern
    from answered
    inner join scale_items
        on
            answered.survey = scale_items.survey
            and answered.scale_name = scale_items.scale_name
    left join answers
        on
            answered.response_key = answers.response_key
            and scale_items.question = answers.question
            and answers.score is not null
    group by answered.response_key, answered.survey, answered.scale_name
),

final as (
    select
        patterns.response_key,
        patterns.survey,
        patterns.scale_name,
        patterns.pattern,
        responses.responded_date,
        lag(responses.responded_date) over (
            partition by
                patterns.survey,
                patterns.scale_name,
                responses.customer_number,
                case when responses.customer_number is null then responses.response_key end
            order by {{ counted_first('responses', 'settings.multiple_responses_policy') }}
        ) as preferred_date
    from patterns
    inner join responses on patterns.response_key = responses.response_key
    cross join settings
)

select * from final
