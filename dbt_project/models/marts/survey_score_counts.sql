with

answers as (
    select * from {{ ref('int_counted_answers') }}
),

questions as (
    select * from {{ source('context', 'questions') }}
),

segments as (
    select * from {{ ref('int_response_segments') }}
),

counted as (
    select
        answers.survey,
        answers.question,
        answers.period_grain,
        answers.period_start_date,
        segments.segment_name,
        segments.segment_value,
        answers.score,
        count(*) as unit_count
    from answers
    inner join segments on answers.response_key = segments.response_key
    group by
        answers.survey,
        answers.question,
        answers.period_grain,
        answers.period_start_date,
        segments.segment_name,
        segments.segment_value,
        answers.score
),

final as (
    select
        counted.survey,
        counted.question,
        questions.construct,
        questions.scale_low,
        questions.scale_high,
        questions.low_is_good,
        counted.period_grain,
        counted.period_start_date,
        counted.segment_name,
        counted.segment_value,
        counted.score,
        counted.unit_count
    from counted
    inner join questions
        on
            counted.survey = questions.survey
            and counted.question = questions.question
)

select * from final
