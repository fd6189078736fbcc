with

pairs as (
    select * from {{ ref('int_score_pairs') }}
),

combinations as (
    select * from {{ ref('int_segment_combinations') }}
),

items as (
    select * from {{ ref('int_items') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

-- Both answers are of the segment value: a customer who has moved on is in neither, but in all.
pairs_by_segment as (
    select
        pairs.item_number,
        pairs.period_key,
        combinations.segment_name,
        combinations.segment_value,
        pairs.lag,
        pairs.score,
        pairs.other_score,
        sum(pairs.weight_product_sum) as weight_product_sum
    from pairs
    inner join combinations on pairs.combination_number = combinations.combination_number
    inner join combinations as other_combinations
        on
            pairs.other_combination_number = other_combinations.combination_number
            and combinations.segment_name = other_combinations.segment_name
            and combinations.segment_value = other_combinations.segment_value
    group by
        pairs.item_number,
        pairs.period_key,
        combinations.segment_name,
        combinations.segment_value,
        pairs.lag,
        pairs.score,
        pairs.other_score
),

final as (
    select
        items.survey,
        items.item,
        periods.period_grain,
        periods.period_start_date,
        pairs.segment_name,
        pairs.segment_value,
        pairs.lag,
        pairs.score,
        pairs.other_score,
        cast(pairs.weight_product_sum as decimal(38, 18)) as weight_product_sum
    from pairs_by_segment as pairs
    inner join items on pairs.item_number = items.item_number
    inner join periods on pairs.period_key = periods.period_key
)

select * from final
