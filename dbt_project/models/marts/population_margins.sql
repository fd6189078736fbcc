with

spells as (
    select * from {{ ref('int_worth_spells') }}
),

value_deciles as (
    select * from {{ ref('int_value_deciles') }}
),

segments as (
    select * from {{ ref('int_customer_segments') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

-- Customers who became known at one moment, of one segment value, are counted first and spread over moments after.
known_spans as (
    select
        spells.first_moment_number,
        segments.segment_name,
        segments.segment_value,
        segments.valid_from_date,
        segments.valid_to_date,
        count(*) as customer_count
    from spells
    inner join segments on spells.customer_number = segments.customer_number
    where spells.is_first_spell
    group by
        spells.first_moment_number,
        segments.segment_name,
        segments.segment_value,
        segments.valid_from_date,
        segments.valid_to_date
),

margins as (
    select
        moments.moment_date,
        spans.segment_name,
        spans.segment_value,
        0 as value_decile,
        sum(spans.customer_count) as customer_count
    from known_spans as spans
    inner join periods as moments
        on
            spans.first_moment_number <= moments.period_number
            and spans.valid_from_date < moments.moment_date
            and spans.valid_to_date >= moments.moment_date
            and moments.period_grain = 'month'
    group by moments.moment_date, spans.segment_name, spans.segment_value
    union all
    select
        moments.moment_date,
        'all' as segment_name,
        'all' as segment_value,
        value_deciles.value_decile,
        sum(value_deciles.customer_count) as customer_count
    from value_deciles
    inner join periods as moments
        on
            value_deciles.moment_number = moments.period_number
            and moments.period_grain = 'month'
    group by moments.moment_date, value_deciles.value_decile
),

final as (
    select
        periods.period_grain,
        periods.period_start_date,
        margins.segment_name,
        margins.segment_value,
        margins.value_decile,
        cast(margins.customer_count as bigint) as customer_count
    from margins
    inner join periods on margins.moment_date = periods.moment_date
)

select * from final
