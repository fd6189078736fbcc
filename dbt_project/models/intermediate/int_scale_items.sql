-- A view: a handful of rows.
{{ config(materialized='view') }}

with

questions as (
    select * from {{ source('context', 'questions') }}
),

asked_by_survey as (
    select
        survey,
        bool_or(construct = 'overall_satisfaction')
        and bool_or(construct = 'repurchase')
        and bool_or(construct in ('willingness_to_recommend', 'recommend')) as has_index,
        bool_or(construct = 'overall_satisfaction') and bool_or(construct = 'driver') as has_drivers,
        -- Recommendation serves as the third item where a survey does not ask for the willingness to recommend.
        case
            when bool_or(construct = 'willingness_to_recommend') then 'willingness_to_recommend'
            else 'recommend'
        end as third_construct
    from questions
    group by survey
),

-- The customer index is a scale like others, and so are drivers with the satisfaction that they are to explain.
items as (
    select
        survey,
        question,
        scale_name,
        1 as item_group
    from questions
    where construct = 'likert'
    union all
    select
        questions.survey,
        questions.question,
        'secure_customer_index' as scale_name,
        case questions.construct when 'overall_satisfaction' then 1 when 'repurchase' then 2 else 3 end as item_group
    from questions
    inner join asked_by_survey on questions.survey = asked_by_survey.survey
    where
        asked_by_survey.has_index
        and questions.construct in ('overall_satisfaction', 'repurchase', asked_by_survey.third_construct)
    union all
    select
        questions.survey,
        questions.question,
        'drivers' as scale_name,
        case questions.construct when 'overall_satisfaction' then 1 else 2 end as item_group
    from questions
    inner join asked_by_survey on questions.survey = asked_by_survey.survey
    where
        asked_by_survey.has_drivers
        and questions.construct in ('overall_satisfaction', 'driver')
),

final as (
    select
        items.survey,
        items.scale_name,
        items.question,
        cast(
            rank() over (
                partition by items.survey, items.scale_name
                order by items.item_group asc nulls last, items.question asc nulls last
            ) as integer
        ) as item_rank,
        questions.construct,
        questions.attribute,
        questions.scale_low,
        questions.scale_high,
        questions.low_is_good
    from items
    inner join questions
        on
            items.survey = questions.survey
            and items.question = questions.question
)

select * from final
