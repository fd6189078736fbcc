-- Every score of a response that lies in a period counts, or another of its customer does: all answers of all time
-- where several count, else one of each customer.
with

answers as (
    select * from {{ ref('int_item_answers') }}
),

items as (
    select * from {{ ref('int_items') }}
),

settings as (
    select * from {{ source('context', 'settings') }}
),

expected as (
    select
        items.survey,
        items.item,
        case
            when {{ counts_all('settings.multiple_responses_policy') }} then count(*)
            else count(distinct answers.customer_number)
                + sum(case when answers.customer_number is null then 1 else 0 end)
        end as answer_count
    from answers
    inner join items on answers.item_number = items.item_number
    inner join {{ ref('int_calendar') }} as calendar
        on
            answers.responded_date = calendar.day_date
            and calendar.period_grain = 'all'
    cross join settings
    group by items.survey, items.item, settings.multiple_responses_policy
),

counted as (
    select
        survey,
        item,
        sum(answer_count) as answer_count
    from {{ ref('survey_score_counts') }}
    where
        period_grain = 'all'
        and segment_name = 'all'
    group by survey, item
)

select
    expected.survey,
    expected.item,
    expected.answer_count,
    counted.answer_count as counted_answer_count
from expected
left join counted
    on
        expected.survey = counted.survey
        and expected.item = counted.item
where
    counted.answer_count is null
    or counted.answer_count <> expected.answer_count
