with

single_units as (
    select * from {{ ref('int_single_units') }}
),

several_units as (
    select * from {{ ref('int_several_units') }}
),

items as (
    select * from {{ ref('int_items') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

units as (
    select * from single_units
    union all
    select * from several_units
),

units_by_base as (
    select
        item_number,
        period_key,
        segment_name,
        segment_value,
        'answered' as base,
        unit_count,
        overlap_count
    from units
    union all
    select
        units.item_number,
        units.period_key,
        units.segment_name,
        units.segment_value,
        'complete' as base,
        units.complete_unit_count as unit_count,
        units.complete_overlap_count as overlap_count
    from units
    inner join items on units.item_number = items.item_number
    where items.item = 'all'
),

final as (
    select
        items.survey,
        items.item,
        periods.period_grain,
        periods.period_start_date,
        units.segment_name,
        units.segment_value,
        units.base,
        cast(sum(units.unit_count) as bigint) as unit_count,
        cast(sum(units.overlap_count) as bigint) as overlap_count
    from units_by_base as units
    inner join items on units.item_number = items.item_number
    inner join periods on units.period_key = periods.period_key
    group by
        items.survey,
        items.item,
        periods.period_grain,
        periods.period_start_date,
        units.segment_name,
        units.segment_value,
        units.base
)

select * from final
