with

answers as (
    select * from {{ ref('int_item_answers') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

settings as (
    select multiple_responses_policy from {{ source('context', 'settings') }}
),

-- One answer of each customer, who may be unknown.
single_answers as (
    select
        answers.item_number,
        calendar.period_key,
        answers.customer_number,
        answers.combination_number,
        answers.score,
        1 as answer_count,
        cast(1 as decimal(18, 9)) as weight
    from answers
    cross join settings
    inner join calendar
        on
            answers.responded_date = calendar.day_date
            and {{ is_preferred('answers.preferred_date', 'calendar') }}
    where
        not {{ counts_all('settings.multiple_responses_policy') }}
        or answers.customer_number is null
),

several_answers as (
    select
        answers.item_number,
        calendar.period_key,
        answers.customer_number,
        answers.combination_number,
        answers.score,
        settings.multiple_responses_policy,
        cast(count(*) as integer) as answer_count
    from answers
    cross join settings
    inner join calendar on answers.responded_date = calendar.day_date
    where
        {{ counts_all('settings.multiple_responses_policy') }}
        and answers.customer_number is not null
    group by
        answers.item_number,
        calendar.period_key,
        answers.customer_number,
        answers.combination_number,
        answers.score,
        settings.multiple_responses_policy
),

-- Only the mean of a customer's codes weighs an answer by how many there are.
shares as (
    select
        several_answers.*,
        case
            when several_answers.multiple_responses_policy = 'mean_of_codes'
                then
                    sum(several_answers.answer_count) over (
                        partition by
                            several_answers.item_number,
                            several_answers.period_key,
                            several_answers.customer_number
                    )
            else 1
        end as weighed_count
    from several_answers
),

final as (
    select * from single_answers
    union all
    select
        item_number,
        period_key,
        customer_number,
        combination_number,
        score,
        answer_count,
        cast(
            answer_count * cast(cast(1 as double) / weighed_count as decimal(18, 9)) as decimal(18, 9)
        ) as weight
    from shares
)

select * from final
