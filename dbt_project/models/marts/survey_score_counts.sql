with

unit_scores as (
    select * from {{ ref('int_unit_scores') }}
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

counts_by_combination as (
    select
        item_number,
        period_key,
        combination_number,
        score,
        sum(answer_count) as answer_count,
        sum(weight) as weight_sum
    from unit_scores
    group by item_number, period_key, combination_number, score
),

counts_by_segment as (
    select
        counts.item_number,
        counts.period_key,
        combinations.segment_name,
        combinations.segment_value,
        counts.score,
        sum(counts.answer_count) as answer_count,
        sum(counts.weight_sum) as weight_sum
    from counts_by_combination as counts
    inner join combinations on counts.combination_number = combinations.combination_number
    group by
        counts.item_number,
        counts.period_key,
        combinations.segment_name,
        combinations.segment_value,
        counts.score
),

final as (
    select
        items.survey,
        items.item,
        items.construct,
        items.scale_low,
        items.scale_high,
        items.low_is_good,
        items.version,
        items.scale_name,
        periods.period_grain,
        periods.period_start_date,
        counts.segment_name,
        counts.segment_value,
        counts.score,
        cast(counts.answer_count as bigint) as answer_count,
        cast(counts.weight_sum as decimal(38, 9)) as weight_sum
    from counts_by_segment as counts
    inner join items on counts.item_number = items.item_number
    inner join periods on counts.period_key = periods.period_key
)

select * from final
