with

unit_scores as (
    select * from {{ ref('int_unit_scores') }}
),

settings as (
    select multiple_responses_policy from {{ source('context', 'settings') }}
),

of_known_customers as (
    select * from unit_scores
    where customer_number is not null
),

-- Where one answer of a customer counts, there is no other one beside it in the period.
of_several_answers as (
    select of_known_customers.*
    from of_known_customers
    cross join settings
    where {{ counts_all('settings.multiple_responses_policy') }}
),

final as (
    select
        item_number,
        period_key,
        'same' as lag,
        combination_number,
        combination_number as other_combination_number,
        score,
        score as other_score,
        sum(weight * weight) as weight_product_sum
    from unit_scores
    group by item_number, period_key, combination_number, score
    union all
    select
        scores.item_number,
        scores.period_key,
        'same' as lag,
        scores.combination_number,
        other_scores.combination_number as other_combination_number,
        scores.score,
        other_scores.score as other_score,
        sum(scores.weight * other_scores.weight) as weight_product_sum
    from of_several_answers as scores
    inner join of_several_answers as other_scores
        on
            scores.item_number = other_scores.item_number
            and scores.period_key = other_scores.period_key
            and scores.customer_number = other_scores.customer_number
    where scores.score <> other_scores.score or scores.combination_number <> other_scores.combination_number
    group by
        scores.item_number,
        scores.period_key,
        scores.combination_number,
        other_scores.combination_number,
        scores.score,
        other_scores.score
    union all
    select
        scores.item_number,
        scores.period_key,
        'before' as lag,
        scores.combination_number,
        other_scores.combination_number as other_combination_number,
        scores.score,
        other_scores.score as other_score,
        sum(scores.weight * other_scores.weight) as weight_product_sum
    from of_known_customers as scores
    inner join of_known_customers as other_scores
        on
            scores.item_number = other_scores.item_number
            and scores.period_key = other_scores.period_key + 1
            and scores.customer_number = other_scores.customer_number
    group by
        scores.item_number,
        scores.period_key,
        scores.combination_number,
        other_scores.combination_number,
        scores.score,
        other_scores.score
)

select * from final
