with

answers as (
    select * from {{ ref('int_item_answers') }}
),

sci_responses as (
    select * from {{ ref('int_sci_responses') }}
),

combinations as (
    select * from {{ ref('int_segment_combinations') }}
),

items as (
    select * from {{ ref('int_items') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

settings as (
    select multiple_responses_policy from {{ source('context', 'settings') }}
),

counted as (
    select
        sci_responses.survey,
        sci_responses.satisfaction_level,
        sci_responses.repurchase_level,
        sci_responses.recommend_level,
        calendar.period_grain,
        calendar.period_start_date,
        answers.customer_number,
        answers.combination_number
    from answers
    cross join settings
    inner join items on answers.item_number = items.item_number
    inner join sci_responses on answers.response_key = sci_responses.response_key
    inner join calendar on answers.responded_date = calendar.day_date
    where
        items.item = 'all'
        and (
            {{ counts_all('settings.multiple_responses_policy') }}
            or {{ is_preferred('answers.preferred_date', 'calendar') }}
        )
),

-- Only the mean of a customer's codes weighs a response by how many there are.
counts_by_customer as (
    select
        counted.survey,
        counted.period_grain,
        counted.period_start_date,
        counted.customer_number,
        count(*) as response_count
    from counted
    cross join settings
    where settings.multiple_responses_policy = 'mean_of_codes'
    group by counted.survey, counted.period_grain, counted.period_start_date, counted.customer_number
),

final as (
    select
        counted.survey,
        counted.period_grain,
        counted.period_start_date,
        combinations.segment_name,
        combinations.segment_value,
        counted.satisfaction_level,
        counted.repurchase_level,
        counted.recommend_level,
        count(*) as unit_count,
        cast(sum(cast(cast(1 as double) / coalesce(counts.response_count, 1) as decimal(18, 9))) as decimal(38, 9))
            as weight_sum
    from counted
    inner join combinations on counted.combination_number = combinations.combination_number
    left join counts_by_customer as counts
        on
            counted.survey = counts.survey
            and counted.period_grain = counts.period_grain
            and counted.period_start_date = counts.period_start_date
            and counted.customer_number = counts.customer_number
    group by
        counted.survey,
        counted.period_grain,
        counted.period_start_date,
        combinations.segment_name,
        combinations.segment_value,
        counted.satisfaction_level,
        counted.repurchase_level,
        counted.recommend_level
)

select * from final
