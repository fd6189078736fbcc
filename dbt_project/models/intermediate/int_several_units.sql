with

unit_scores as (
    select * from {{ ref('int_unit_scores') }}
),

combinations as (
    select * from {{ ref('int_segment_combinations') }}
),

settings as (
    select multiple_responses_policy from {{ source('context', 'settings') }}
),

-- A customer counts once in a segment value, whatever the number of answers.
units as (
    select
        unit_scores.item_number,
        unit_scores.period_key,
        unit_scores.customer_number,
        combinations.segment_name,
        combinations.segment_value,
        max(case when unit_scores.score > 0 then 1 else 0 end) as is_complete
    from unit_scores
    cross join settings
    inner join combinations on unit_scores.combination_number = combinations.combination_number
    where
        {{ counts_all('settings.multiple_responses_policy') }}
        and unit_scores.customer_number is not null
    group by
        unit_scores.item_number,
        unit_scores.period_key,
        unit_scores.customer_number,
        combinations.segment_name,
        combinations.segment_value
),

final as (
    select
        units.item_number,
        units.period_key,
        units.segment_name,
        units.segment_value,
        count(*) as unit_count,
        count(units_before.customer_number) as overlap_count,
        sum(units.is_complete) as complete_unit_count,
        sum(units.is_complete * coalesce(units_before.is_complete, 0)) as complete_overlap_count
    from units
    left join units as units_before
        on
            units.item_number = units_before.item_number
            and units.period_key = units_before.period_key + 1
            and units.customer_number = units_before.customer_number
            and units.segment_name = units_before.segment_name
            and units.segment_value = units_before.segment_value
    group by
        units.item_number,
        units.period_key,
        units.segment_name,
        units.segment_value
)

select * from final
