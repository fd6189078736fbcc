with

states as (
    select * from {{ ref('int_retention_states') }}
),

segments as (
    select * from {{ ref('int_customer_segments') }}
),

periods as (
    select * from {{ ref('int_periods') }}
    where is_complete
),

-- Customers of one state, span and segment value are many: they are counted first and spread over periods after.
counted_spans as (
    select
        states.period_grain,
        states.retention_state,
        states.first_period_number,
        states.last_period_number,
        segments.segment_name,
        segments.segment_value,
        segments.valid_from_date,
        segments.valid_to_date,
        count(*) as customer_count
    from states
    inner join segments on states.customer_number = segments.customer_number
    group by
        states.period_grain,
        states.retention_state,
        states.first_period_number,
        states.last_period_number,
        segments.segment_name,
        segments.segment_value,
        segments.valid_from_date,
        segments.valid_to_date
),

counted_states as (
    select
        periods.period_grain,
        periods.period_start_date,
        spans.segment_name,
        spans.segment_value,
        sum(case when spans.retention_state = 'retained' then spans.customer_count else 0 end) as retained_count,
        sum(case when spans.retention_state = 'lost' then spans.customer_count else 0 end) as lost_count,
        sum(case when spans.retention_state = 'new' then spans.customer_count else 0 end) as new_count,
        sum(case when spans.retention_state = 'reactivated' then spans.customer_count else 0 end) as reactivated_count,
        sum(case when spans.retention_state = 'new_and_lost' then spans.customer_count else 0 end) as new_and_lost_count
    from counted_spans as spans
    inner join periods
        on
            spans.period_grain = periods.period_grain
            and spans.first_period_number <= periods.period_number
            and spans.last_period_number >= periods.period_number
            and spans.valid_from_date <= periods.last_date
            and spans.valid_to_date > periods.last_date
    group by
        periods.period_grain,
        periods.period_start_date,
        spans.segment_name,
        spans.segment_value
),

final as (
    select
        period_grain,
        period_start_date,
        segment_name,
        segment_value,
        cast(retained_count + lost_count as bigint) as opening_active_count,
        cast(retained_count as bigint) as retained_count,
        cast(lost_count as bigint) as lost_count,
        cast(new_count as bigint) as new_count,
        cast(reactivated_count as bigint) as reactivated_count,
        cast(new_and_lost_count as bigint) as new_and_lost_count,
        cast(retained_count + new_count + reactivated_count as bigint) as closing_active_count
    from counted_states
)

select * from final
