with

unit_scores as (
    select * from {{ ref('int_unit_scores') }}
),

pairs as (
    select * from {{ ref('int_score_pairs') }}
),

combinations as (
    select * from {{ ref('int_segment_combinations') }}
),

settings as (
    select multiple_responses_policy from {{ source('context', 'settings') }}
),

-- An answer that has no other beside it is a unit of its own, and its pair with the period before an overlap.
answers as (
    select
        unit_scores.item_number,
        unit_scores.period_key,
        unit_scores.combination_number,
        unit_scores.combination_number as other_combination_number,
        case when unit_scores.score > 0 then 1 else 0 end as is_complete,
        count(*) as unit_count,
        0 as overlap_count
    from unit_scores
    cross join settings
    where
        not {{ counts_all('settings.multiple_responses_policy') }}
        or unit_scores.customer_number is null
    group by
        unit_scores.item_number,
        unit_scores.period_key,
        unit_scores.combination_number,
        case when unit_scores.score > 0 then 1 else 0 end
),

overlapping as (
    select
        pairs.item_number,
        pairs.period_key,
        pairs.combination_number,
        pairs.other_combination_number,
        case when least(pairs.score, pairs.other_score) > 0 then 1 else 0 end as is_complete,
        0 as unit_count,
        cast(pairs.weight_product_sum as bigint) as overlap_count
    from pairs
    cross join settings
    where
        pairs.lag = 'before'
        and not {{ counts_all('settings.multiple_responses_policy') }}
),

units as (
    select * from answers
    union all
    select * from overlapping
),

final as (
    select
        units.item_number,
        units.period_key,
        combinations.segment_name,
        combinations.segment_value,
        sum(units.unit_count) as unit_count,
        sum(units.overlap_count) as overlap_count,
        sum(units.unit_count * units.is_complete) as complete_unit_count,
        sum(units.overlap_count * units.is_complete) as complete_overlap_count
    from units
    inner join combinations on units.combination_number = combinations.combination_number
    inner join combinations as other_combinations
        on
            units.other_combination_number = other_combinations.combination_number
            and combinations.segment_name = other_combinations.segment_name
            and combinations.segment_value = other_combinations.segment_value
    group by
        units.item_number,
        units.period_key,
        combinations.segment_name,
        combinations.segment_value
)

select * from final
