with

answers as (
    select * from {{ ref('int_scored_answers') }}
),

scale_items as (
    select * from {{ ref('int_scale_items') }}
),

levels_by_item as (
    select
        answers.response_key,
        answers.survey,
        coalesce(max(case when scale_items.item_rank = 1 then answers.sci_level end), 0) as satisfaction_level,
        coalesce(max(case when scale_items.item_rank = 2 then answers.sci_level end), 0) as repurchase_level,
        coalesce(max(case when scale_items.item_rank = 3 then answers.sci_level end), 0) as recommend_level,
        count(*) as answered_count,
        min(answers.sci_level) as lowest_level
    from answers
    inner join scale_items
        on
            answers.survey = scale_items.survey
            and answers.question = scale_items.question
    where
        scale_items.scale_name = 'secure_customer_index'
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
        end as sci_class,
        case
            when answered_count = 3 then lowest_level
            when lowest_level = 1 then -1
            when lowest_level = 4 then -3
            else -2
        end as state
    from levels_by_item
)

select * from final
