with

answers as (
    select * from {{ ref('int_scored_answers') }}
),

questions as (
    select * from {{ source('context', 'questions') }}
    where construct <> 'reason'
),

question_counts as (
    select
        survey,
        count(*) as question_count
    from questions
    group by survey
),

-- A word that stands for no answer leaves no question open; alone it makes no response valid.
answered as (
    select
        response_key,
        survey,
        count(distinct case when construct <> 'reason' then question end) as met_count
    from answers
    group by response_key, survey
    having bool_or(not is_missing)
),

final as (
    select
        answered.response_key,
        coalesce(answered.met_count = question_counts.question_count, true) as is_complete
    from answered
    left join question_counts on answered.survey = question_counts.survey
)

select * from final
