with

answers as (
    select * from {{ ref('stg_survey_answers') }}
),

questions as (
    select * from {{ source('context', 'questions') }}
),

score_levels as (
    select * from {{ ref('score_levels') }}
),

-- Where low is good the scale is turned round before its levels are read.
turned_answers as (
    select
        answers.response_key,
        answers.question,
        answers.survey,
        questions.construct,
        questions.construct in (
            'recommend', 'overall_satisfaction', 'repurchase', 'willingness_to_recommend'
        ) as is_index_item,
        answers.score,
        answers.choice,
        answers.is_missing,
        questions.scale_low,
        questions.scale_high,
        case
            when questions.low_is_good then questions.scale_low + questions.scale_high - answers.score
            else answers.score
        end as goodness
    from answers
    inner join questions
        on
            answers.survey = questions.survey
            and answers.question = questions.question
),

final as (
    select
        answers.response_key,
        answers.question,
        answers.survey,
        answers.construct,
        answers.score,
        answers.choice,
        answers.is_missing,
        answers.scale_low,
        answers.scale_high,
        case when answers.is_index_item then score_levels.sci_level end as sci_level,
        -- Another scale than 0 to 10 is another metric.
        case
            when answers.construct <> 'recommend' or answers.scale_low <> 0 or answers.scale_high <> 10 then null
            when answers.goodness >= 9 then 'promoter'
            when answers.goodness >= 7 then 'passive'
            when answers.goodness >= 0 then 'detractor'
        end as nps_class
    from turned_answers as answers
    left join score_levels
        on
            answers.scale_low = score_levels.scale_low
            and answers.scale_high = score_levels.scale_high
            and answers.goodness = score_levels.score
)

select * from final
