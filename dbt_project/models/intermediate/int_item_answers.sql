with

answers as (
    select * from {{ ref('int_scored_answers') }}
),

sci_responses as (
    select * from {{ ref('int_sci_responses') }}
),

responses as (
    select * from {{ ref('int_survey_responses') }}
),

response_combinations as (
    select * from {{ ref('int_response_combinations') }}
),

items as (
    select * from {{ ref('int_items') }}
),

settings as (
    select multiple_responses_policy from {{ source('context', 'settings') }}
),

scores as (
    select
        response_key,
        survey,
        question as item,
        score
    from answers
    where score is not null
    union all
    select
        response_key,
        survey,
        'all' as item,
        state as score
    from sci_responses
),

-- An answer of an unknown customer has no others beside it.
final as (
    select
        items.item_number,
        scores.response_key,
        scores.score,
        responses.customer_number,
        responses.responded_date,
        response_combinations.combination_number,
        lag(responses.responded_date) over (
            partition by
                items.item_number,
                responses.customer_number,
                case when responses.customer_number is null then responses.response_key end
            order by {{ counted_first('responses', 'settings.multiple_responses_policy') }}
        ) as preferred_date
    from scores
    inner join items
        on
            scores.survey = items.survey
            and scores.item = items.item
    inner join responses on scores.response_key = responses.response_key
    inner join response_combinations on scores.response_key = response_combinations.response_key
    cross join settings
)

select * from final
