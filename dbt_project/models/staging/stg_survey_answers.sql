with

answers as (
    select * from {{ source('raw', 'survey_answers') }}
),

responses as (
    select * from {{ ref('stg_survey_responses') }}
),

final as (
    select
        responses.response_key,
        responses.survey,
        answers.question,
        answers.score,
        coalesce(answers.choice, 'all') as choice,
        answers.is_missing
    from answers
    inner join responses
        on
            answers.extract = responses.survey
            and answers.file_id = responses.file_id
            and answers.line = responses.line
)

select * from final
