with

sci_responses as (
    select * from {{ ref('int_sci_responses') }}
),

responses as (
    select * from {{ ref('int_survey_responses') }}
),

calendar as (
    select * from {{ ref('int_calendar') }}
),

segments as (
    select * from {{ ref('int_response_segments') }}
),

settings as (
    select multiple_responses_policy from {{ source('context', 'settings') }}
),

ranked_responses as (
    select
        calendar.period_grain,
        calendar.period_start_date,
        sci_responses.*,
        row_number() over (
            partition by
                sci_responses.survey,
                calendar.period_grain,
                calendar.period_start_date,
                coalesce(responses.customer_key, responses.response_key)
            order by {{ counted_first('responses', 'settings.multiple_responses_policy') }}
        ) as place
    from sci_responses
    inner join responses on sci_responses.response_key = responses.response_key
    inner join calendar on responses.responded_date = calendar.day_date
    cross join settings
),

final as (
    select
        ranked_responses.survey,
        ranked_responses.period_grain,
        ranked_responses.period_start_date,
        segments.segment_name,
        segments.segment_value,
        ranked_responses.satisfaction_level,
        ranked_responses.repurchase_level,
        ranked_responses.recommend_level,
        count(*) as unit_count
    from ranked_responses
    inner join segments on ranked_responses.response_key = segments.response_key
    where ranked_responses.place = 1
    group by
        ranked_responses.survey,
        ranked_responses.period_grain,
        ranked_responses.period_start_date,
        segments.segment_name,
        segments.segment_value,
        ranked_responses.satisfaction_level,
        ranked_responses.repurchase_level,
        ranked_responses.recommend_level
)

select * from final
