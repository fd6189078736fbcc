with

answers as (
    select * from {{ ref('int_scored_answers') }}
),

questions as (
    select * from {{ source('context', 'questions') }}
),

-- Recommendation serves as the third item where a survey does not ask for the willingness to recommend.
items_by_survey as (
    select
        survey,
        case
            when bool_or(construct = 'willingness_to_recommend') then 'willingness_to_recommend'
            when bool_or(construct = 'recommend') then 'recommend'
        end as third_construct
    from questions
    group by survey
    having
        bool_or(construct = 'overall_satisfaction')
        and bool_or(construct = 'repurchase')
        and bool_or(construct in ('willingness_to_recommend', 'recommend'))
),

levels_by_item as (
    select
        answers.response_key,
        answers.survey,
        coalesce(
            max(case when answers.construct = 'overall_satisfaction' then answers.sci_level end), 0
        ) as satisfaction_level,
        coalesce(
            max(case when answers.construct = 'repurchase' then answers.sci_level end), 0
        ) as repurchase_level,
        coalesce(
            max(case when answers.construct = items_by_survey.third_construct then answers.sci_level end), 0
        ) as recommend_level
    from answers
    inner join items_by_survey on answers.survey = items_by_survey.survey
    where
        answers.construct in ('overall_satisfaction', 'repurchase', items_by_survey.third_construct)
        and answers.sci_level is not null
    group by answers.response_key, answers.survey
),

-- The worst of the three decides; a missing one leaves the response without a class.
final as (
    select
        response_key,
        survey,
        satisfaction_level,
        repurchase_level,
        recommend_level,
        case least(satisfaction_level, repurchase_level, recommend_level)
            when 4 then 'secure'
            when 3 then 'favorable'
            when 2 then 'vulnerable'
            when 1 then 'at_risk'
        end as sci_class
    from levels_by_item
)

select * from final
