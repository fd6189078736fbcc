-- A period opens with whom the one before closed with, and all time closes with the customers active now.
with

closings as (
    select
        period_grain,
        period_start_date,
        opening_active_count,
        closing_active_count,
        lag(closing_active_count) over (
            partition by period_grain
            order by period_start_date asc nulls last
        ) as previous_closing_count
    from {{ ref('retention_counts') }}
    where segment_name = 'all'
),

customers as (
    select coalesce(sum(case when is_active then 1 else 0 end), 0) as active_count
    from {{ ref('customer_facts') }}
)

select
    period_grain,
    period_start_date,
    previous_closing_count as expected_count,
    opening_active_count as found_count
from closings
where previous_closing_count <> opening_active_count
union all
select
    closings.period_grain,
    closings.period_start_date,
    customers.active_count as expected_count,
    closings.closing_active_count as found_count
from closings
cross join customers
where
    closings.period_grain = 'all'
    and closings.closing_active_count <> customers.active_count
union all
select
    period_grain,
    period_start_date,
    opening_active_count as expected_count,
    retained_count + lost_count as found_count
from {{ ref('retention_counts') }}
where
    opening_active_count <> retained_count + lost_count
    or closing_active_count <> retained_count + new_count + reactivated_count
