-- A view: only weighting_cell_counts reads it.
{{ config(materialized='view') }}

with

answers as (
    select * from {{ ref('int_scored_answers') }}
    where nps_class is not null
),

responses as (
    select * from {{ ref('int_survey_responses') }}
    where customer_number is not null
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

settings as (
    select multiple_responses_policy from {{ source('context', 'settings') }}
),

-- Margins count customers, so of each customer one answer is weighted; where all of them count, the latest.
ranked_answers as (
    select
        answers.survey,
        answers.question,
        calendar.period_grain,
        calendar.period_number,
        calendar.period_start_date,
        responses.customer_number,
        answers.nps_class,
        row_number() over (
            partition by
                answers.survey,
                answers.question,
                calendar.period_grain,
                calendar.period_start_date,
                responses.customer_number
            order by {{ counted_first('responses', 'settings.multiple_responses_policy') }}
        ) as place
    from answers
    inner join responses on answers.response_key = responses.response_key
    inner join calendar on responses.responded_date = calendar.day_date
    cross join settings
),

final as (
    select
        ranked_answers.survey,
        ranked_answers.question,
        ranked_answers.period_grain,
        ranked_answers.period_start_date,
        moments.period_number as moment_number,
        moments.moment_date,
        ranked_answers.customer_number,
        ranked_answers.nps_class
    from ranked_answers
    inner join periods
        on
            ranked_answers.period_grain = periods.period_grain
            and ranked_answers.period_number = periods.period_number
    inner join periods as moments
        on
            periods.moment_date = moments.moment_date
            and moments.period_grain = 'month'
    where ranked_answers.place = 1
)

select * from final
